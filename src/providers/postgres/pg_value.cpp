#include "providers/postgres/pg_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "venturi/time.h"

namespace venturi::providers {
namespace {

// Fixed numbers of types (catalog/pg_type.dat), with those of their arrays.
enum class Kind : std::uint8_t { boolean, integer, real, numeric, date, timestamp, timestamptz, bytea, json, text };
struct TypeRow {
  Oid type, array;
  Kind kind;
};
constexpr std::array<TypeRow, 24> known_types = {{
    {16, 1000, Kind::boolean},       {20, 1016, Kind::integer},     {21, 1005, Kind::integer}, {23, 1007, Kind::integer},
    {26, 1028, Kind::integer},       {700, 1021, Kind::real},       {701, 1022, Kind::real},   {1700, 1231, Kind::numeric},
    {1082, 1182, Kind::date},        {1114, 1115, Kind::timestamp}, {17, 1001, Kind::bytea},   {114, 199, Kind::json},
    {1184, 1185, Kind::timestamptz}, {3802, 3807, Kind::json},      {25, 1009, Kind::text},    {1043, 1015, Kind::text},
    {1042, 1014, Kind::text},        {18, 1002, Kind::text},        {19, 1003, Kind::text},    {2950, 2951, Kind::text},
    {1186, 1187, Kind::text},        {1083, 1183, Kind::text},      {869, 1041, Kind::text},   {1266, 1270, Kind::text},
}};

constexpr std::size_t largest_json = 1UL << 20U;  // reading more would hold the loop up

template <class Number>
std::optional<Number> read(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value real_value(std::string_view text) {
  const auto number = read<double>(text);
  if (!number || !std::isfinite(*number)) return text;
  return *number;
}

Value numeric_value(std::string_view text) {
  const std::size_t point = text.find('.');
  // 12.00 is 12: what a column's scale adds makes no fraction.
  if (point != std::string_view::npos && text.find_first_not_of('0', point + 1) != std::string_view::npos)
    return real_value(text);
  if (const auto whole = read<std::int64_t>(text.substr(0, point))) return static_cast<long long>(*whole);
  return text;
}

// "2026-01-31 10:20:30.25+02": as Python writes it, with six digits of fraction and minutes of the offset.
std::string python_timestamp(std::string_view text, char between) {
  const std::size_t zone = std::min(text.find_first_of("+-", 11), text.size());
  std::string local(text.substr(0, zone)), offset(text.substr(zone));
  if (local.size() > 10 && local[10] == ' ') local[10] = between;
  if (const std::size_t point = local.find('.'); point != std::string::npos)
    local.append(7 - std::min<std::size_t>(7, local.size() - point), '0');
  if (offset.size() == 3) offset += ":00";
  return local + offset;
}

// Neither "infinity" nor a year before Christ or of five digits.
bool is_usual(std::string_view timestamp) {
  return timestamp.size() >= 19 && is_digit(timestamp.front()) && timestamp[4] == '-' && timestamp[10] == ' ' &&
         !timestamp.ends_with("BC");
}

Value timestamp_value(std::string_view text, bool has_zone, TimeText times) {
  if (!is_usual(text)) return text;
  if (times == TimeText::python) return python_timestamp(text, ' ');
  if (has_zone) {
    if (const auto time = parse_time(text)) return format_time(*time);
  }
  return python_timestamp(text, 'T');
}

Value json_value(std::string_view text) {
  if (text.size() > largest_json) return text;
  auto parsed = parse_json(text);
  return parsed ? *std::move(parsed) : Value(text);
}

// The server's older form of bytea, "a\000b\\", as the newer one.
std::string hex_bytes(std::string_view text) {
  if (text.starts_with("\\x")) return std::string(text);
  std::string hex = "\\x";
  const auto add = [&hex](unsigned byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[byte >> 4U & 0xfU];
    hex += digits[byte & 0xfU];
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      add(static_cast<unsigned char>(text[i]));
    } else if (text[i + 1] == '\\') {
      add('\\');
      ++i;
    } else if (i + 3 < text.size()) {
      add(static_cast<unsigned>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')));
      i += 3;
    }
  }
  return hex;
}

Value scalar(Kind kind, std::string_view text, TimeText times) {
  switch (kind) {
    case Kind::boolean:
      return text == "t";
    case Kind::integer:
      if (const auto number = read<std::int64_t>(text)) return static_cast<long long>(*number);
      return text;
    case Kind::real:
      return real_value(text);
    case Kind::numeric:
      return numeric_value(text);
    case Kind::timestamp:
    case Kind::timestamptz:
      return timestamp_value(text, kind == Kind::timestamptz, times);
    case Kind::bytea:
      return hex_bytes(text);
    case Kind::json:
      return json_value(text);
    case Kind::date:
    case Kind::text:
      break;
  }
  return text;
}

// postgresql.org/docs/15/arrays.html#ARRAYS-IO: {1,NULL,"a \"b\""}, {{1,2},{3,4}}, [0:1]={7,8}
class ArrayReader {
 public:
  ArrayReader(Kind kind, std::string_view text, TimeText times) : kind_(kind), rest_(text), times_(times) {}

  // Nothing where it is written otherwise.
  std::optional<Array> read() {
    if (rest_.starts_with('[')) rest_.remove_prefix(std::min(rest_.find('='), rest_.size() - 1) + 1);
    auto list = read_list();
    return rest_.empty() ? std::move(list) : std::nullopt;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<Array> read_list() {
    if (!take('{')) return std::nullopt;
    Array list;
    if (take('}')) return list;
    do {
      if (rest_.starts_with('{')) {
        auto inner = read_list();
        if (!inner) return std::nullopt;
        list.emplace_back(*std::move(inner));
      } else {
        list.push_back(read_element());
      }
    } while (take(','));
    if (!take('}')) return std::nullopt;
    return list;
  }
  Value read_element() {
    std::string text;
    const bool quoted = take('"');
    while (!rest_.empty() && (quoted ? rest_.front() != '"' : rest_.front() != ',' && rest_.front() != '}')) {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    if (quoted) (void)take('"');
    if (!quoted && text == "NULL") return {};
    return scalar(kind_, text, times_);
  }

  Kind kind_;
  std::string_view rest_;
  TimeText times_;
};

}  // namespace

Value pg_value(Oid type, std::string_view text, TimeText times) {
  for (const TypeRow& row : known_types) {
    if (row.type == type) return scalar(row.kind, text, times);
    if (row.array != type) continue;
    if (auto list = ArrayReader(row.kind, text, times).read()) return *std::move(list);
  }
  return text;
}

}  // namespace venturi::providers
