// Text of a cell (CSV, PostgreSQL's text output) to a typed value. Nothing where the text is no such value: the caller keeps
// it as unreadable. Blanks around a value are passed over. C++20: part of the SDK archive.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace venturi {

namespace cell {
[[nodiscard]] std::optional<std::int64_t> parse_any_int64(std::string_view text);
[[nodiscard]] std::optional<double> parse_any_float64(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_any_timestamp(std::string_view text);

// The digits of a text, 4 <= size <= 8, as the last bytes of a word of '0's.
inline std::uint64_t right_aligned(const char* p, std::size_t size) {
  std::uint32_t first = 0, last = 0;
  std::memcpy(&first, p, 4);
  std::memcpy(&last, p + size - 4, 4);
  const std::uint64_t word = first | std::uint64_t{last} << (8 * (size - 4));
  const auto gap = 8 * (8 - size);
  return word << gap | (0x3030303030303030U & ((std::uint64_t{1} << gap) - 1));
}
constexpr bool are_digits(std::uint64_t word) {
  constexpr std::uint64_t high = 0xF0F0F0F0F0F0F0F0U;
  return ((word & high) | (((word + 0x0606060606060606U) & high) >> 4U)) == 0x3333333333333333U;
}
// Eight digits, the first in the lowest byte, by three multiplications (pairs, fours, eight).
constexpr std::uint64_t number_of(std::uint64_t digits) {
  std::uint64_t n = digits - 0x3030303030303030U;
  n = n * 10 + (n >> 8U);
  constexpr std::uint64_t pair = 0x000000FF000000FFU;
  return ((n & pair) * 0x000F424000000064U + ((n >> 16U) & pair) * 0x0000271000000001U) >> 32U;
}

inline constexpr int days_of_month[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
inline constexpr int days_before_month[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

// The number that each two adjacent digits make, in the byte of the first.
constexpr std::uint64_t pairs_of(std::uint64_t digits) {
  const std::uint64_t n = digits - 0x3030303030303030U;
  return n * 10 + (n >> 8U);
}
constexpr unsigned byte_of(std::uint64_t word, unsigned place) {
  return static_cast<unsigned>(word >> (8 * place)) & 0xffU;
}
}  // namespace cell

// The usual form of each is read inline: files have millions of them.

// Decimal digits with an optional sign, within 64 bits.
[[nodiscard]] inline std::optional<std::int64_t> parse_int64_cell(std::string_view text) {
  if (text.size() >= 4 && text.size() <= 8) {
    const std::uint64_t word = cell::right_aligned(text.data(), text.size());
    if (cell::are_digits(word)) return static_cast<std::int64_t>(cell::number_of(word));
    return cell::parse_any_int64(text);
  }
  if (text.empty() || text.size() > 18) return cell::parse_any_int64(text);
  std::int64_t value = 0;
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    if (digit > 9) return cell::parse_any_int64(text);
    value = value * 10 + digit;
  }
  return value;
}

// Decimal or scientific notation with '.', and NaN, Infinity, -Infinity; a number out of a double's range is none.
[[nodiscard]] inline std::optional<double> parse_float64_cell(std::string_view text) {
  if (text.size() < 4 || text.size() > 8) return cell::parse_any_float64(text);
  std::uint64_t word = cell::right_aligned(text.data(), text.size());
  const std::uint64_t others = word ^ 0x2E2E2E2E2E2E2E2EU;  // a zero byte for each point
  const std::uint64_t points = (others - 0x0101010101010101U) & ~others & 0x8080808080808080U;
  unsigned fraction = 0;
  if (points != 0) {
    // The first point is taken out: what is before it moves up. Another one is no digit.
    const auto bits = static_cast<unsigned>(std::countr_zero(points)) - 7;
    const std::uint64_t before = word & ((std::uint64_t{1} << bits) - 1);
    word = (word & ~(before | std::uint64_t{0xff} << bits)) | before << 8U | '0';
    fraction = 7 - bits / 8;
  }
  if (!cell::are_digits(word)) return cell::parse_any_float64(text);
  // Integer and power are exact as doubles, so one division rounds correctly.
  constexpr double powers_of_ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  return static_cast<double>(cell::number_of(word)) / powers_of_ten[fraction];
}

// true/false, t/f, yes/no, y/n, on/off, 1/0, in any case.
[[nodiscard]] std::optional<bool> parse_boolean_cell(std::string_view text);
// ISO 8601: a date, or date and time with 'T' or a blank, seconds and fraction optional, then Z, an offset or nothing (UTC).
// Microseconds since 1970 UTC; digits beyond microseconds are cut off.
[[nodiscard]] inline std::optional<std::int64_t> parse_timestamp_cell(std::string_view text) {
  // "2026-01-31 10:20:30": each word's separators are looked at apart from its digits.
  if (text.size() != 19) return cell::parse_any_timestamp(text);
  std::uint64_t date = 0, time = 0;
  std::uint32_t seconds = 0;
  std::memcpy(&date, text.data(), 8);
  std::memcpy(&time, text.data() + 8, 8);
  std::memcpy(&seconds, text.data() + 15, 4);
  constexpr std::uint64_t zero = '0', dash = '-', colon = ':', any = 0xff;
  constexpr std::uint64_t of_date = any << 32U | any << 56U, of_time = any << 16U | any << 40U, of_seconds = any << 8U;
  const std::uint64_t between = (time >> 16U) & any;
  const std::uint64_t date_digits = (date & ~of_date) | zero << 32U | zero << 56U,
                      time_digits = (time & ~of_time) | zero << 16U | zero << 40U,
                      second_digits = (seconds & ~of_seconds) | zero << 8U | 0x3030303000000000U;
  if ((date & of_date) != (dash << 32U | dash << 56U) || (between != ' ' && between != 'T') ||
      (time & of_time) != (between << 16U | colon << 40U) || (seconds & of_seconds) != colon << 8U ||
      !cell::are_digits(date_digits) || !cell::are_digits(time_digits) || !cell::are_digits(second_digits)) {
    return cell::parse_any_timestamp(text);
  }
  const std::uint64_t date_pairs = cell::pairs_of(date_digits), time_pairs = cell::pairs_of(time_digits);
  const unsigned century = cell::byte_of(date_pairs, 0), year = cell::byte_of(date_pairs, 2),
                 month = cell::byte_of(date_pairs, 5), day = cell::byte_of(time_pairs, 0), hour = cell::byte_of(time_pairs, 3),
                 minute = cell::byte_of(time_pairs, 6), second = cell::byte_of(cell::pairs_of(second_digits), 2);
  // What is not usual here, the 29th of February too, is looked at closely. Until 2099 every fourth year is a leap year.
  if ((century != 20 && (century != 19 || year < 70)) || month - 1 > 11 || day == 0 ||
      day > static_cast<unsigned>(cell::days_of_month[month]) || hour > 23 || minute > 59 || second > 59) {
    return cell::parse_any_timestamp(text);
  }
  const unsigned since_1970 = century * 100 + year - 1970;
  const unsigned leap_days = (since_1970 + 1) / 4 + (year % 4 == 0 && month > 2 ? 1 : 0);
  const std::int64_t days = std::int64_t{since_1970} * 365 + leap_days + cell::days_before_month[month] + day - 1;
  return (days * 86400 + std::int64_t{hour * 3600 + minute * 60 + second}) * 1'000'000;
}

}  // namespace venturi
