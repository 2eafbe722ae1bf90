#include "sdk/own_timetable.h"

#include "sdk/dag_node.h"
#include "sdk/own_fields.h"
#include "sdk/timetable.h"

namespace venturi::inline sdk {

Timetable::~Timetable() = default;
std::string Timetable::summary() const {
  return {};
}
std::string Timetable::description() const {
  return {};
}
Object Timetable::serialize() const {
  return {};
}
bool Timetable::periodic() const {
  return true;
}
std::optional<int> Timetable::active_runs_limit() const {
  return std::nullopt;
}

namespace internal {
namespace {

Object run_value(const DagRunInfo& info) {
  return {{"run_after", format_time(info.run_after)},
          {"start", format_time(info.data_interval.start)},
          {"end", format_time(info.data_interval.end)}};
}

std::optional<Time> time_in(const Value& question, std::string_view key) {
  return parse_time(question.get_string(key));
}

Object next_runs(const Timetable& timetable, const Value& question) {
  const TimeRestriction restriction{.earliest = time_in(question, "earliest"),
                                    .latest = time_in(question, "latest"),
                                    .catchup = question.get_bool("catchup"),
                                    .now = time_in(question, "now").value()};
  const auto until = time_in(question, "until");
  std::optional<DataInterval> last;
  if (const Value* interval = question.get("last"); interval != nullptr && !interval->is_null())
    last = {time_in(*interval, "start").value(), time_in(*interval, "end").value()};
  Array runs;
  bool is_all = false;
  for (std::int64_t i = 0; i < question.get_int("most") && !is_all; ++i) {
    std::optional<DagRunInfo> info;
    try {
      info = timetable.next_dagrun_info(last, restriction);
    } catch (...) {
      if (runs.empty()) throw;
      break;  // whoever needs this one asks again
    }
    is_all = !info;
    if (!info) break;
    runs.emplace_back(run_value(*info));
    // One that does not move on is told of, once.
    if ((last && info->data_interval.start <= last->start) || (until && info->run_after > *until)) break;
    last = info->data_interval;
  }
  return {{"runs", std::move(runs)}, {"is_all", is_all}};
}

}  // namespace

Object own_members(const detail::AnyTimetable& timetable) {
  const Timetable& own = *timetable.own;
  Object members = own.serialize();
  const std::string summary = own.summary();
  members.set("_summary", summary.empty() ? struct_name(timetable.own_name) : summary);
  if (const std::string text = own.description(); !text.empty()) members.set("_description", text);
  if (!own.periodic()) members.set("_periodic", false);
  if (const auto limit = own.active_runs_limit()) members.set("_active_runs_limit", *limit);
  return members;
}

Object ask_timetable(const detail::DagNode& dag, const Value& question) {
  const Schedule* schedule = &dag.options.schedule;
  if (schedule->kind() == Schedule::Kind::timetable && schedule->timetable().kind == detail::AnyTimetable::Kind::asset_or_time)
    schedule = &schedule->timetable().time;
  if (schedule->kind() != Schedule::Kind::timetable || schedule->timetable().own == nullptr)
    return {{"error", "DAG " + dag.dag_id + " has no timetable of the program's own"}};
  const Timetable& timetable = *schedule->timetable().own;
  if (question.get_string("about") == "next_dagrun_info") return next_runs(timetable, question);
  const DataInterval interval = timetable.infer_manual_data_interval(time_in(question, "run_after").value());
  return {{"interval", Object{{"start", format_time(interval.start)}, {"end", format_time(interval.end)}}}};
}

}  // namespace internal
}  // namespace venturi::inline sdk
