#pragma once

#include <span>

namespace venturi::cli {

// `words` as in argv, without the program's name. Returns the exit code; errors are on stderr.
[[nodiscard]] int run(std::span<const char* const> words);

}  // namespace venturi::cli
