#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/errno_error.h"
#include "base/fd.h"
#include "cli/yaml.h"

namespace venturi::cli {
namespace {

constexpr std::array formats{
    std::pair{std::string_view("table"), OutputFormat::table}, std::pair{std::string_view("json"), OutputFormat::json},
    std::pair{std::string_view("yaml"), OutputFormat::yaml}, std::pair{std::string_view("plain"), OutputFormat::plain}};

constexpr std::string_view no_rows = "No data found\n";  // Airflow's words

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) == 0x80) continue;
    const bool combining =
        (byte == 0xCC) || (byte == 0xCD && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xB0);
    if (!combining) ++columns;
  }
  return columns;
}

namespace {

std::string cell_text(const Value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "True" : "False";
  return to_json(value);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (begin < text.size() || lines.empty()) lines.push_back(text.substr(begin));
  return lines;
}

// Cells padded to their columns' widths, no blanks at the end of a line.
std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += between;
    out += cells[i];
    out.append(widths[i] - display_width(cells[i]), ' ');
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

std::string format_table(const Rows& rows, bool plain) {
  if (rows.rows.empty()) return std::string(no_rows);
  std::vector<std::size_t> widths;
  for (const std::string& column : rows.columns) widths.push_back(display_width(column));
  std::vector<std::vector<std::string>> lines;  // cells of one line each
  for (const auto& row : rows.rows) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (const Value& value : row) {
      cells.push_back(lines_of(printable(cell_text(value), !plain)));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t y = 0; y < height; ++y) {
      std::vector<std::string>& parts = lines.emplace_back();
      for (std::size_t x = 0; x < cells.size(); ++x) {
        parts.push_back(y < cells[x].size() ? cells[x][y] : std::string());
        widths[x] = std::max(widths[x], display_width(parts.back()));
      }
    }
  }
  const std::string_view between = plain ? "  " : " | ";
  std::string out = line(rows.columns, widths, between);
  if (!plain) {
    for (std::size_t x = 0; x < widths.size(); ++x) out += (x > 0 ? "=+=" : "") + std::string(widths[x], '=');
    out += "\n";
  }
  for (const auto& parts : lines) out += line(parts, widths, between);
  return out;
}

Value as_objects(const Rows& rows) {
  Array list;
  for (const auto& row : rows.rows) {
    Object object;
    for (std::size_t i = 0; i < row.size(); ++i) object.add(rows.columns[i], row[i]);
    list.emplace_back(std::move(object));
  }
  return list;
}

}  // namespace

OutputFormat output_format(std::string_view word) {
  const auto* found = std::ranges::find(formats, word, [](const auto& f) { return f.first; });
  if (found == formats.end()) throw std::logic_error("no output format " + std::string(word));
  return found->second;
}

std::string format_rows(const Rows& rows, OutputFormat format) {
  switch (format) {
    case OutputFormat::json:
      return to_json(as_objects(rows), 2) + "\n";
    case OutputFormat::yaml:
      return to_yaml(as_objects(rows));
    case OutputFormat::table:
    case OutputFormat::plain:
      break;
  }
  return format_table(rows, format == OutputFormat::plain);
}

std::string printable(std::string_view text, bool keep_line_feeds) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += keep_line_feeds ? "\n" : "\\n";
    } else if (c == '\t') {
      out += keep_line_feeds ? "    " : "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += "0123456789abcdef"[byte >> 4U];
      out += "0123456789abcdef"[byte & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

void print(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text)) throw errno_error("cannot write to stdout");
}

void print_note(std::string_view text) {
  // Whoever closed stderr does not want to hear it.
  (void)!write_all(STDERR_FILENO, std::string(text) + "\n");
}

}  // namespace venturi::cli
