#include "schedule/user_timetable.h"

namespace venturi::schedule {
namespace {

// What its object said of itself when its DAG was described.
class UserTimetable final : public Timetable {
 public:
  explicit UserTimetable(const Value& var)
      : summary_(var.get_string("_summary")),
        is_periodic_(var.get_bool("_periodic", true)),
        active_runs_limit_(static_cast<int>(var.get_int("_active_runs_limit"))) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>&, const Restriction&, Time) const override {
    return std::nullopt;
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return true; }
  bool is_user_defined() const override { return true; }
  bool is_periodic() const override { return is_periodic_; }
  std::optional<int> active_runs_limit() const override {
    return active_runs_limit_ > 0 ? std::optional(active_runs_limit_) : std::nullopt;
  }
  std::string summary() const override { return summary_; }

 private:
  std::string summary_;
  bool is_periodic_;
  int active_runs_limit_;
};

}  // namespace

MadeTimetable make_user_defined(const SerializedTimetable& serialized) {
  return std::make_shared<UserTimetable>(serialized.var());
}

}  // namespace venturi::schedule
