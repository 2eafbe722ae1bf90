// Data of hooks that is too large for one message: it goes through a hidden file in the run's folder, which both the task and
// the operator host reach.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "venturi/context.h"

namespace venturi::inline sdk::internal {

inline constexpr std::size_t most_inline_data = 1UL << 20U;

// A name of its own in the run's folder; what is there under it is removed with it.
class PassedFile {
 public:
  explicit PassedFile(const Context& context);
  ~PassedFile();
  PassedFile(const PassedFile&) = delete;
  PassedFile& operator=(const PassedFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // Both throw std::system_error naming the file.
  void write(std::string_view data) const;
  [[nodiscard]] std::string read() const;

 private:
  std::string path_;
};

// An absolute path stays as it is; a name is one in the run's folder.
[[nodiscard]] std::string path_in_run(const Context& context, std::string_view name);

}  // namespace venturi::inline sdk::internal
