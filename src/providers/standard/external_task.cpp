// ExternalTaskSensor: waits for a run of another DAG, or for tasks or a group of it, of the same logical date or of another
// one.
//
//   external_dag_id          with neither of the next three: its run as a whole
//   external_task_id, external_task_ids, external_task_group_id   at most one of them
//   allowed_states           ["success"]
//   skipped_states           any of them there: skipped
//   failed_states            any of them there: failed, or skipped with soft_fail
//   execution_delta          how much earlier than this run's logical date
//   execution_dates          the dates themselves (a list, templated): what stands in the place of Airflow's execution_date_fn
//   check_existence          true: fails at once where DAG, task or group is not there
//
// A run without a logical date counts by its run_after.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/time.h"
#include "model/state.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/standard/clock.h"
#include "providers/standard/sensors.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::Poke;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::TaskSkipped;

struct External {
  std::string dag_id, group_id;
  std::vector<std::string> task_ids;
  std::vector<std::string> allowed, skipped, failed;  // states
  std::vector<std::string> dates;

  [[nodiscard]] std::string name() const {
    if (!task_ids.empty()) return fmt::format("the tasks {} of DAG {}", fmt::join(task_ids, ", "), dag_id);
    if (!group_id.empty()) return fmt::format("the task group {} of DAG {}", group_id, dag_id);
    return "DAG " + dag_id;
  }
};

void check_states(const External& external) {
  std::set<std::string> all;
  const bool of_tasks = !external.task_ids.empty() || !external.group_id.empty();
  for (const auto* list : {&external.allowed, &external.skipped, &external.failed}) {
    for (const std::string& state : *list) {
      const bool known = of_tasks ? parse_task_state(state).has_value() : parse_run_state(state).has_value();
      if (!known) {
        throw TaskFailedForGood(fmt::format("'{}' in allowed_states, skipped_states or failed_states is no state of a {}{}",
                                            state, of_tasks ? "task" : "DAG run",
                                            of_tasks ? "" : " (there are queued, running, success, failed)"));
      }
      if (!all.insert(state).second) {
        throw TaskFailedForGood(fmt::format(
            "Duplicate values provided across allowed_states, skipped_states and failed_states: '{}' is there twice", state));
      }
    }
  }
}

std::vector<std::string> dates_of(const OperatorTry& t, const Arguments& arguments) {
  const Value* list = arguments.find("execution_dates");
  const Value* delta = arguments.find("execution_delta");
  if (list != nullptr && delta != nullptr) {
    throw TaskFailedForGood(
        "Only one of `execution_delta` or `execution_dates` may be provided to ExternalTaskSensor; not both.");
  }
  if (list == nullptr) {
    const Duration earlier = delta == nullptr ? Duration{} : from_seconds(delta->as_double());
    return {format_time(date_of_run(t) - earlier)};
  }
  std::vector<std::string> dates;
  for (const std::string& text : arguments.string_list("execution_dates")) {
    const auto date = parse_time(text);
    if (!date) {
      throw TaskFailedForGood(
          fmt::format("execution_dates has '{}', which is no date and time like 2026-01-31T00:00:00+00:00", text));
    }
    dates.push_back(format_time(*date));
  }
  if (dates.empty()) throw TaskFailedForGood("execution_dates is empty: give a date, or leave it out");
  return dates;
}

External external_of(const OperatorTry& t, const Arguments& arguments) {
  External external;
  external.dag_id = arguments.string("external_dag_id");
  external.group_id = arguments.string("external_task_group_id");
  external.task_ids = arguments.string_list("external_task_ids");
  const std::string task_id = arguments.string("external_task_id");
  if (!task_id.empty() && !external.task_ids.empty()) {
    throw TaskFailedForGood("Only one of `external_task_id` or `external_task_ids` may be provided to ExternalTaskSensor");
  }
  if (!task_id.empty()) external.task_ids = {task_id};
  if (!external.group_id.empty() && !external.task_ids.empty()) {
    throw TaskFailedForGood(
        "Only one of `external_task_group_id` or `external_task_ids` may be provided to ExternalTaskSensor");
  }
  if (std::set(external.task_ids.begin(), external.task_ids.end()).size() != external.task_ids.size())
    throw TaskFailedForGood("Duplicate task_ids passed in external_task_ids parameter");
  external.allowed = arguments.string_list("allowed_states");
  if (external.allowed.empty()) external.allowed = {"success"};
  external.skipped = arguments.string_list("skipped_states");
  external.failed = arguments.string_list("failed_states");
  check_states(external);
  external.dates = dates_of(t, arguments);
  return external;
}

Array values_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

asio::awaitable<void> check_existence(OperatorTry& t, const External& external) {
  const Value dag = co_await t.host.ask(Object{{"type", "GetDag"}, {"dag_id", external.dag_id}, {"with_tasks", true}});
  const auto has = [&dag](std::string_view list, const std::string& id) {
    const Value* ids = dag.get(list);
    return ids != nullptr && std::ranges::find(ids->as_array(), Value(id)) != ids->as_array().end();
  };
  for (const std::string& id : external.task_ids) {
    if (!has("task_ids", id))
      throw TaskFailed(fmt::format("The external task {} in DAG {} does not exist.", id, external.dag_id));
  }
  if (!external.group_id.empty() && !has("task_group_ids", external.group_id)) {
    throw TaskFailed(
        fmt::format("The external task group '{}' in DAG '{}' does not exist.", external.group_id, external.dag_id));
  }
}

// Runs of which all tasks of the group are in one of the states.
double whole_groups(const Value& states_by_run, const std::vector<std::string>& states) {
  double count = 0;
  for (const auto& [run_id, by_task] : states_by_run.as_object()) {
    const auto is_in = [&states](const auto& entry) {
      return entry.second.is_string() && std::ranges::find(states, entry.second.as_string()) != states.end();
    };
    if (!by_task.as_object().empty() && std::ranges::all_of(by_task.as_object(), is_in)) ++count;
  }
  return count;
}

// How many of the dates are there with these states; a part of one where only some of the tasks are.
asio::awaitable<double> count_in(OperatorTry& t, const External& external, const std::vector<std::string>& states) {
  Object question{{"dag_id", external.dag_id}, {"logical_dates", values_of(external.dates)}};
  if (!external.group_id.empty()) {
    question.add("type", "GetTaskStates");
    question.add("task_group_id", external.group_id);
    const Value answer = co_await t.host.ask(std::move(question));
    co_return whole_groups(answer.at("task_states"), states);
  }
  question.add("states", values_of(states));
  question.add("type", external.task_ids.empty() ? "GetDRCount" : "GetTICount");
  if (!external.task_ids.empty()) question.add("task_ids", values_of(external.task_ids));
  const Value answer = co_await t.host.ask(std::move(question));
  const auto count = static_cast<double>(answer.get_int("count"));
  co_return external.task_ids.empty() ? count : count / static_cast<double>(external.task_ids.size());
}

}  // namespace

asio::awaitable<Poke> poke_external_task(OperatorTry& t, const Arguments& arguments) {
  const External external = external_of(t, arguments);
  t.log.info(fmt::format("Poking for {} on {} ...", external.name(), fmt::join(external.dates, ",")));
  if (arguments.boolean("check_existence", false)) co_await check_existence(t, external);
  if (!external.failed.empty()) {
    const double failed = co_await count_in(t, external, external.failed);
    const std::string what = fmt::format("Of what it waits for ({}) some failed.", external.name());
    if (failed > 0 && arguments.boolean("soft_fail", false)) throw TaskSkipped(what + " Skipping due to soft_fail.");
    if (failed > 0) throw TaskFailed(what);
  }
  if (!external.skipped.empty()) {
    const double skipped = co_await count_in(t, external, external.skipped);
    if (skipped > 0) {
      throw TaskSkipped(fmt::format("Of what it waits for ({}) some reached a state in our states-to-skip-on list. Skipping.",
                                    external.name()));
    }
  }
  const double allowed = co_await count_in(t, external, external.allowed);
  co_return Poke{allowed == static_cast<double>(external.dates.size()), {}};
}

}  // namespace venturi::providers
