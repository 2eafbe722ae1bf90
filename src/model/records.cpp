// UUID version 7 (RFC 9562, section 5.7), filled without a random source:
//
//   48 bits  milliseconds since 1970
//    4       the version, 7
//   12       microseconds within the millisecond, in units of 1/4096 ms (section 6.2, method 3)
//    2       the variant, binary 10
//   32       the counter, so that ids of the same microsecond are in its order
//   30       bits of the salt, mixed
#include "model/records.h"

#include <algorithm>
#include <chrono>

namespace venturi {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::optional<std::uint8_t> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

// Whether a dash stands before the byte in the text form.
bool dash_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

// The finalizer of MurmurHash3: every bit of the salt has a part in the 30 that are kept.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 33U)) * 0xff51afd7ed558ccdU;
  x = (x ^ (x >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return x ^ (x >> 33U);
}

void put_big_endian(std::array<std::uint8_t, 16>& bytes, std::size_t at, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (56U - 8U * i));
}

}  // namespace

std::string Uuid::text() const {
  std::string s;
  s.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i)) s += '-';
    s += hex_digits[bytes[i] >> 4U];
    s += hex_digits[bytes[i] & 15U];
  }
  return s;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    const auto high = hex_value(text[at]), low = hex_value(text[at + 1]);
    if (!high || !low) return std::nullopt;
    uuid.bytes[i] = static_cast<std::uint8_t>(*high << 4U | *low);
    at += 2;
  }
  return uuid;
}

Uuid make_uuid7(Time t, std::uint64_t salt, std::uint64_t counter) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(t);
  const auto microseconds = static_cast<std::uint64_t>((t - milliseconds).count());
  // Before 1970 there is no version 7: such clocks are clamped, the rest keeps the id unique.
  const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(milliseconds.time_since_epoch().count(), 0));
  Uuid uuid;
  put_big_endian(uuid.bytes, 0, count << 16U | 0x7000U | microseconds * 4096U / 1000U);
  put_big_endian(uuid.bytes, 8, std::uint64_t{1} << 63U | (counter & 0xffffffffU) << 30U | mix(salt) >> 34U);
  return uuid;
}

}  // namespace venturi
