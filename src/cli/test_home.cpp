#include "cli/test_home.h"

#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <system_error>
#include <utility>

#include "home/file_error.h"
#include "home/small_file.h"
#include "venturi/value.h"

namespace venturi::cli {

namespace fs = std::filesystem;

std::string test_settings(const Config& config) {
  std::string text;
  std::string_view section;
  for (std::size_t i = 0; i < std::size(config_keys); ++i) {
    const ConfigKey& key = config_keys[i];
    if (key.section == "database" || key.section == "logging") continue;
    if (key.section != section) text += (text.empty() ? "[" : "\n[") + std::string(section = key.section) + "]\n";
    std::string value = config.settings()[i].text;
    // Should this process be killed, the worker is not to wait long for another server.
    if (key.section == "worker" && key.key == "server_grace_s") value = "1";
    text += std::string(key.key) + " = ";
    if (key.type == ConfigType::text || key.type == ConfigType::path)
      append_json_string(text, value);  // TOML's escapes are JSON's
    else
      text += value;
    text += "\n";
  }
  return text;
}

Result<TestHome> TestHome::make(const OpenedHome& real) {
  const char* set = std::getenv("TMPDIR");
  std::string path = (fs::path(set != nullptr && *set == '/' ? set : "/tmp") / "venturi-test-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) return std::unexpected(file_error(errno, "cannot make the temporary home", path));
  auto home = open_home(path);
  std::error_code ignored;
  if (home && fs::is_directory(real.home.root / "plugins", ignored))
    fs::create_directory_symlink(fs::absolute(real.home.root / "plugins"), home->root / "plugins", ignored);
  if (home) {
    if (auto written = write_private_file(home->config_file(), test_settings(real.config)); !written)
      home = std::unexpected(std::move(written.error()));
  }
  constexpr const char* no_environment[] = {nullptr};  // what it sets is in the file already
  auto config = home ? Config::load(home->root, no_environment) : Result<Config>(std::unexpected(home.error()));
  if (config) return TestHome({std::move(*home), std::move(*config)});
  fs::remove_all(path, ignored);
  return std::unexpected(std::move(config.error()));
}

TestHome::TestHome(TestHome&& other) noexcept
    : opened_(std::move(other.opened_)), remove_(std::exchange(other.remove_, false)) {}

TestHome::~TestHome() {
  if (!remove_) return;
  std::error_code ignored;  // what stays behind lies in the folder of temporary files
  fs::remove_all(opened_.home.root, ignored);
}

}  // namespace venturi::cli
