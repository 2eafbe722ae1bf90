// What can be told of a program file by its header.
#pragma once

#include <string>

namespace venturi::lanes {

// A 64-bit ELF program that is all there: linkers write the section table last, so a file that ends before it does is still
// being written or copied, or was cut off by a power failure.
[[nodiscard]] bool is_complete_program(const std::string& file);

}  // namespace venturi::lanes
