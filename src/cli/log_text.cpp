#include "cli/log_text.h"

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "cli/output.h"

namespace venturi::cli {
namespace {

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// As Airflow's logs have it: an array of {"exc_type", "exc_value", "frames": [{"filename", "lineno", "name"}], ...}.
std::string exception_text(const Value& detail) {
  if (!detail.is_array()) return "    " + to_json(detail) + "\n";
  std::string out;
  for (const Value& exception : detail.as_array()) {
    out += "    " + exception.get_string("exc_type") + ": " + exception.get_string("exc_value") + "\n";
    const Value* frames = exception.get("frames");
    if (frames == nullptr || !frames->is_array()) continue;
    for (const Value& frame : frames->as_array()) {
      out += "      at " + frame.get_string("name") + " (" + frame.get_string("filename") + ":" +
             std::to_string(frame.get_int("lineno")) + ")\n";
    }
  }
  return out;
}

// What every line of a task says of the task itself is no news to whoever asked for its log.
bool is_known(std::string_view key) {
  static constexpr std::string_view keys[] = {"timestamp", "level",  "event",    "logger", "error_detail",
                                              "ti_id",     "dag_id", "task_id",  "run_id", "try_number",
                                              "map_index", "ti",     "filename", "lineno"};
  return std::ranges::find(keys, key) != std::ranges::end(keys);
}

}  // namespace

std::string log_line_text(std::string_view json_line) {
  const auto line = parse_json(json_line);
  if (!line || !line->is_object() || line->get("event") == nullptr) return printable(json_line, false) + "\n";
  std::string out;
  if (const std::string time = line->get_string("timestamp"); !time.empty()) out += "[" + time + "] ";
  out += upper(line->get_string("level", "info")) + " - ";
  const Value& event = line->at("event");
  out += event.is_string() ? event.as_string() : to_json(event);
  for (const auto& [key, value] : line->as_object()) {
    if (!is_known(key)) out += " " + key + "=" + (value.is_string() ? value.as_string() : to_json(value));
  }
  out += "\n";
  if (const Value* detail = line->get("error_detail")) out += exception_text(*detail);
  return printable(out, true);
}

std::string log_tail_text(std::string_view content, std::size_t count) {
  while (content.ends_with('\n')) content.remove_suffix(1);
  if (content.empty()) return {};
  std::size_t begin = content.size();
  for (std::size_t lines = 0; lines < count && begin != std::string_view::npos; ++lines) {
    begin = begin == 0 ? std::string_view::npos : content.rfind('\n', begin - 1);
  }
  content.remove_prefix(begin == std::string_view::npos ? 0 : begin + 1);
  std::string out;
  while (!content.empty()) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    out += log_line_text(content.substr(0, end));
    content.remove_prefix(std::min(end + 1, content.size()));
  }
  return out;
}

}  // namespace venturi::cli
