// What tasks ask: answered from the store and the environment, without a write.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "server/execute_task.h"
#include "server/task_host.h"

namespace venturi::server {

Reply of_error(const Error& error) {
  return refusal("API_SERVER_ERROR", error.text());
}

store::XComKey xcom_key(const Value& body) {
  return {body.at("dag_id").as_string(), body.at("run_id").as_string(), body.at("task_id").as_string(),
          static_cast<std::int32_t>(body.get_int("map_index", -1)), body.at("key").as_string()};
}

std::optional<Reply> TaskHost::question(const std::string& type, const Value& body) {
  if (type == "GetXComCount") return get_xcom_count(body);
  if (type == "GetConnection") return get_connection(body);
  if (type == "GetVariable") return get_variable(body);
  if (type == "GetVariableKeys") return get_variable_keys(body);
  if (type == "GetDagRun") return get_dag_run(body, false);
  if (type == "GetDagRunState") return get_dag_run(body, true);
  if (type == "ValidateInletsAndOutlets")
    return Reply{Object{{"type", "InactiveAssetsResult"}, {"inactive_assets", Array{}}}, {}};
  if (auto answer = question_about_runs(type, body)) return answer;
  if (auto answer = question_about_assets(type, body)) return answer;
  if (type.starts_with("Get")) return refusal("API_SERVER_ERROR", "this server does not know the question " + type);
  return std::nullopt;
}

Reply TaskHost::get_connection(const Value& body) {
  const std::string conn_id = body.at("conn_id").as_string();
  auto found = lookups_.connection(conn_id);
  if (!found) return of_error(found.error());
  if (!*found) return not_found("CONNECTION_NOT_FOUND", {{"conn_id", conn_id}});
  return {connection_result(**found), {}};
}

Reply TaskHost::get_variable(const Value& body) {
  const std::string key = body.at("key").as_string();
  auto found = lookups_.variable(key);
  if (!found) return of_error(found.error());
  if (!*found) return not_found("VARIABLE_NOT_FOUND", {{"key", key}});
  return {Object{{"type", "VariableResult"}, {"key", key}, {"value", std::move(**found)}}, {}};
}

Reply TaskHost::get_variable_keys(const Value& body) {
  auto keys = lookups_.variable_keys();
  if (!keys) return of_error(keys.error());
  const std::string prefix = body.get_string("prefix");
  std::erase_if(*keys, [&](const std::string& key) { return !key.starts_with(prefix); });
  const auto total = keys->size();
  const auto offset = std::min<std::size_t>(static_cast<std::size_t>(std::max<std::int64_t>(0, body.get_int("offset"))), total);
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(0, body.get_int("limit", 1000)));
  Array list;
  for (std::size_t i = offset; i < total && list.size() < limit; ++i) list.emplace_back((*keys)[i]);
  return {Object{{"type", "VariableKeysResult"}, {"keys", std::move(list)}, {"total_entries", total}}, {}};
}

Reply TaskHost::get_xcom_count(const Value& body) {
  const auto count = reader_.xcom_count(xcom_key(body));
  if (!count) return of_error(count.error());
  return {Object{{"type", "XComCountResponse"}, {"len", *count}}, {}};
}

Result<std::optional<DagRun>> TaskHost::find_run(const Value& body) {
  return reader_.run(body.at("dag_id").as_string(), body.at("run_id").as_string());
}

Reply TaskHost::get_dag_run(const Value& body, bool state_only) {
  auto run = find_run(body);
  if (!run) return of_error(run.error());
  if (!*run) {
    return refusal("API_SERVER_ERROR", "there is no run " + body.get_string("run_id") + " of DAG " + body.get_string("dag_id"));
  }
  if (state_only) return {Object{{"type", "DagRunStateResult"}, {"state", to_string((*run)->state)}}, {}};
  Value value = dag_run_value(**run);
  auto events = consumed_events(**run);
  if (!events) return of_error(events.error());
  value.as_object().set("consumed_asset_events", *std::move(events));
  value.as_object().set("type", "DagRunResult");
  return {std::move(value), {}};
}

Reply TaskHost::get_previous_success(LaunchToken token) {
  std::optional<DagRun> previous;
  if (const auto launch = scheduler_.engine().launch_of(token); launch && launch->run.logical_date) {
    store::RunFilter filter;
    filter.dag_id = launch->run.dag_id;
    filter.state = RunState::success;
    filter.logical_date_to = *launch->run.logical_date - Duration(1);
    filter.limit = -1;
    auto runs = reader_.runs(filter);
    if (!runs) return of_error(runs.error());
    const auto last = std::ranges::max_element(*runs, {}, &DagRun::logical_date);
    if (last != runs->end()) previous = *last;
  }
  const auto time = [&](const std::optional<Time> DagRun::* member) {
    return previous && (*previous).*member ? Value(format_time(*((*previous).*member))) : Value();
  };
  return {Object{{"type", "PrevSuccessfulDagRunResult"},
                 {"data_interval_start", time(&DagRun::data_interval_start)},
                 {"data_interval_end", time(&DagRun::data_interval_end)},
                 {"start_date", time(&DagRun::start_date)},
                 {"end_date", time(&DagRun::end_date)}},
          {}};
}

Reply TaskHost::get_reschedule_start(const Value&, LaunchToken token) {
  const auto launch = scheduler_.engine().launch_of(token);
  const bool known = launch && launch->ti.start_date;
  return {
      Object{{"type", "TaskRescheduleStartDate"}, {"start_date", known ? Value(format_time(*launch->ti.start_date)) : Value()}},
      {}};
}

}  // namespace venturi::server
