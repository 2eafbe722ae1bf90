#include "sdk/log_sink.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>

namespace venturi::inline sdk {
namespace detail {
namespace {

constexpr std::array<std::string_view, 5> levels{"debug", "info", "warning", "error", "critical"};
constexpr std::array<std::string_view, 4> own_members{"timestamp", "level", "event", "logger"};

void append_member(std::string& line, std::string_view name, const Value& value) {
  line += ',';
  append_json_string(line, name);
  line += ':';
  append_json(line, value);
}

std::string number(const char* format, double d) {
  char text[32];
  const int n = std::snprintf(text, sizeof text, format, d);
  return {text, static_cast<std::size_t>(n)};
}

bool is_own(std::string_view name) {
  for (const std::string_view own : own_members) {
    if (own == name) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(LogLevel level) {
  return levels.at(static_cast<std::size_t>(level));
}

void LogPart::append_to(std::string& message) const {
  switch (kind_) {
    case Kind::text:
      message.append(text_.data, text_.size);
      break;
    case Kind::character:
      message += static_cast<char>(integer_);
      break;
    case Kind::integer:
      message += std::to_string(integer_);
      break;
    case Kind::natural:
      message += std::to_string(static_cast<std::uint64_t>(integer_));
      break;
    case Kind::real:
      message += number("%.15g", real_);
      break;
    case Kind::time:
      message += format_time(Time(Duration(integer_)));
      break;
    case Kind::value:
      if (value_->is_string())
        message += value_->as_string();
      else
        append_json(message, *value_);
      break;
  }
}

void LogSink::set_ids(const Object& ids) {
  ids_ = ids;
  id_text_.clear();
  for (const auto& [name, value] : ids_) append_member(id_text_, name, value);
}

void LogSink::write(LogLevel level, std::string_view event, const Object* members) {
  std::string line;
  if (!fd_) {
    line.append(to_string(level)).append(": ").append(event);
    if (members != nullptr && !members->empty()) line.append(" ").append(to_json(*members));
    line += '\n';
    (void)write_all(STDERR_FILENO, line);  // there is nobody left to tell
    return;
  }
  line += R"({"timestamp":")";
  line += format_time(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  line += R"(","level":")";
  line += to_string(level);
  line += R"(","event":)";
  append_json_string(line, event);
  line += R"(,"logger":"task")";
  line += id_text_;
  if (members != nullptr) {
    for (const auto& [name, value] : *members) {
      if (!is_own(name) && !ids_.contains(name)) append_member(line, name, value);
    }
  }
  line += "}\n";
  // Where the log cannot be written the supervisor is gone, and this process is about to be ended.
  (void)write_all(fd_.get(), line);
}

}  // namespace detail

void Logger::write(LogLevel level, std::initializer_list<detail::LogPart> parts, const Object* members) const {
  std::string message;
  for (const detail::LogPart& part : parts) part.append_to(message);
  sink_->write(level, message, members);
}

}  // namespace venturi::inline sdk
