#include "server/execute_task.h"

#include <utility>

#include "model/connection.h"
#include "server/run_paths.h"

namespace venturi::server {
namespace {

Value time_value(const std::optional<Time>& time) {
  return time ? Value(format_time(*time)) : Value();
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

}  // namespace

Value token_value(LaunchToken token) {
  return Array{Value(token.epoch), Value(token.sequence)};
}

Value dag_run_value(const DagRun& run) {
  return Object{{"dag_id", run.dag_id},
                {"run_id", run.run_id},
                {"logical_date", time_value(run.logical_date)},
                {"data_interval_start", time_value(run.data_interval_start)},
                {"data_interval_end", time_value(run.data_interval_end)},
                {"run_after", format_time(run.run_after)},
                {"start_date", time_value(run.start_date)},
                {"end_date", time_value(run.end_date)},
                {"clear_number", 0},
                {"run_type", to_string(run.run_type)},
                {"state", to_string(run.state)},
                {"conf", run.conf.is_null() ? Value(Object{}) : run.conf},
                {"triggering_user_name", run.triggered_by.empty() ? Value() : Value(run.triggered_by)},
                {"consumed_asset_events", Array{}},
                {"partition_key", nullptr}};
}

Value task_instance_value(const TaskInstance& ti, const DagRun& run, const std::string& queue) {
  return Object{{"id", ti.id.text()},          {"task_id", ti.task_id},
                {"dag_id", run.dag_id},        {"run_id", run.run_id},
                {"try_number", ti.try_number}, {"dag_version_id", run.dag_version_id},
                {"map_index", ti.map_index},   {"hostname", nullptr},
                {"context_carrier", nullptr},  {"queue", queue}};
}

Value run_context(const engine::Launch& launch, const std::vector<std::string>& xcom_keys) {
  Array keys;
  for (const std::string& key : xcom_keys) keys.emplace_back(key);
  return Object{{"dag_run", dag_run_value(launch.run)},
                {"task_reschedule_count", launch.ti.start_date ? 1 : 0},
                {"max_tries", launch.ti.max_tries},
                {"variables", Array{}},
                {"connections", Array{}},
                {"xcom_keys_to_clear", std::move(keys)},
                {"should_retry", launch.should_retry}};
}

Value execute_task(const std::string& files, const engine::Launch& launch, const std::vector<std::string>& xcom_keys) {
  const Task& task = launch.dag->tasks[launch.task];
  Value ti = task_instance_value(launch.ti, launch.run, task.queue);
  ti.as_object().add("pool_slots", task.pool_slots);
  ti.as_object().add("priority_weight", task.priority_weight);
  Array secrets;
  collect_sensitive(launch.run.conf, false, secrets);
  const bool in_program = task.in_program();
  return Object{{"type", "ExecuteTask"},
                {"token", token_value(launch.ti.token)},
                {"ti", std::move(ti)},
                {"dag_rel_path", launch.dag->relative_fileloc},
                {"bundle_info", Object{{"name", launch.dag->bundle}, {"version", nullptr}}},
                {"ti_context", run_context(launch, xcom_keys)},
                {"start_date", launch.ti.start_date ? Value(format_time(*launch.ti.start_date)) : Value()},
                {"program", in_program ? Value(launch.dag->program) : Value()},
                {"operator", in_program ? Value() : task.serialized},
                {"log_path",
                 log_path(launch.run.dag_id, launch.run.run_id, launch.ti.task_id, launch.ti.map_index, launch.ti.try_number)},
                {"execution_timeout", task.execution_timeout ? Value(to_seconds(*task.execution_timeout)) : Value()},
                {"run_dir", files + "/" + files_path(launch.run.dag_id, launch.run.run_id)},
                {"secrets", std::move(secrets)}};
}

}  // namespace venturi::server
