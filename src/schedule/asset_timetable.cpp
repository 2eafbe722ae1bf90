#include "schedule/asset_timetable.h"

#include <utility>

#include "schedule/asset_condition.h"

namespace venturi::schedule {
namespace {

class AssetTriggeredTimetable final : public Timetable {
 public:
  explicit AssetTriggeredTimetable(AssetCondition condition) : condition_(std::move(condition)) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>&, const Restriction&, Time) const override {
    return std::nullopt;
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return false; }
  std::string summary() const override { return "Asset"; }
  const AssetCondition* asset_condition() const override { return &condition_; }

 private:
  AssetCondition condition_;
};

class AssetOrTimeSchedule final : public Timetable {
 public:
  AssetOrTimeSchedule(AssetCondition condition, std::shared_ptr<const Timetable> time)
      : condition_(std::move(condition)), time_(std::move(time)) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    return time_->next(last, restriction, now);
  }
  DataInterval manual_interval(Time run_after) const override { return time_->manual_interval(run_after); }
  bool is_scheduled() const override { return time_->is_scheduled(); }
  bool is_user_defined() const override { return time_->is_user_defined(); }
  bool is_periodic() const override { return time_->is_periodic(); }
  std::optional<int> active_runs_limit() const override { return time_->active_runs_limit(); }
  std::string summary() const override { return "Asset or " + time_->summary(); }
  const AssetCondition* asset_condition() const override { return &condition_; }

 private:
  AssetCondition condition_;
  std::shared_ptr<const Timetable> time_;
};

Result<AssetCondition> read_condition(const SerializedTimetable& serialized) {
  const Value* condition = serialized.var().get("asset_condition");
  if (condition == nullptr) return serialized.refuse("it has no \"asset_condition\"");
  return AssetCondition::from_serialized(*condition);
}

}  // namespace

MadeTimetable make_asset_triggered(const SerializedTimetable& serialized) {
  auto condition = read_condition(serialized);
  if (!condition) return std::unexpected(std::move(condition.error()));
  return std::make_shared<AssetTriggeredTimetable>(std::move(*condition));
}

MadeTimetable make_asset_or_time(const SerializedTimetable& serialized) {
  auto condition = read_condition(serialized);
  if (!condition) return std::unexpected(std::move(condition.error()));
  const Value* inner = serialized.var().get("timetable");
  if (inner == nullptr) return serialized.refuse("it has no \"timetable\"");
  auto time = make_timetable(*inner, serialized.zones());
  if (!time) return time;
  return std::make_shared<AssetOrTimeSchedule>(std::move(*condition), std::move(*time));
}

}  // namespace venturi::schedule
