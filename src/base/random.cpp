#include "base/random.h"

#include <openssl/rand.h>

#include <stdexcept>
#include <string_view>

namespace venturi {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("the system's random generator gave no bytes");
  }
  return bytes;
}

std::string random_password(std::size_t length) {
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  // Bytes from here on would make the first characters likelier than the others.
  constexpr std::size_t fair = 256 / characters.size() * characters.size();
  std::string password;
  while (password.size() < length) {
    for (const char byte : random_bytes(length)) {
      const auto value = static_cast<unsigned char>(byte);
      if (value < fair && password.size() < length) password += characters[value % characters.size()];
    }
  }
  return password;
}

}  // namespace venturi
