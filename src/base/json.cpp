#include "base/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace venturi {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t max_depth = 200;

// What the parser calls while it reads: values wait on a stack until the array or object around them ends.
class Handler {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  Value take() { return std::move(values_.back()); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    const auto first = values_.end() - static_cast<std::ptrdiff_t>(n);
    Array array(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
    values_.erase(first, values_.end());
    values_.emplace_back(std::move(array));
    return true;
  }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t n, error_code&) {
    std::vector<Object::Entry> entries;
    entries.reserve(n);
    const auto first = values_.end() - static_cast<std::ptrdiff_t>(n);
    const auto first_key = keys_.end() - static_cast<std::ptrdiff_t>(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      entries.emplace_back(std::move(first_key[at]), std::move(first[at]));
    }
    values_.erase(first, values_.end());
    keys_.erase(first_key, keys_.end());
    values_.emplace_back(Object::from_entries(std::move(entries)));
    return true;
  }

  bool on_key_part(json::string_view s, std::size_t, error_code&) {
    text_.append(s.data(), s.size());
    return true;
  }
  bool on_key(json::string_view s, std::size_t, error_code&) {
    text_.append(s.data(), s.size());
    keys_.push_back(std::exchange(text_, {}));
    return true;
  }
  bool on_string_part(json::string_view s, std::size_t, error_code&) {
    text_.append(s.data(), s.size());
    return true;
  }
  bool on_string(json::string_view s, std::size_t, error_code&) {
    text_.append(s.data(), s.size());
    values_.emplace_back(std::exchange(text_, {}));
    return true;
  }

  bool on_number_part(json::string_view s, error_code&) {
    text_.append(s.data(), s.size());
    return true;
  }
  bool on_int64(std::int64_t i, json::string_view, error_code&) {
    text_.clear();
    values_.emplace_back(static_cast<long long>(i));
    return true;
  }
  bool on_uint64(std::uint64_t, json::string_view s, error_code& ec) { return on_double(1, s, ec); }
  // Boost 1.81 computes `rough` with an error of some units in the last place, so the digits are read again.
  bool on_double(double rough, json::string_view s, error_code&) {
    text_.append(s.data(), s.size());
    double d = 0;
    if (std::from_chars(text_.data(), text_.data() + text_.size(), d).ec == std::errc::result_out_of_range) {
      d = std::copysign(std::fabs(rough) > 1 ? std::numeric_limits<double>::infinity() : 0.0, rough);  // as Python reads it
    }
    text_.clear();
    values_.emplace_back(d);
    return true;
  }
  bool on_bool(bool b, error_code&) {
    values_.emplace_back(b);
    return true;
  }
  bool on_null(error_code&) {
    values_.emplace_back(nullptr);
    return true;
  }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  std::vector<Value> values_;
  std::vector<std::string> keys_;
  std::string text_;  // parts of the string or number being read
};

// Columns count characters, as editors do.
std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::string_view in_line = before.substr(before.rfind('\n') + 1);
  const auto column = 1 + std::ranges::count_if(in_line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Without a part of the text: it may hold secrets.
std::string reason(const error_code& ec, std::string_view text, std::size_t offset) {
  if (ec == json::error::incomplete) return "the text ends too early";
  if (ec == json::error::extra_data) return "something follows the value";
  if (ec == json::error::too_deep) return "nested deeper than " + std::to_string(max_depth) + " levels";
  if (text.starts_with("\xEF\xBB\xBF")) return "the text begins with a byte order mark";
  if (ec == json::error::syntax && offset < text.size() && static_cast<unsigned char>(text[offset]) < 0x20) {
    return "a control character, which strings hold as an escape only";
  }
  return ec.message();
}

}  // namespace

Result<Value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<Handler> parser(options);
  error_code ec;
  std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size()) ec = json::error::extra_data;
  if (ec) return fail(ErrorKind::invalid, "this is no JSON: " + position(text, read) + ": " + reason(ec, text, read));
  return parser.handler().take();
}

}  // namespace venturi
