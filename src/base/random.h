// Bytes that nobody can guess.
#pragma once

#include <cstddef>
#include <string>

namespace venturi {

// From the operating system's generator through OpenSSL. Throws where it is not to be had: there is no weaker substitute.
[[nodiscard]] std::string random_bytes(std::size_t count);
// Letters and digits, each equally likely: 32 of them are 190 bits, and need no quoting anywhere.
[[nodiscard]] std::string random_password(std::size_t length = 32);

}  // namespace venturi
