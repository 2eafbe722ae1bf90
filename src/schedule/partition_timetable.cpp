#include "schedule/partition_timetable.h"

#include <set>
#include <utility>

#include "schedule/asset_condition.h"
#include "schedule/partition_key.h"
#include "schedule/partition_mapper.h"
#include "schedule/timetable_parts.h"

namespace venturi::schedule {
namespace {

class PartitionedAssetTimetable final : public Timetable {
 public:
  PartitionedAssetTimetable(AssetCondition condition, PartitionMappers mappers)
      : condition_(std::move(condition)), mappers_(std::move(mappers)) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>&, const Restriction&, Time) const override {
    return std::nullopt;
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return false; }
  std::string summary() const override { return "Partitioned Asset"; }
  const AssetCondition* asset_condition() const override { return &condition_; }
  const PartitionMappers* partition_mappers() const override { return &mappers_; }
  bool takes_partition_keys() const override { return true; }
  // Where the mappers of its assets agree.
  Result<std::optional<Time>> partition_date(std::string_view key) const override {
    std::set<Time> dates;
    std::optional<Error> refused;
    condition_.each_leaf([&](const AssetCondition& leaf) {
      if (leaf.kind() == AssetCondition::Kind::alias) return;
      const auto date = mappers_.of(leaf.name(), leaf.uri()).partition_date(std::string(key));
      if (!date)
        refused = date.error();
      else if (*date)
        dates.insert(**date);
    });
    if (refused) return std::unexpected(*std::move(refused));
    return dates.size() == 1 ? std::optional(*dates.begin()) : std::nullopt;
  }

 private:
  AssetCondition condition_;
  PartitionMappers mappers_;
};

class PartitionedAtRuntime final : public Timetable {
 public:
  std::optional<RunInfo> next(const std::optional<DataInterval>&, const Restriction&, Time) const override {
    return std::nullopt;
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return false; }
  std::string summary() const override { return "PartitionedAtRuntime"; }
  bool takes_partition_keys() const override { return true; }
};

// At the times of a cron expression, each for a partition that lies so many of its steps away.
class CronPartitionTimetable final : public Timetable {
 public:
  CronPartitionTimetable(std::shared_ptr<const Timetable> trigger, CronSchedule cron, std::shared_ptr<const TimeZone> zone,
                         int run_offset, std::string key_format)
      : trigger_(std::move(trigger)),
        cron_(std::move(cron)),
        zone_(std::move(zone)),
        run_offset_(run_offset),
        key_format_(std::move(key_format)) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    return trigger_->next(last, restriction, now);
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return true; }
  bool is_periodic() const override { return false; }  // a backfill goes by logical dates, and these runs have none
  std::string summary() const override { return trigger_->summary(); }
  bool takes_partition_keys() const override { return true; }
  std::optional<Partition> partition_of(Time run_after) const override {
    std::optional<Time> date = run_after;
    for (int i = 0; date && i < std::abs(run_offset_); ++i) date = run_offset_ > 0 ? cron_.next(*date) : cron_.previous(*date);
    if (!date) return std::nullopt;
    return Partition{write_key(zone_->to_local(*date), key_format_, *zone_), date};
  }
  Result<std::optional<Time>> partition_date(std::string_view key) const override {
    const auto read = read_key(key, key_format_);
    if (!read) return std::unexpected(read.error());
    if (read->offset) return Time((read->wall - *read->offset).time_since_epoch());
    return zone_->to_utc(read->wall);
  }

 private:
  std::shared_ptr<const Timetable> trigger_;
  CronSchedule cron_;
  std::shared_ptr<const TimeZone> zone_;
  int run_offset_;
  std::string key_format_;
};

}  // namespace

MadeTimetable make_partitioned_asset(const SerializedTimetable& serialized) {
  const Value* given = serialized.var().get("asset_condition");
  if (given == nullptr) return serialized.refuse("it has no \"asset_condition\"");
  auto condition = AssetCondition::from_serialized(*given);
  if (!condition) return std::unexpected(std::move(condition.error()));
  auto mappers = PartitionMappers::read(serialized.var(), serialized.zones());
  if (!mappers) return std::unexpected(std::move(mappers.error()));
  return std::make_shared<PartitionedAssetTimetable>(*std::move(condition), *std::move(mappers));
}

MadeTimetable make_partitioned_at_runtime(const SerializedTimetable&) {
  return std::make_shared<PartitionedAtRuntime>();
}

MadeTimetable make_cron_partition(const SerializedTimetable& serialized) {
  auto trigger = make_cron_trigger(serialized);
  if (!trigger) return trigger;
  auto cron = serialized.cron();
  if (!cron) return std::unexpected(std::move(cron.error()));
  auto zone = serialized.zone();
  if (!zone) return std::unexpected(std::move(zone.error()));
  const std::string format = serialized.var().get_string("key_format", "%Y-%m-%dT%H:%M:%S");
  if (auto fine = check_key_format(format); !fine) return std::unexpected(std::move(fine.error()));
  constexpr std::int64_t farthest = 10'000;
  const std::int64_t offset = serialized.var().get_int("run_offset");
  if (std::abs(offset) > farthest) return serialized.refuse("run_offset lies too far away", "give a smaller number of steps");
  return std::make_shared<CronPartitionTimetable>(*std::move(trigger), *std::move(cron), *std::move(zone),
                                                  static_cast<int>(offset), format);
}

}  // namespace venturi::schedule
