#include <algorithm>
#include <vector>

#include "base/json.h"
#include "base/utf8.h"
#include "pages/task_pages.h"
#include "server/old_logs.h"

namespace venturi::pages {
namespace {

constexpr std::size_t lines_of_page = 500;
constexpr std::size_t most_read = std::size_t{16} << 20U;  // the end of what is longer
constexpr std::size_t longest_line = 8'000;
constexpr std::string_view cut_here = " … (the rest is in the file)";

// What every line of a task says of the task itself is no news here.
bool is_known_key(std::string_view key) {
  static constexpr std::string_view keys[] = {"timestamp", "level",  "event",    "logger", "error_detail",
                                              "ti_id",     "dag_id", "task_id",  "run_id", "try_number",
                                              "map_index", "ti",     "filename", "lineno"};
  return std::ranges::find(keys, key) != std::ranges::end(keys);
}

std::string stack_text(const Value& detail) {
  if (!detail.is_array()) return "\n" + to_json(detail);
  std::string out;
  for (const Value& exception : detail.as_array()) {
    out += "\n" + exception.get_string("exc_type") + ": " + exception.get_string("exc_value");
    const Value* frames = exception.get("frames");
    if (frames == nullptr || !frames->is_array()) continue;
    for (const Value& frame : frames->as_array())
      out += "\n  at " + frame.get_string("name") + " (" + frame.get_string("filename") + ":" +
             std::to_string(frame.get_int("lineno")) + ")";
  }
  return out;
}

Html log_row(const Moments& moments, std::string_view json) {
  const auto line = parse_json(json);
  if (!line || !line->is_object() || line->get("event") == nullptr)
    return html("<tr><td class=\"at\"></td><td class=\"level\"></td><td>{}</td></tr>\n",
                without_terminal_codes(shortened(json, longest_line, cut_here)));
  const auto at = parse_time(line->get_string("timestamp"));
  const std::string level = line->get_string("level", "info");
  const Value& event = line->at("event");
  std::string text = event.is_string() ? event.as_string() : to_json(event);
  for (const auto& [key, value] : line->as_object()) {
    if (!is_known_key(key)) text += " " + key + "=" + (value.is_string() ? value.as_string() : to_json(value));
  }
  if (const Value* detail = line->get("error_detail")) text += stack_text(*detail);
  const bool is_bad = level == "error" || level == "critical" || level == "exception";
  return html("<tr class=\"{}\"><td class=\"at\">{}</td><td class=\"level\">{}</td><td>{}</td></tr>\n",
              is_bad               ? "error-line"
              : level == "warning" ? "warning"
                                   : "",
              at ? moments.clock(*at) : "", level, without_terminal_codes(shortened(text, longest_line, cut_here)));
}

}  // namespace

std::string without_terminal_codes(std::string_view text) {
  constexpr char escape = '\x1B';
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != escape) {
      if (text[i] != '\r') out += text[i];
      continue;
    }
    if (i + 1 >= text.size()) break;
    if (text[i + 1] == '[') {  // ESC [ parameters, ended by a letter or another byte of @ to ~
      i += 2;
      while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
    } else if (text[i + 1] == ']') {  // ESC ] text, ended by BEL or ESC backslash
      i += 2;
      while (i < text.size() && text[i] != '\a' && text[i] != escape) ++i;
      if (i < text.size() && text[i] == escape) ++i;
    } else {
      ++i;
    }
  }
  return out;
}

Html log_of(const View& view, const std::filesystem::path& path, std::int64_t page, const std::string& link) {
  const auto log = server::read_log_end(path.string(), most_read);
  if (!log) return html("<p class=\"error\" role=\"alert\">{}</p>\n", log.error().text());
  if (!*log) return html("<p class=\"empty\">There is no log of this try.</p>\n");
  const std::string& content = (*log)->text;
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    lines.push_back(std::string_view(content).substr(at, end - at));
    at = end + 1;
  }
  if (lines.empty()) return html("<p class=\"empty\">The log is empty.</p>\n");
  const std::size_t pages = (lines.size() + lines_of_page - 1) / lines_of_page;
  const std::size_t shown = page < 1 ? pages - 1 : std::min(static_cast<std::size_t>(page - 1), pages - 1);
  Html out;
  if (content.size() < (*log)->size)
    out.add("<p class=\"soft\">The log has {} MiB: the last {} are shown.</p>", (*log)->size >> 20U, most_read >> 20U);
  out.add(
      "<div class=\"log\" tabindex=\"0\" role=\"region\" aria-label=\"Log\"><table><caption class=\"unseen\">Log "
      "lines</caption><thead class=\"unseen\"><tr><th scope=\"col\">Time in {}</th><th scope=\"col\">Level</th><th "
      "scope=\"col\">Event</th></tr></thead><tbody>\n",
      view.moments.zone());
  for (std::size_t i = shown * lines_of_page; i < std::min(lines.size(), (shown + 1) * lines_of_page); ++i)
    out.add(log_row(view.moments, lines[i]));
  out.add("</tbody></table></div>\n<p class=\"soft\">{} lines; times in {}", lines.size(), view.moments.zone());
  if (pages > 1) {
    out.add("; page {} of {}", shown + 1, pages);
    if (shown > 0)
      out.add(" <a href=\"{0}log_page=1#log\">first</a> <a href=\"{0}log_page={1}#log\">previous</a>", link, shown);
    if (shown + 1 < pages)
      out.add(" <a href=\"{0}log_page={1}#log\">next</a> <a href=\"{0}log_page={2}#log\">last</a>", link, shown + 2, pages);
  }
  return out.add("</p>\n");
}

}  // namespace venturi::pages
