// What a compiler printed, as far as it helps the one who wrote the file.
#pragma once

#include <string>
#include <string_view>

namespace venturi::lanes {

// From the first error on, without what merely led there, at most 40 lines, with hints (compile_hints.h); paths below
// `dags_folder` relative to it, those of the SDK as one includes them.
[[nodiscard]] std::string useful_compiler_lines(std::string_view output, std::string_view dags_folder,
                                                std::string_view sdk_include);

}  // namespace venturi::lanes
