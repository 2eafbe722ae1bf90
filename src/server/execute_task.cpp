#include "server/execute_task.h"

#include <utility>

#include "model/connection.h"
#include "model/params.h"
#include "server/mapped_operator.h"
#include "server/run_paths.h"
#include "server/time_value.h"
#include "task/msgpack.h"

namespace venturi::server {
namespace {

void add_time(task::MapWriter& map, std::string_view key, const std::optional<Time>& time) {
  if (time) {
    map.add(key, format_time(*time));
  } else {
    map.add(key, nullptr);
  }
}

// Strings that stand under sensitive names in the run's conf ("api_key"): masked from the first line of the log on.
void collect_sensitive(const Value& value, bool sensitive, Array& secrets) {
  if (value.is_string()) {
    if (sensitive && !value.as_string().empty()) secrets.push_back(value);
  } else if (value.is_array()) {
    for (const Value& item : value.as_array()) collect_sensitive(item, sensitive, secrets);
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) collect_sensitive(member, sensitive || is_sensitive_name(key), secrets);
  }
}

void add_members(task::MapWriter& map, const DagRun& run) {
  map.add("dag_id", run.dag_id);
  map.add("run_id", run.run_id);
  add_time(map, "logical_date", run.logical_date);
  add_time(map, "data_interval_start", run.data_interval_start);
  add_time(map, "data_interval_end", run.data_interval_end);
  map.add("run_after", format_time(run.run_after));
  add_time(map, "start_date", run.start_date);
  add_time(map, "end_date", run.end_date);
  map.add("clear_number", 0);
  map.add("run_type", to_string(run.run_type));
  map.add("state", to_string(run.state));
  map.add("conf", run.conf.is_null() ? Value(Object{}) : run.conf);
  if (run.triggered_by.empty()) {
    map.add("triggering_user_name", nullptr);
  } else {
    map.add("triggering_user_name", run.triggered_by);
  }
  map.add("consumed_asset_events", Array{});
  map.add("partition_key", run.partition_key ? Value(*run.partition_key) : Value());
  add_time(map, "partition_date", run.partition_date);
}

void add_members(task::MapWriter& map, const TaskInstance& ti, const DagRun& run, const std::string& queue) {
  map.add("id", ti.id.text());
  map.add("task_id", ti.task_id);
  map.add("dag_id", run.dag_id);
  map.add("run_id", run.run_id);
  map.add("try_number", ti.try_number);
  map.add("dag_version_id", run.dag_version_id);
  map.add("map_index", ti.map_index);
  map.add("hostname", nullptr);
  map.add("context_carrier", nullptr);
  map.add("queue", queue);
}

void add_members(task::MapWriter& map, const engine::Launch& launch, const std::vector<std::string>& xcom_keys) {
  auto run = map.map("dag_run");
  add_members(run, launch.run);
  map.add("task_reschedule_count", launch.ti.start_date ? 1 : 0);
  map.add("max_tries", launch.ti.max_tries);
  map.add("variables", Array{});
  map.add("connections", Array{});
  map.add("xcom_keys_to_clear", Array(xcom_keys.begin(), xcom_keys.end()));
  map.add("should_retry", launch.should_retry);
  if (launch.ti.deferral.get("next_method") != nullptr) {
    map.add("next_method", launch.ti.deferral.at("next_method"));
    map.add("next_kwargs", launch.ti.deferral.at("next_kwargs"));
  }
}

template <class... Parts>
Value value_of(const Parts&... parts) {
  std::string packed;
  task::MapWriter map(packed);
  add_members(map, parts...);
  return task::decode_msgpack(packed);
}

}  // namespace

Value template_context(const Dag& dag, const DagRun& run) {
  Object shown{{"dag_id", dag.dag_id},
               {"description", dag.description.empty() ? Value() : Value(dag.description)},
               {"owner", dag.owner},
               {"tags", Array(dag.tags.begin(), dag.tags.end())},
               {"template_searchpath", Array(dag.template_searchpath.begin(), dag.template_searchpath.end())},
               {"timezone", dag.timezone},
               {"start_date", time_value(dag.start_date)},
               {"end_date", time_value(dag.end_date)},
               {"catchup", dag.catchup},
               {"fail_fast", dag.fail_fast},
               {"max_active_runs", dag.max_active_runs.value_or(16)},
               {"max_active_tasks", dag.max_active_tasks.value_or(16)},
               {"fileloc", dag.fileloc},
               {"relative_fileloc", dag.relative_fileloc}};
  // Where they do not fit, the run would not have been made; a DAG that changed its mind since shows what the run brought.
  auto params = params_of_run(dag, run.conf);
  return Object{{"dag", std::move(shown)}, {"params", params ? Value(std::move(*params)) : run.conf}};
}

Value operator_with_context(const engine::Launch& launch) {
  Value op = operator_of(launch);
  op.as_object().set("_template_context", template_context(*launch.dag, launch.run));
  return op;
}

Value token_value(LaunchToken token) {
  return Array{Value(token.epoch), Value(token.sequence)};
}

Value dag_run_value(const DagRun& run) {
  return value_of(run);
}

Value task_instance_value(const TaskInstance& ti, const DagRun& run, const std::string& queue) {
  return value_of(ti, run, queue);
}

Value run_context(const engine::Launch& launch, const std::vector<std::string>& xcom_keys) {
  return value_of(launch, xcom_keys);
}

std::string execute_task(const std::string& files, const engine::Launch& launch, const std::vector<std::string>& xcom_keys) {
  const Task& task = launch.dag->tasks[launch.task];
  const bool in_program = task.in_program();
  Array secrets;
  collect_sensitive(launch.run.conf, false, secrets);
  std::string packed;
  task::MapWriter message(packed);
  message.add("type", "ExecuteTask");
  message.add("token", token_value(launch.ti.token));
  auto ti = message.map("ti");
  add_members(ti, launch.ti, launch.run, task.queue);
  ti.add("pool_slots", task.pool_slots);
  ti.add("priority_weight", launch.ti.priority_weight.value_or(task.priority_weight));
  message.add("dag_rel_path", launch.dag->relative_fileloc);
  auto bundle = message.map("bundle_info");
  bundle.add("name", launch.dag->bundle);
  bundle.add("version", nullptr);
  auto context = message.map("ti_context");
  add_members(context, launch, xcom_keys);
  add_time(message, "start_date", launch.ti.start_date);
  message.add("program", in_program ? Value(launch.dag->program) : Value());
  if (in_program) message.add("fileloc", launch.dag->fileloc);
  if (in_program && task.light) message.add("light", true);
  if (in_program) {
    message.add("operator", nullptr);
  } else {
    message.add("operator", task.has_templates ? operator_with_context(launch) : operator_of(launch));
  }
  message.add("log_path",
              log_path(launch.run.dag_id, launch.run.run_id, launch.ti.task_id, launch.ti.map_index, launch.ti.try_number));
  message.add("execution_timeout", task.execution_timeout ? Value(to_seconds(*task.execution_timeout)) : Value());
  // Of an instance of a mapped task of the program: which items are its own. Venturi's own.
  if (in_program && !launch.items.empty()) message.add("items", Array(launch.items.begin(), launch.items.end()));
  message.add("run_dir", files + "/" + files_path(launch.run.dag_id, launch.run.run_id));
  message.add("secrets", std::move(secrets));
  return packed;
}

}  // namespace venturi::server
