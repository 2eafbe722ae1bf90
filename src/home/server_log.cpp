#include "home/server_log.h"

#include <exception>
#include <string>

#include "base/log.h"

namespace venturi {

void set_up_log(const Config& config, const std::filesystem::path& home) {
  set_log_level(config.text("logging.level"));
  const std::string& file = config.text("logging.file");
  const auto bytes = static_cast<std::size_t>(config.integer("logging.max_file_mib")) << 20U;
  try {
    set_log_file(file.empty() ? "" : (home / file).lexically_normal().string(), bytes,
                 static_cast<std::size_t>(config.integer("logging.max_files")));
  } catch (const std::exception& e) {
    log_error("the log cannot go into the file that [logging] file names: " + std::string(e.what()));
  }
}

}  // namespace venturi
