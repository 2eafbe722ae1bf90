#include "server/triggers.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace venturi::server {
namespace {

constexpr std::string_view date_time_trigger = "airflow.providers.standard.triggers.temporal.DateTimeTrigger";

std::optional<Time> date_of(const Value& value) {
  if (value.is_string()) return parse_time(value.as_string());
  const Value* data = value.get("__data__");
  const Value* timestamp = data == nullptr ? nullptr : data->get("timestamp");
  if (timestamp == nullptr || !timestamp->is_number()) return std::nullopt;
  return Time(from_seconds(timestamp->as_double()));
}

}  // namespace

Result<TriggerPlan> plan_trigger(std::string_view classpath, const Value& kwargs) {
  if (classpath != date_time_trigger) {
    return fail(
        ErrorKind::invalid, fmt::format("there is no trigger {}", classpath), {},
        fmt::format("a task can defer itself to {}; built-in sensors wait for all else without a process", date_time_trigger));
  }
  const Value moment = kwargs.get_value("moment");
  const auto date = date_of(moment);
  if (!date) {
    return fail(ErrorKind::invalid, fmt::format("the trigger {} needs a date as its moment", classpath), {},
                "give it a date with a time zone");
  }
  return TriggerPlan{*date, moment};
}

std::optional<Duration> parse_iso_duration(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  double seconds = 0;
  bool in_time = false, has_part = false;
  while (!text.empty()) {
    if (text.front() == 'T' && !in_time) {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size()) return std::nullopt;
    const char unit = *end;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    if (unit == 'W' && !in_time)
      seconds += number * 7 * 86400;
    else if (unit == 'D' && !in_time)
      seconds += number * 86400;
    else if (unit == 'H' && in_time)
      seconds += number * 3600;
    else if (unit == 'M' && in_time)
      seconds += number * 60;
    else if (unit == 'S' && in_time)
      seconds += number;
    else
      return std::nullopt;
    has_part = true;
  }
  if (!has_part) return std::nullopt;
  return from_seconds(is_negative ? -seconds : seconds);
}

}  // namespace venturi::server
