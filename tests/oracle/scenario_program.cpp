#include "oracle/scenario_program.h"

#include <filesystem>
#include <map>

#include "oracle/dags/scenario_dag.h"
#include "sdk/serialize.h"
#include "sdk/testing/try_of.h"

namespace venturi::oracle_tests {
namespace {

// Time is virtual here, and there is no host that renders: what sleeps is over at once, and what is pulled is no part of the
// comparison.
Value without_waits(const Value& dag) {
  Value changed = dag;
  for (Value& task : changed.as_object().find("tasks")->as_array()) {
    const std::string kind = task.get_string("kind");
    if (kind == "sleep_ms" || kind == "pull_xcom") task.as_object().set("kind", "succeed");
  }
  return changed;
}

}  // namespace

struct ScenarioProgram::State {
  DagBag bag;
  std::string dag_id;
  std::map<std::string, Duration, std::less<>> sleeps;
};

ScenarioProgram::ScenarioProgram(const Value& dag) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.dag_id = dag.at("dag_id").as_string();
  for (const Value& task : dag.at("tasks").as_array()) {
    const std::string group = task.get_string("group"), label = task.at("id").as_string();
    s.sleeps[group.empty() ? label : group + "." + label] =
        std::chrono::milliseconds(task.get_value("args").get_int("ms"));
  }
  const std::string state_folder = std::filesystem::temp_directory_path() / "venturi_oracle_tests";
  oracle::add_dag(s.bag, without_waits(dag), state_folder);
  detail::DagNode& node = *s.bag.state().dags.front();
  node.options.is_paused_upon_creation = false;
  internal::connect_groups(node);
  internal::check_dag(node);
}
ScenarioProgram::~ScenarioProgram() = default;

std::vector<std::string> ScenarioProgram::mistakes() const {
  return state_->bag.state().dags.front()->mistakes;
}

Value ScenarioProgram::serialized() const {
  return internal::serialize_dag(*state_->bag.state().dags.front(), {.file = "/dags/scenario.cpp", .bundle_path = "/dags"});
}

std::vector<Value> ScenarioProgram::run(std::string_view task_id, int map_index, int try_number, bool should_retry,
                                        const std::vector<std::int64_t>& items,
                                        const std::function<Value(const Value&)>& answers) const {
  internal::TryOptions options;
  options.map_index = map_index;
  options.items = items;
  options.should_retry = should_retry;
  options.try_number = try_number;
  return internal::try_of(state_->bag, state_->dag_id, task_id, options,
                          [&](const Value& request) { return internal::Answer{.body = answers(request), .error = {}}; })
      .requests;
}

Duration ScenarioProgram::sleeps(std::string_view task_id) const {
  const auto found = state_->sleeps.find(task_id);
  return found == state_->sleeps.end() ? Duration{} : found->second;
}

}  // namespace venturi::oracle_tests
