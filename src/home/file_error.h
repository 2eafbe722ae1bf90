// Failed system calls on files as errors that say what to do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace venturi {

// `doing`: "cannot make the folder"; `code`: errno.
[[nodiscard]] Error file_error(int code, std::string_view doing, const std::filesystem::path& path);
// As one word of a shell command.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace venturi
