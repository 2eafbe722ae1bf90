// The members that several kinds of timetables have in their "__var".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/cron_schedule.h"
#include "schedule/delta.h"
#include "schedule/time_zone.h"
#include "venturi/value.h"

namespace venturi::schedule {

// CronTriggerTimetable's run_immediately: whether the first run of a DAG without start date is the last one that was due.
struct RunImmediately {
  bool always = false;
  std::optional<Duration> within;  // only if that was due so short a time ago; nothing: a tenth of the gap, at least 5 minutes
};

// Reads "__var" of one timetable. Errors name the timetable's class and the member.
class SerializedTimetable {
 public:
  SerializedTimetable(std::string_view type, const Value& var, const TimeZones& zones)
      : type_(type), var_(var), zones_(zones) {}

  [[nodiscard]] Result<CronSchedule> cron() const;                // "expression" and "timezone"
  [[nodiscard]] Result<std::vector<CronSchedule>> crons() const;  // "expressions" and "timezone"
  [[nodiscard]] Result<Delta> delta() const;                      // "delta", which has to go forward
  [[nodiscard]] Result<Delta> interval() const;                   // "interval"; none: of no length
  [[nodiscard]] Result<RunImmediately> run_immediately() const;
  [[nodiscard]] Result<std::vector<Time>> times(std::string_view key) const;  // sorted

  [[nodiscard]] const Value& var() const { return var_; }
  [[nodiscard]] const TimeZones& zones() const { return zones_; }
  [[nodiscard]] std::unexpected<Error> refuse(std::string what, std::string hint = {}) const;
  [[nodiscard]] Result<std::shared_ptr<const TimeZone>> zone() const;  // "timezone"

 private:
  std::string type_;
  const Value& var_;
  const TimeZones& zones_;
};

}  // namespace venturi::schedule
