// The members of a period: what a rollup waits for, and what a fan-out makes (airflow/partition_mappers/window.py).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "schedule/time_zone.h"
#include "venturi/value.h"

namespace venturi::schedule {

class PartitionWindow {
 public:
  enum class Kind : std::uint8_t { hour, day, week, month, quarter, year, segments };

  [[nodiscard]] static Result<PartitionWindow> read(const Value& serialized);

  [[nodiscard]] Kind kind() const { return kind_; }
  // Of segments, which are the same for each period.
  [[nodiscard]] const std::vector<std::string>& segments() const { return segments_; }
  // Of the others: when the members begin, of the period that begins then, or ends with it (backward). An error where a period
  // of months does not begin with one.
  [[nodiscard]] Result<std::vector<WallTime>> members(WallTime period) const;

 private:
  Kind kind_ = Kind::day;
  bool backward_ = false;
  std::vector<std::string> segments_;  // sorted
};

}  // namespace venturi::schedule
