// A cron expression in a time zone: the points in time at which it fires. What daylight saving makes of an expression is
// Airflow's rule (timetables/_cron.py): the match is looked for on the clock on the wall, and then
//   - where the hour is "*", as much time passes as the clock on the wall seemed to show, so that a repeated hour runs twice;
//   - otherwise the wall time found is turned into an instant: one that exists twice is its second, and one that is skipped is
//     what the clock shows an hour later.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"

namespace venturi::schedule {

class CronSchedule {
 public:
  // `expression` may also be one of Airflow's presets (@hourly, @daily, @weekly, @monthly, @quarterly, @yearly).
  [[nodiscard]] static Result<CronSchedule> make(std::string_view expression, std::shared_ptr<const TimeZone> zone);

  // Strictly after (before) t; nothing where there is none within 50 years.
  [[nodiscard]] std::optional<Time> next(Time t) const;
  [[nodiscard]] std::optional<Time> previous(Time t) const;
  // t itself where it is one, which is asked as Airflow does: by going on and back again. (Where there is nothing to go back
  // to, as at the beginning of the only year that an expression names, Airflow fails; here t then is none.)
  [[nodiscard]] std::optional<Time> align_to_next(Time t) const;
  [[nodiscard]] std::optional<Time> align_to_previous(Time t) const;

  // As written, but with its fields where it was a preset.
  [[nodiscard]] const std::string& expression() const { return expression_; }

 private:
  CronSchedule(Cron cron, std::string expression, std::shared_ptr<const TimeZone> zone)
      : cron_(std::move(cron)), expression_(std::move(expression)), zone_(std::move(zone)) {}
  [[nodiscard]] Time instant(Time from, WallTime wall_from, WallTime wall) const;

  Cron cron_;
  std::string expression_;
  std::shared_ptr<const TimeZone> zone_;
};

}  // namespace venturi::schedule
