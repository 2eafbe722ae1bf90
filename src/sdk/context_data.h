// What stands behind a Context: the start-up message taken apart, and the channel to the supervisor.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/comms.h"
#include "sdk/dag_node.h"
#include "sdk/log_sink.h"
#include "venturi/context.h"

namespace venturi::inline sdk::detail {

class ContextData {
 public:
  ContextData(internal::Comms& channel, LogSink& sink) : comms(channel), log_sink(sink), logger(sink) {}

  internal::Comms& comms;
  LogSink& log_sink;
  Logger logger;

  std::string dag_id, task_id, run_id, run_type, ti_id;
  std::optional<std::string> partition_key;
  std::optional<Time> partition_date;
  int try_number = 0, max_tries = 0, map_index = -1;
  std::optional<Time> logical_date, data_interval_start, data_interval_end, run_after, run_start_date;
  Value conf, params;
  std::optional<std::string> run_dir;  // nothing under a stock Airflow
  // It, or a path that says why there is none.
  [[nodiscard]] std::string_view run_files() const;

  // Of a task's function: a value for each parameter, and what it returned.
  std::vector<Value> inputs;
  Value result;
  // The rendered fields and inputs of an operator that is a struct, once it has them.
  Object filled;
  Array outlet_events;  // what it said of its outlets
  // Of the run: what StartupDetails says, which may be nothing where the server gives it when it is asked; and what it is.
  Value consumed_asset_events;
  std::optional<std::vector<AssetEvent>> triggering_asset_events;
  std::optional<Resumption> resumed;

  // What the task put into its context; null: nothing.
  Value own;

  // Of the worker: the version of the calls to its operator host that it takes; 0: none.
  int host_calls = 0;
  // For templates, where they are known: members of StartupDetails, and the task as declared.
  const Value* startup_ti = nullptr;
  const Value* startup_context = nullptr;
  std::string fileloc, relative_fileloc;  // of the DAG: its source, not the program
  const DagNode* dag = nullptr;
  const TaskNode* task = nullptr;

  // Of a callback.
  std::string event, error;

  // Takes over the members of a TaskInstance and of a DagRun, where they are there.
  void set_task_instance(const Value& ti);
  void set_dag_run(const Value& dag_run);
  // The DAG's params, the task's in their place, and what the run's conf has in theirs.
  void set_params(const Params& of_dag, const Params* of_task = nullptr);

  // One request; throws ServerError for an error of the server's.
  Value ask(const Object& request);
  // A call of a hook in the worker's operator host. Throws HookError where it fails, or where there is none: under a stock
  // Airflow. `what` is the hook's name for people.
  Value call_host(std::string_view what, std::string_view hook, std::string_view method, std::string_view conn_id,
                  Object arguments);
  // `content` with the strings in it rendered, by the worker. A string that ends with one of `template_ext` is the name of a
  // file with the template. Throws HookError.
  [[nodiscard]] Value render(const Value& content, std::string_view name, std::span<const std::string_view> template_ext = {});
  [[nodiscard]] Object xcom_address(std::string_view key) const;  // of this try

  void remember_secret(std::string_view secret);
  // The text without the secrets that this process asked for.
  [[nodiscard]] std::string without_secrets(std::string text) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace venturi::inline sdk::detail
