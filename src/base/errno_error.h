// The exception for a system call that failed: what() says which call on what. C++20: part of the SDK archive.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace venturi {

[[nodiscard]] inline std::system_error errno_error(const std::string& what) {
  return {errno, std::generic_category(), what};
}

}  // namespace venturi
