// SHA-1 (FIPS 180-4), for numbers that Airflow derives from it; nothing here is kept secret by it. Without OpenSSL, since DAG
// programs link none.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace venturi {

[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view text);

}  // namespace venturi
