#include "providers/parquet/arrow_column.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "net/mime_encoding.h"

namespace venturi::providers {
namespace {

using Kind = ArrowColumn::Kind;
using Layout = ArrowColumn::Layout;

struct Simple {
  std::string_view format;
  Kind kind;
  Layout layout;
  std::string_view name;
};
constexpr Simple simple_types[] = {
    {"n", Kind::null, Layout::fixed, "null"},        {"b", Kind::boolean, Layout::fixed, "bool"},
    {"c", Kind::int8, Layout::fixed, "int8"},        {"s", Kind::int16, Layout::fixed, "int16"},
    {"i", Kind::int32, Layout::fixed, "int32"},      {"l", Kind::int64, Layout::fixed, "int64"},
    {"C", Kind::uint8, Layout::fixed, "uint8"},      {"S", Kind::uint16, Layout::fixed, "uint16"},
    {"I", Kind::uint32, Layout::fixed, "uint32"},    {"L", Kind::uint64, Layout::fixed, "uint64"},
    {"e", Kind::float16, Layout::fixed, "float16"},  {"f", Kind::float32, Layout::fixed, "float32"},
    {"g", Kind::float64, Layout::fixed, "float64"},  {"u", Kind::text, Layout::offsets32, "string"},
    {"U", Kind::text, Layout::offsets64, "string"},  {"vu", Kind::text, Layout::view, "string"},
    {"z", Kind::bytes, Layout::offsets32, "binary"}, {"Z", Kind::bytes, Layout::offsets64, "binary"},
    {"vz", Kind::bytes, Layout::view, "binary"},     {"tdD", Kind::date, Layout::fixed, "date"},
    {"tdm", Kind::date, Layout::fixed, "date"},      {"+l", Kind::list, Layout::offsets32, "list"},
    {"+L", Kind::list, Layout::offsets64, "list"},   {"+s", Kind::structure, Layout::fixed, "struct"},
    {"+m", Kind::list, Layout::offsets32, "map"},
};

std::int64_t per_second_of(char unit) {
  return unit == 's' ? 1 : unit == 'm' ? 1'000 : unit == 'u' ? 1'000'000 : 1'000'000'000;
}
std::string_view unit_name(char unit) {
  return unit == 's' ? "s" : unit == 'm' ? "ms" : unit == 'u' ? "us" : "ns";
}

// The numbers of "d:19,10,128".
std::vector<std::int32_t> numbers_of(std::string_view text) {
  std::vector<std::int32_t> numbers;
  while (!text.empty()) {
    std::int32_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    numbers.push_back(number);
    const auto end = static_cast<std::size_t>(read.ptr - text.data());
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return numbers;
}

void read_format(ArrowColumn& column, std::string_view format) {
  column.type_name = format;
  for (const Simple& simple : simple_types) {
    if (simple.format != format) continue;
    column.kind = simple.kind;
    column.layout = simple.layout;
    column.type_name = simple.name;
    if (format == "tdm") column.per_second = 1000;
    return;
  }
  if (format.starts_with("w:")) {
    column.kind = Kind::bytes;
    column.layout = Layout::fixed;
    column.width = numbers_of(format.substr(2)).front();
    column.type_name = "binary";
  } else if (format.starts_with("+w:")) {
    column.kind = Kind::fixed_list;
    column.width = numbers_of(format.substr(3)).front();
    column.type_name = "list";
  } else if (format.starts_with("d:")) {
    const auto numbers = numbers_of(format.substr(2));
    constexpr std::int32_t default_bits = 128, bits_of_a_byte = 8;
    column.kind = Kind::decimal;
    column.scale = numbers.size() > 1 ? numbers[1] : 0;
    column.width = (numbers.size() > 2 ? numbers[2] : default_bits) / bits_of_a_byte;
    column.type_name = fmt::format("decimal({}, {})", numbers.front(), column.scale);
  } else if (format.size() == 3 && format.starts_with("tt")) {
    column.kind = Kind::time;
    column.per_second = per_second_of(format[2]);
    column.width = format[2] == 's' || format[2] == 'm' ? 4 : 8;
    column.type_name = fmt::format("time[{}]", unit_name(format[2]));
  } else if (format.size() >= 4 && format.starts_with("ts")) {
    column.kind = Kind::timestamp;
    column.per_second = per_second_of(format[2]);
    column.has_zone = format.size() > 4;
    column.type_name = column.has_zone ? fmt::format("timestamp[{}, {}]", unit_name(format[2]), format.substr(4))
                                       : fmt::format("timestamp[{}]", unit_name(format[2]));
  }
}

template <class T>
T number_at(const ArrowArray& array, std::int64_t row) {
  return static_cast<const T*>(array.buffers[1])[array.offset + row];
}

std::int64_t integer_at(Kind kind, const ArrowArray& array, std::int64_t row) {
  switch (kind) {
    case Kind::int8:
      return number_at<std::int8_t>(array, row);
    case Kind::int16:
      return number_at<std::int16_t>(array, row);
    case Kind::int32:
      return number_at<std::int32_t>(array, row);
    case Kind::uint8:
      return number_at<std::uint8_t>(array, row);
    case Kind::uint16:
      return number_at<std::uint16_t>(array, row);
    case Kind::uint32:
      return number_at<std::uint32_t>(array, row);
    default:
      return number_at<std::int64_t>(array, row);
  }
}

bool is_set(const void* bits, std::int64_t place) {
  return (static_cast<const std::uint8_t*>(bits)[place >> 3U] >> (static_cast<unsigned>(place) & 7U) & 1U) != 0;
}

template <class T>
void append_integer(std::string& out, T number) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

// IEEE 754 half precision.
float half_at(const ArrowArray& array, std::int64_t row) {
  const auto half = number_at<std::uint16_t>(array, row);
  const unsigned exponent = half >> 10U & 0x1FU, fraction = half & 0x3FFU;
  float value = 0;
  if (exponent == 0)
    value = std::ldexp(static_cast<float>(fraction), -24);
  else if (exponent != 31)
    value = std::ldexp(static_cast<float>(fraction | 0x400U), static_cast<int>(exponent) - 25);
  else
    value = fraction == 0 ? INFINITY : NAN;
  return (half & 0x8000U) != 0 ? -value : value;
}

// As JSON has them (base/json_write.cpp), and what it does not have by the words that files of the run read.
template <class T>
void append_real(std::string& out, T real) {
  if (!std::isfinite(real)) {
    out += std::isnan(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity";
    return;
  }
  char text[32];
  // Most numbers are short: to_chars chooses this form itself then.
  const auto magnitude = std::fabs(real);
  if (real == 0 || (magnitude >= T(1e-4) && magnitude < T(1e16))) {
    const char* end = std::to_chars(text, text + sizeof text, real, std::chars_format::fixed).ptr;
    const std::string_view digits(text, static_cast<std::size_t>(end - text));
    out += digits;
    if (digits.find('.') == std::string_view::npos) out += ".0";
  } else {
    out.append(text, std::to_chars(text, text + sizeof text, real, std::chars_format::scientific).ptr);
  }
}

// Texts of a known length are put together here: millions of them are written.
class ShortText {
 public:
  void put(char c) { text_[size_++] = c; }
  void digits(std::uint64_t number, int digits) {
    for (int i = digits; i-- > 0; number /= 10) text_[size_ + i] = static_cast<char>('0' + number % 10);
    size_ += digits;
  }
  void integer(std::int64_t number) {
    size_ = static_cast<int>(std::to_chars(text_ + size_, text_ + sizeof text_, number).ptr - text_);
  }
  [[nodiscard]] std::string_view text() const { return {text_, static_cast<std::size_t>(size_)}; }

 private:
  char text_[64];
  int size_ = 0;
};

void append_digits(std::string& out, std::uint64_t number, int digits) {
  ShortText text;
  text.digits(number, digits);
  out += text.text();
}

// Days since 1970 in the calendar (proleptic Gregorian), by eras of 400 years that begin in March.
void put_date(ShortText& out, std::int64_t days) {
  const std::int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto day_of_era = static_cast<std::uint32_t>(shifted - era * 146097);
  const std::uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t moved_month = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * moved_month + 2) / 5 + 1;
  const std::uint32_t month = moved_month < 10 ? moved_month + 3 : moved_month - 9;
  const std::int64_t year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999)
    out.digits(static_cast<std::uint64_t>(year), 4);
  else
    out.integer(year);
  out.put('-');
  out.digits(month, 2);
  out.put('-');
  out.digits(day, 2);
}

// `fraction` of a second, in `per_second`: three, six or nine digits, none where there is none.
void put_clock(ShortText& out, std::int64_t seconds, std::int64_t fraction, std::int64_t per_second) {
  const auto of_day = static_cast<std::uint32_t>(seconds);
  out.digits(of_day / 3600, 2);
  out.put(':');
  out.digits(of_day / 60 % 60, 2);
  out.put(':');
  out.digits(of_day % 60, 2);
  if (fraction == 0) return;
  out.put('.');
  out.digits(static_cast<std::uint64_t>(fraction), per_second == 1'000 ? 3 : per_second == 1'000'000 ? 6 : 9);
}

struct FloorSplit {
  std::int64_t whole, rest;
};
// Towards the past: the rest is never negative.
FloorSplit floor_split(std::int64_t value, std::int64_t by) {
  std::int64_t whole = value / by, rest = value % by;
  if (rest < 0) {
    rest += by;
    --whole;
  }
  return {whole, rest};
}

void append_timestamp(std::string& out, std::int64_t value, std::int64_t per_second, bool has_zone) {
  constexpr std::int64_t seconds_of_a_day = 86400;
  const FloorSplit seconds = floor_split(value, per_second), days = floor_split(seconds.whole, seconds_of_a_day);
  ShortText text;
  put_date(text, days.whole);
  text.put('T');
  put_clock(text, days.rest, seconds.rest, per_second);
  if (has_zone) text.put('Z');
  out += text.text();
}

// Two's complement, the lowest byte first, of 4 to 32 bytes.
void append_decimal(std::string& out, const std::uint8_t* bytes, std::int32_t width, std::int32_t scale) {
  std::uint32_t words[8] = {};
  const bool negative = (bytes[width - 1] & 0x80U) != 0;
  const int count = width / 4;
  std::uint64_t carry = negative ? 1 : 0;
  for (int i = 0; i < count; ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + static_cast<std::ptrdiff_t>(i) * 4, 4);
    if (negative) word = ~word;
    carry += word;
    words[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32U;
  }
  constexpr std::uint32_t chunk = 1'000'000'000;  // nine digits at once, the lowest first
  std::uint32_t chunks[9];
  int chunk_count = 0;
  for (int top = count; top > 0;) {
    std::uint64_t rest = 0;
    for (int i = top; i-- > 0;) {
      rest = rest << 32U | words[i];
      words[i] = static_cast<std::uint32_t>(rest / chunk);
      rest %= chunk;
    }
    chunks[chunk_count++] = static_cast<std::uint32_t>(rest);
    while (top > 0 && words[top - 1] == 0) --top;
  }
  std::string digits;
  append_integer(digits, chunks[chunk_count - 1]);
  for (int i = chunk_count - 1; i-- > 0;) append_digits(digits, chunks[i], 9);
  if (negative) out += '-';
  if (scale <= 0) {
    out += digits;
    if (digits != "0") out.append(static_cast<std::size_t>(-scale), '0');
    return;
  }
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  out.append(digits, 0, digits.size() - places);
  out += '.';
  out.append(digits, digits.size() - places);
}

struct ItemRange {
  std::int64_t begin, end;
};
ItemRange items_of(const ArrowColumn& column, const ArrowArray& array, std::int64_t row) {
  const std::int64_t at = array.offset + row;
  if (column.kind == Kind::fixed_list) return {at * column.width, (at + 1) * column.width};
  if (column.layout == Layout::offsets64) {
    const auto* offsets = static_cast<const std::int64_t*>(array.buffers[1]);
    return {offsets[at], offsets[at + 1]};
  }
  const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]);
  return {offsets[at], offsets[at + 1]};
}

std::string text_of_cell(const ArrowColumn& column, const ArrowArray& array, std::int64_t row) {
  std::string text;
  append_text(text, column, array, row);
  return text;
}

}  // namespace

ArrowColumn arrow_column(const ArrowSchema& schema) {
  ArrowColumn column;
  column.name = schema.name == nullptr ? "" : schema.name;
  read_format(column, schema.format);
  for (std::int64_t i = 0; i < schema.n_children; ++i) column.items.push_back(arrow_column(*schema.children[i]));
  if (schema.dictionary != nullptr) column.dictionary = std::make_unique<ArrowColumn>(arrow_column(*schema.dictionary));
  return column;
}

std::string unreadable_part(const ArrowColumn& column) {
  if (column.kind == Kind::unknown) return column.type_name;
  for (const ArrowColumn& item : column.items) {
    if (std::string part = unreadable_part(item); !part.empty()) return part;
  }
  return column.dictionary ? unreadable_part(*column.dictionary) : std::string();
}

ColumnType column_type(const ArrowColumn& column) {
  const ArrowColumn& of = column.values();
  if (of.kind == Kind::boolean) return ColumnType::boolean;
  if (of.kind >= Kind::int8 && of.kind <= Kind::uint64) return ColumnType::int64;
  if (of.kind >= Kind::float16 && of.kind <= Kind::float64) return ColumnType::float64;
  return of.kind == Kind::timestamp ? ColumnType::timestamp : ColumnType::string;
}

bool is_null(const ArrowColumn& column, const ArrowArray& array, std::int64_t row) {
  if (column.kind == Kind::null) return true;
  if (array.null_count != 0 && array.n_buffers > 0 && array.buffers[0] != nullptr &&
      !is_set(array.buffers[0], array.offset + row))
    return true;
  // A dictionary may have a null of its own.
  return column.dictionary && is_null(*column.dictionary, *array.dictionary, integer_at(column.kind, array, row));
}

std::string_view text_view(const ArrowColumn& column, const ArrowArray& array, std::int64_t row) {
  const std::int64_t at = array.offset + row;
  if (column.layout == Layout::fixed)
    return {static_cast<const char*>(array.buffers[1]) + at * column.width, static_cast<std::size_t>(column.width)};
  if (column.layout == Layout::view) {
    // Length, then up to twelve bytes of it, or four of them, the number of a buffer and a place in that.
    const auto* view = static_cast<const std::int32_t*>(array.buffers[1]) + at * 4;
    const auto size = static_cast<std::size_t>(view[0]);
    constexpr std::size_t most_inline = 12;
    if (size <= most_inline) return {reinterpret_cast<const char*>(view + 1), size};
    return {static_cast<const char*>(array.buffers[2 + view[2]]) + view[3], size};
  }
  const ItemRange range = items_of(column, array, row);
  if (range.begin == range.end) return {};
  return {static_cast<const char*>(array.buffers[2]) + range.begin, static_cast<std::size_t>(range.end - range.begin)};
}

void append_text(std::string& out, const ArrowColumn& column, const ArrowArray& array, std::int64_t row) {
  if (column.dictionary) return append_text(out, *column.dictionary, *array.dictionary, integer_at(column.kind, array, row));
  switch (column.kind) {
    case Kind::boolean:
      out += is_set(array.buffers[1], array.offset + row) ? "true" : "false";
      return;
    case Kind::int8:
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
    case Kind::uint8:
    case Kind::uint16:
    case Kind::uint32:
      return append_integer(out, integer_at(column.kind, array, row));
    case Kind::uint64:
      return append_integer(out, number_at<std::uint64_t>(array, row));
    case Kind::float16:
      return append_real(out, half_at(array, row));
    case Kind::float32:
      return append_real(out, number_at<float>(array, row));
    case Kind::float64:
      return append_real(out, number_at<double>(array, row));
    case Kind::text:
      out += text_view(column, array, row);
      return;
    case Kind::bytes:
      out += net::base64(text_view(column, array, row));
      return;
    case Kind::decimal:
      return append_decimal(out, static_cast<const std::uint8_t*>(array.buffers[1]) + (array.offset + row) * column.width,
                            column.width, column.scale);
    case Kind::date: {
      ShortText text;
      put_date(text, column.per_second == 0 ? number_at<std::int32_t>(array, row)
                                            : floor_split(number_at<std::int64_t>(array, row), 86'400'000).whole);
      out += text.text();
      return;
    }
    case Kind::time: {
      const std::int64_t value = column.width == 4 ? number_at<std::int32_t>(array, row) : number_at<std::int64_t>(array, row);
      ShortText text;
      put_clock(text, value / column.per_second, value % column.per_second, column.per_second);
      out += text.text();
      return;
    }
    case Kind::timestamp:
      return append_timestamp(out, number_at<std::int64_t>(array, row), column.per_second, column.has_zone);
    case Kind::list:
    case Kind::fixed_list:
    case Kind::structure:
      return append_json(out, json_value(column, array, row));
    case Kind::null:
    case Kind::unknown:
      return;
  }
}

Value json_value(const ArrowColumn& column, const ArrowArray& array, std::int64_t row) {
  if (is_null(column, array, row)) return {};
  if (column.dictionary) return json_value(*column.dictionary, *array.dictionary, integer_at(column.kind, array, row));
  switch (column.kind) {
    case Kind::boolean:
      return is_set(array.buffers[1], array.offset + row);
    case Kind::int8:
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
    case Kind::uint8:
    case Kind::uint16:
    case Kind::uint32:
      return static_cast<long long>(integer_at(column.kind, array, row));
    case Kind::uint64: {
      const auto number = number_at<std::uint64_t>(array, row);
      return number <= INT64_MAX ? Value(static_cast<long long>(number)) : Value(std::to_string(number));
    }
    case Kind::float16:
    case Kind::float32:
    case Kind::float64: {
      std::string text = text_of_cell(column, array, row);
      double real = 0;
      // Of the digits: 0.1 as float32 is meant to be 0.1 as double, too.
      if (text.find_first_of("Ny") != std::string::npos) return text;
      std::from_chars(text.data(), text.data() + text.size(), real);
      return real;
    }
    case Kind::list:
    case Kind::fixed_list: {
      const ItemRange range = items_of(column, array, row);
      Array items;
      for (std::int64_t i = range.begin; i < range.end; ++i)
        items.push_back(json_value(column.items.front(), *array.children[0], i));
      return items;
    }
    case Kind::structure: {
      Object object;
      for (std::size_t i = 0; i < column.items.size(); ++i)
        object.add(column.items[i].name, json_value(column.items[i], *array.children[i], array.offset + row));
      return object;
    }
    default:
      return text_of_cell(column, array, row);
  }
}

}  // namespace venturi::providers
