#include "base/metrics_text.h"

#include <fmt/format.h>

#include <cmath>

namespace venturi {
namespace {

// Of help only backslash and line feed are escaped, of a label's value the quote too.
void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\' || (c == '"' && in_quotes))
      (out += '\\') += c;
    else
      out += c;
  }
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

void MetricsText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} ", name);
  append_escaped(text_, help, false);
  text_ += fmt::format("\n# TYPE {} {}\n", name, type);
}

void MetricsText::line(std::string_view suffix, double value, Labels labels) {
  text_ += name_;
  text_ += suffix;
  if (labels.size() > 0) {
    char before = '{';
    for (const auto& [label, content] : labels) {
      text_ += before;
      text_ += label;
      text_ += "=\"";
      append_escaped(text_, content, true);
      text_ += '"';
      before = ',';
    }
    text_ += '}';
  }
  text_ += ' ';
  text_ += number(value);
  text_ += '\n';
}

void MetricsText::sample(double value, Labels labels) {
  line("", value, labels);
}

void MetricsText::summary(double sum, double count, Labels labels) {
  line("_sum", sum, labels);
  line("_count", count, labels);
}

}  // namespace venturi
