// Runs for parts of the data: a key says which. Airflow's words.
//
//   .schedule = CronPartitionTimetable{.cron = "@daily", .run_offset = -1, .key_format = "%Y-%m-%d"}   a run for each day
//   .schedule = PartitionedAtRuntime{}                       whoever triggers a run names its partition
//   .schedule = PartitionedAssetTimetable{.assets = orders}  a run for each key that events of the asset have
//   .schedule = PartitionedAssetTimetable{.assets = orders, .default_partition_mapper = StartOfMonthMapper()}
//   .default_partition_mapper = RegionMapper{}               a class of one's own: venturi/partition_mapper.h
//   .default_partition_mapper = RollupMapper(StartOfWeekMapper({.input_format = "%Y-%m-%d"}), WeekWindow())  when all days came
//
// The events of a task's outlets have the key of its run, or those that outlet_events(orders).add_partitions({"eu"}) says.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/asset.h"
#include "venturi/schedule.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

class OwnPartitionMapper;  // venturi/partition_mapper.h

namespace detail {
// One of the program's own, and where it stands.
struct OwnMapper {
  std::string place{};  // "mappers.1"
  Shared object{};
  const OwnPartitionMapper* mapper = nullptr;  // its base
};
}  // namespace detail

// How the key of an event becomes that of a run, or of several.
class PartitionMapper {
 public:
  template <std::derived_from<OwnPartitionMapper> T>
  PartitionMapper(const T& own)
      : PartitionMapper(static_cast<const OwnPartitionMapper*>(new T(own)), detail::name_of_timetable<T>()) {}

  // One event may make at most so many runs; else what [scheduler] partition_mapper_max_downstream_keys says.
  [[nodiscard]] PartitionMapper max_downstream_keys(int most) const;
  // As a serialized DAG has it.
  [[nodiscard]] const Value& serialized() const { return serialized_; }
  // Those of the program's own in it.
  [[nodiscard]] const std::vector<detail::OwnMapper>& own() const { return own_; }

 protected:
  PartitionMapper(const char* type, Object var);
  // It has `mapper` at this place.
  void hold(const std::string& place, const PartitionMapper& mapper);

 private:
  PartitionMapper(const OwnPartitionMapper* own, std::string_view name);  // takes it

  Value serialized_;
  std::vector<detail::OwnMapper> own_;
};

// The same key.
class IdentityMapper : public PartitionMapper {
 public:
  IdentityMapper();
};
// The same key, where it is one of these; events with others make no run.
class AllowedKeyMapper : public PartitionMapper {
 public:
  explicit AllowedKeyMapper(const std::vector<std::string>& allowed_keys);
};
// One key for all.
class FixedKeyMapper : public PartitionMapper {
 public:
  explicit FixedKeyMapper(const std::string& downstream_key);
};

// Of keys that are times: %Y %m %d %H %M %S %f %j %z, and to write also %V %U %W.
struct TemporalKeys {
  std::string timezone = "UTC";
  std::string input_format = "%Y-%m-%dT%H:%M:%S";  // of events
  std::string output_format{};  // of runs: "%Y-%m-%dT%H", "%Y-%m-%d", "%Y-%m-%d (W%V)", "%Y-%m", "%Y-Q{quarter}", "%Y"
};
class StartOfHourMapper : public PartitionMapper {
 public:
  explicit StartOfHourMapper(const TemporalKeys& keys = {});
};
class StartOfDayMapper : public PartitionMapper {
 public:
  explicit StartOfDayMapper(const TemporalKeys& keys = {});
};
class StartOfWeekMapper : public PartitionMapper {  // its Monday
 public:
  explicit StartOfWeekMapper(const TemporalKeys& keys = {});
};
class StartOfMonthMapper : public PartitionMapper {
 public:
  explicit StartOfMonthMapper(const TemporalKeys& keys = {});
};
class StartOfQuarterMapper : public PartitionMapper {
 public:
  explicit StartOfQuarterMapper(const TemporalKeys& keys = {});
};
class StartOfYearMapper : public PartitionMapper {
 public:
  explicit StartOfYearMapper(const TemporalKeys& keys = {});
};

// Mapper by mapper for the parts of a key: "eu|2026-03-01".
class ProductMapper : public PartitionMapper {
 public:
  explicit ProductMapper(const std::vector<PartitionMapper>& mappers, const std::string& delimiter = "|");
};
// One after the other.
class ChainMapper : public PartitionMapper {
 public:
  explicit ChainMapper(const std::vector<PartitionMapper>& mappers);
};

// The members of a period: those that begin with it, or the last ones up to it (backward).
class PartitionWindow {
 public:
  enum class Direction : std::uint8_t { forward, backward };
  [[nodiscard]] const Value& serialized() const { return serialized_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 protected:
  PartitionWindow(const char* name, Direction direction);
  PartitionWindow(const char* name, Object var);

 private:
  std::string name_;
  Value serialized_;
};
class HourWindow : public PartitionWindow {  // 60 minutes
 public:
  explicit HourWindow(Direction direction = Direction::forward) : PartitionWindow("HourWindow", direction) {}
};
class DayWindow : public PartitionWindow {  // 24 hours
 public:
  explicit DayWindow(Direction direction = Direction::forward) : PartitionWindow("DayWindow", direction) {}
};
class WeekWindow : public PartitionWindow {  // 7 days
 public:
  explicit WeekWindow(Direction direction = Direction::forward) : PartitionWindow("WeekWindow", direction) {}
};
class MonthWindow : public PartitionWindow {  // its days
 public:
  explicit MonthWindow(Direction direction = Direction::forward) : PartitionWindow("MonthWindow", direction) {}
};
class QuarterWindow : public PartitionWindow {  // 3 months
 public:
  explicit QuarterWindow(Direction direction = Direction::forward) : PartitionWindow("QuarterWindow", direction) {}
};
class YearWindow : public PartitionWindow {  // 12 months
 public:
  explicit YearWindow(Direction direction = Direction::forward) : PartitionWindow("YearWindow", direction) {}
};
class SegmentWindow : public PartitionWindow {  // these keys
 public:
  explicit SegmentWindow(const std::vector<std::string>& segments);
};

// Whether a rollup has enough of its members.
class WaitPolicy {
 public:
  [[nodiscard]] const Value& serialized() const { return serialized_; }

 protected:
  WaitPolicy(const char* name, Object var);

 private:
  Value serialized_;
};
class WaitForAll : public WaitPolicy {
 public:
  WaitForAll();
};
// So many; of a number below 0, all but so many.
class MinimumCount : public WaitPolicy {
 public:
  explicit MinimumCount(int n);
};

// Several events make one run: it waits for the members of its period.
class RollupMapper : public PartitionMapper {
 public:
  RollupMapper(const PartitionMapper& upstream_mapper, const PartitionWindow& window,
               const WaitPolicy& wait_policy = WaitForAll());
};
// One event makes a run for each member of its period. The mapper of the runs' keys may be left out for windows of a day and
// longer.
class FanOutMapper : public PartitionMapper {
 public:
  FanOutMapper(const PartitionMapper& upstream_mapper, const PartitionWindow& window);
  FanOutMapper(const PartitionMapper& upstream_mapper, const PartitionWindow& window, const PartitionMapper& downstream_mapper);
};

// A run at each time that the cron expression names, for the partition so many of its steps later (run_offset), or earlier.
struct CronPartitionTimetable {
  std::string cron{};
  std::string timezone{};  // the DAG's
  int run_offset = 0;
  RunImmediately run_immediately{};
  std::string key_format = "%Y-%m-%dT%H:%M:%S";
};
struct PartitionedAtRuntime {};
// A run for each key for which the assets have had their events.
struct PartitionedAssetTimetable {
  AssetExpression assets;
  PartitionMapper default_partition_mapper = IdentityMapper();
  std::vector<std::pair<Asset, PartitionMapper>> partition_mapper_config{};  // of one of the assets
};

}  // namespace venturi::inline sdk
