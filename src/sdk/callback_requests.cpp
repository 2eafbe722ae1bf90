// Callbacks that are run without the task's process: it was killed, or the task never had one. The server asks for them as
// Airflow asks its DAG processor (dag_processing/processor.py), and takes exit code 0 for done.
#include <cstdio>

#include "sdk/options.h"
#include "sdk/program.h"
#include "sdk/task_run.h"
#include "task/host_call.h"

namespace venturi::inline sdk::internal {
namespace {

const Value& member(const Value& object, std::string_view key) {
  static const Value null;
  const Value* found = object.get(key);
  return found == nullptr ? null : *found;
}

bool refuse(detail::LogSink& log, const std::string& what) {
  log.write(LogLevel::error, what);
  return false;
}

bool run_task_callbacks(const DagBag& dags, detail::ContextData& data, const Value& request) {
  const Value& context = member(request, "context_from_server");
  data.set_dag_run(member(context, "dag_run"));
  data.set_task_instance(member(request, "ti"));
  data.max_tries = static_cast<int>(context.get_int("max_tries"));
  data.error = request.get_string("msg");
  const std::string state = request.get_string("task_callback_type", "failed");
  data.event = state == "success" || state == "skipped" ? state : state == "up_for_retry" ? "retry" : "failure";

  const detail::DagNode* dag = dags.state().find(data.dag_id);
  const detail::TaskNode* task = dag == nullptr ? nullptr : dag->find(data.task_id);
  if (task == nullptr) {
    return refuse(data.log_sink, "a callback was asked for of task " + data.task_id + " in DAG " + data.dag_id +
                                     ", which the program does not declare any more");
  }
  data.set_params(dag->options.params, &task->options.params);
  data.dag = dag;
  data.task = task;
  for (const TaskCallback& callback : task_callbacks) {
    if (callback.event == data.event) return run_functions(task->options.*callback.member, callback.name, data);
  }
  return true;
}

bool run_deadline_callback(const detail::DagNode& dag, detail::ContextData& data, std::int64_t index) {
  const std::vector<DeadlineAlert>& alerts = dag.options.deadline;
  if (index < 0 || static_cast<std::size_t>(index) >= alerts.size()) {
    return refuse(data.log_sink, "a callback was asked for of deadline " + std::to_string(index + 1) + " of DAG " + dag.dag_id +
                                     ", which has " + std::to_string(alerts.size()) + " now");
  }
  data.event = "deadline";
  return run_functions(alerts[static_cast<std::size_t>(index)].callback, "callback of a deadline", data);
}

bool run_dag_callbacks(const DagBag& dags, detail::ContextData& data, const Value& request) {
  const Value& context = member(request, "context_from_server");
  data.dag_id = request.get_string("dag_id");
  data.run_id = request.get_string("run_id");
  data.set_dag_run(member(context, "dag_run"));
  data.set_task_instance(member(context, "last_ti"));
  const Value* deadline = request.get("deadline_alert");
  const bool failed = request.get_bool("is_failure_callback", true);
  data.event = failed ? "failure" : "success";
  if (failed || deadline != nullptr) data.error = request.get_string("msg");

  const detail::DagNode* dag = dags.state().find(data.dag_id);
  if (dag == nullptr) {
    return refuse(data.log_sink,
                  "a callback was asked for of DAG " + data.dag_id + ", which the program does not declare any more");
  }
  data.set_params(dag->options.params);
  data.dag = dag;
  if (deadline != nullptr) return run_deadline_callback(*dag, data, deadline->as_int());
  return failed ? run_functions(dag->options.on_failure_callback, "on_failure_callback", data)
                : run_functions(dag->options.on_success_callback, "on_success_callback", data);
}

}  // namespace

int run_callback_requests(const DagBag& dags, Comms& comms, detail::LogSink& log, const Value& request) {
  bool all_well = true;
  for (const Value& callback : request.at("callback_requests").as_array()) {
    detail::ContextData data(comms, log);
    data.host_calls = static_cast<int>(request.get_int(task::host_calls_member));
    data.startup_ti = callback.get("ti");
    data.startup_context = callback.get("context_from_server");
    data.fileloc = request.get_string("fileloc");
    data.relative_fileloc = request.get_string("relative_fileloc");
    const std::string type = callback.get_string("type");
    bool well = false;
    if (type == "TaskCallbackRequest")
      well = run_task_callbacks(dags, data, callback);
    else if (type == "DagCallbackRequest")
      well = run_dag_callbacks(dags, data, callback);
    else
      well = refuse(log, "a callback of the unknown type \"" + type + "\" was asked for");
    all_well = well && all_well;
  }
  std::fflush(nullptr);
  return all_well ? 0 : 1;
}

}  // namespace venturi::inline sdk::internal
