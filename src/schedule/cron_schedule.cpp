#include "schedule/cron_schedule.h"

#include <algorithm>
#include <array>

namespace venturi::schedule {
namespace {

// airflow.utils.dates.cron_presets. The others that croniter knows, such as @midnight, are shown as written.
struct Preset {
  std::string_view name, expression;
};
constexpr std::array<Preset, 6> presets{{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@quarterly", "0 0 1 */3 *"},
    {"@yearly", "0 0 1 1 *"},
}};

}  // namespace

Result<CronSchedule> CronSchedule::make(std::string_view expression, std::shared_ptr<const TimeZone> zone) {
  const auto preset = std::ranges::find(presets, expression, &Preset::name);
  if (preset != presets.end()) expression = preset->expression;
  auto cron = Cron::parse(expression);
  if (!cron) return std::unexpected(std::move(cron.error()));
  return CronSchedule(std::move(*cron), std::string(expression), std::move(zone));
}

Time CronSchedule::instant(Time from, WallTime wall_from, WallTime wall) const {
  if (cron_.covers_every_hour()) return from + (wall - wall_from);
  return zone_->to_utc(wall);
}

std::optional<Time> CronSchedule::next(Time t) const {
  const WallTime wall = zone_->to_local(t);
  const auto found = cron_.next(wall);
  return found ? std::optional(instant(t, wall, *found)) : std::nullopt;
}

std::optional<Time> CronSchedule::previous(Time t) const {
  const WallTime wall = zone_->to_local(t);
  const auto found = cron_.previous(wall);
  return found ? std::optional(instant(t, wall, *found)) : std::nullopt;
}

std::optional<Time> CronSchedule::align_to_next(Time t) const {
  const auto after = next(t);
  if (after && previous(*after) == t) return t;
  return after;
}

std::optional<Time> CronSchedule::align_to_previous(Time t) const {
  const auto before = previous(t);
  if (before && next(*before) == t) return t;
  return before;
}

}  // namespace venturi::schedule
