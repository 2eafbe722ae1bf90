#include "pages/moments.h"

#include <algorithm>
#include <chrono>

namespace venturi::pages {

std::string Moments::text(Time t) const {
  const Time second = std::chrono::floor<std::chrono::seconds>(t);
  // A wall time is written as if it were UTC.
  const Time wall = zone_ ? Time(zone_->to_local(second).time_since_epoch()) : second;
  std::string iso = format_time(wall);  // 2026-11-29T21:19:08Z
  constexpr std::size_t date = 10, clock = 8;
  if (iso.size() < date + 1 + clock) return iso;
  const std::string name = zone_ ? zone_->abbreviation(second).text : "UTC";
  return iso.substr(0, date) + " " + iso.substr(date + 1, clock) + " " + name;
}

std::string Moments::clock(Time t) const {
  const auto wall = (zone_ ? Time(zone_->to_local(t).time_since_epoch()) : t).time_since_epoch() % std::chrono::days(1);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

Html Moments::of(const std::optional<Time>& t) const {
  if (!t) return html("–");
  return html("<time datetime=\"{}\">{}</time>", format_time(*t), text(*t));
}

std::string duration_text(Duration duration) {
  const double seconds = std::max(0.0, to_seconds(duration));  // two processes tell when it began and when it ended
  if (seconds < 60) return fmt::format("{:.2f}s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
}

std::string lasted(const std::optional<Time>& start, const std::optional<Time>& end, Time now) {
  return start ? duration_text(end.value_or(now) - *start) : std::string();
}

}  // namespace venturi::pages
