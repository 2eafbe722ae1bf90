#include "providers/rows/csv_style.h"

#include <algorithm>

#include "operators/outcome.h"
#include "providers/rows/csv_input.h"

namespace venturi::providers {

CsvStyle::CsvStyle(const operators::Arguments& arguments)
    : null_(arguments.string("null_text")), delimiter_(delimiter_of(arguments)) {
  if (null_.find_first_of("\r\n\"") != std::string::npos || null_.find(delimiter_) != std::string::npos)
    throw operators::TaskFailedForGood("the argument null_text must have no quote, no line break and no delimiter in it");
  for (const char c : {'"', '\r', '\n', delimiter_}) is_special_[static_cast<unsigned char>(c)] = true;
}

bool CsvStyle::numbers_are_plain() const {
  constexpr std::string_view usual = ",;|\t ";
  return null_.empty() && usual.find(delimiter_) != std::string_view::npos;
}

void CsvStyle::append(std::string& line, std::string_view text) const {
  const bool special = std::ranges::any_of(text, [this](char c) { return is_special_[static_cast<unsigned char>(c)]; });
  if (!special && !text.empty() && text != null_) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace venturi::providers
