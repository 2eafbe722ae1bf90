// The commit that this program was built from. Its source is made by cmake/commit.cmake.
#pragma once

#include <string_view>

namespace venturi::cli {

// Twelve letters, with -dirty where files were changed; empty where nobody knows.
[[nodiscard]] std::string_view commit();

}  // namespace venturi::cli
