#include "providers/rows/json_lines.h"

#include <fmt/format.h>

#include "base/json.h"
#include "operators/outcome.h"

namespace venturi::providers {

namespace {
constexpr std::size_t read_at_once = 64UL << 10U;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
}  // namespace

void JsonLinesReader::fail(const std::string& what) const {
  throw operators::TaskFailed(fmt::format("{}, line {}: {}", name_, line_, what));
}

bool JsonLinesReader::next_line(std::string_view& line) {
  std::size_t searched = position_;
  for (;;) {
    const auto feed = buffer_.find('\n', searched);
    if (feed != std::string::npos || at_end_) {
      const std::size_t end = feed == std::string::npos ? buffer_.size() : feed;
      if (end == position_ && feed == std::string::npos) return false;
      ++line_;
      line = std::string_view(buffer_).substr(position_, end - position_);
      position_ = feed == std::string::npos ? end : feed + 1;
      if (line_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
      if (line.size() > max_line_bytes) fail(fmt::format("it has more than {} bytes, the limit", max_line_bytes));
      return true;
    }
    buffer_.erase(0, position_);
    position_ = 0;
    searched = buffer_.size();
    if (searched > max_line_bytes) {
      ++line_;
      fail(fmt::format("it has more than {} bytes, the limit", max_line_bytes));
    }
    buffer_.resize(searched + read_at_once);
    const std::size_t n = source_(buffer_.data() + searched, read_at_once);
    buffer_.resize(searched + n);
    at_end_ = n == 0;
  }
}

bool JsonLinesReader::next() {
  std::string_view line;
  do {
    if (!next_line(line)) return false;
  } while (line.find_first_not_of(" \t\r") == std::string_view::npos);
  auto parsed = parse_json(line);
  if (!parsed) {
    // "this is no JSON: line 1, column 3: ..."; each line is a text of its own there.
    std::string why = parsed.error().what;
    if (const std::size_t place = why.find("column "); place != std::string::npos) why.erase(0, place);
    fail("that is no JSON: " + why);
  }
  if (!parsed->is_object()) fail(fmt::format("each line has to be a JSON object, this is {}", parsed->type_name()));
  object_ = *std::move(parsed);
  return true;
}

}  // namespace venturi::providers
