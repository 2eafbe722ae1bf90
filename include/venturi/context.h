// What a running task or callback knows and can do. A function gets it as its first parameter where it wants it:
//
//   void load(const Context& context, const RunFile& orders) {
//     context.log().info("loading ", orders.row_count, " orders of ", *context.logical_date());
//     const Connection target = context.get_connection("warehouse");
//   }
//
// A task ends well by returning. It ends otherwise by throwing: skip_task() for skipped, fail_task() for failed whatever
// retries are left, and any other exception for a failure that follows the task's own retry rule.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/asset_event.h"
#include "venturi/deferral.h"
#include "venturi/logger.h"
#include "venturi/run_file.h"
#include "venturi/time.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// Airflow's AirflowSkipException.
class TaskSkipped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// Airflow's AirflowFailException: the same again would fail the same way, so it is not tried again.
class TaskFailedForGood : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
[[noreturn]] void skip_task(const std::string& why);
[[noreturn]] void fail_task(const std::string& why);

// What the calls of a light task's context throw once its end is wanted: its execution_timeout is over, or it was marked failed
// or cleared. No std::exception, so that it passes a catch for those, as Airflow's AirflowTaskTimeout does.
class TaskCancelled {
 public:
  explicit TaskCancelled(std::string why) : why_(std::move(why)) {}
  [[nodiscard]] const char* what() const noexcept { return why_.c_str(); }

 private:
  std::string why_;
};

// A connection or variable that does not exist; says how to add it.
class NotFound : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// The server refused a request, or could not answer it.
class ServerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A service of the worker's operator host failed: a hook's call (venturi/hooks.h), or a template.
class HookError : public std::runtime_error {
 public:
  HookError(const std::string& what, Value detail);
  // What the code can look at: {"sqlstate": "23505"} of PostgreSQL, {"status": 404} of HTTP.
  [[nodiscard]] const Value& detail() const { return detail_; }

 private:
  Value detail_;
};

struct Connection {
  std::string conn_id{}, conn_type{}, host{}, schema{}, login{}, password{};
  std::optional<int> port{};
  std::string extra{};  // a JSON text, as it was entered
  // Throws ValueError where `extra` is no JSON object; an empty one gives an empty object.
  [[nodiscard]] Value extra_dejson() const;
};

// Which XCom is meant. What is left out is that of the present task's DAG and run.
struct XComQuery {
  std::string_view task_id, key = "return_value", dag_id = {}, run_id = {};
  int map_index = -1;
  bool include_prior_dates = false;
};

namespace detail {
class ContextData;
}

// A view of what the process keeps: cheap to copy, good while the function runs.
class Context {
 public:
  explicit Context(detail::ContextData& data) : data_(&data) {}

  [[nodiscard]] const std::string& dag_id() const;
  [[nodiscard]] const std::string& task_id() const;
  [[nodiscard]] const std::string& run_id() const;
  [[nodiscard]] const std::string& run_type() const;  // "scheduled", "manual", "backfill", "asset_triggered", ...
  [[nodiscard]] int try_number() const;               // 1 for the first
  [[nodiscard]] int max_tries() const;                // how often the task is tried again
  [[nodiscard]] int map_index() const;                // -1 where the task is not mapped
  // Nothing for runs without a logical date, as in Airflow 3.
  [[nodiscard]] std::optional<Time> logical_date() const;
  [[nodiscard]] std::optional<Time> data_interval_start() const;
  [[nodiscard]] std::optional<Time> data_interval_end() const;
  [[nodiscard]] std::optional<Time> run_after() const;
  [[nodiscard]] std::optional<Time> start_date() const;  // of the run

  // Which part of the data the run is for; nothing where it is for no partition. What the key says of time is its date.
  [[nodiscard]] const std::optional<std::string>& partition_key() const;
  [[nodiscard]] std::optional<Time> partition_date() const;

  // What the run was triggered with; an empty object where nothing.
  [[nodiscard]] const Value& conf() const;
  // The DAG's params, those of the same name in conf() in their place.
  [[nodiscard]] const Value& params() const;

  // Throws NotFound.
  [[nodiscard]] Connection get_connection(std::string_view conn_id) const;
  [[nodiscard]] std::string get_variable(std::string_view key) const;
  [[nodiscard]] std::string get_variable(std::string_view key, std::string_view otherwise) const;
  // The variable's text read as JSON; throws ValueError where it is none.
  [[nodiscard]] Value get_variable_json(std::string_view key) const;
  void set_variable(std::string_view key, std::string_view value, std::string_view description = {}) const;
  void delete_variable(std::string_view key) const;

  // Another task's XCom, or one that this task pushed; nothing where there is none.
  template <class T>
  [[nodiscard]] std::optional<T> xcom_pull(const XComQuery& query) const {
    const Value value = pull(query);
    if (value.is_null()) return std::nullopt;
    return from_value<T>(value, query.key, run_files());
  }
  template <class T>
  [[nodiscard]] std::optional<T> xcom_pull(std::string_view task_id, std::string_view key = "return_value") const {
    return xcom_pull<T>({.task_id = task_id, .key = key});
  }
  template <class T>
  void xcom_push(std::string_view key, const T& value) const {
    push(key, to_value(value));
  }

  // The text, or each text in the value, with its templates rendered in this task's context as those of operators are:
  // "orders_{{ ds_nodash }}", "{{ var.value.bucket }}". Throws HookError for a mistake in a template (`name` is what its text
  // calls it), and under a stock Airflow, whose tasks in C++ have no templates.
  [[nodiscard]] std::string render(std::string_view text) const;
  [[nodiscard]] Value render_template(const Value& content, std::string_view name = "value") const;

  // Puts a value into the context (Airflow's context["name"] = value): templates that are rendered from then on know it by that
  // name, the task's map_index_template among them. It is gone with the try.
  template <class T>
  void set(std::string_view name, const T& value) const {
    put(name, to_value(value));
  }

  // The events that an asset-triggered run was made for, the oldest first; of one asset, or through one alias. None in other
  // runs. The server is asked once, by the first call.
  [[nodiscard]] const std::vector<AssetEvent>& triggering_asset_events() const;
  [[nodiscard]] std::vector<AssetEvent> triggering_asset_events(const AssetOrAlias& of) const;
  // All events of an asset, or through an alias. Throws std::invalid_argument where it is none of the task's inlets.
  [[nodiscard]] std::vector<AssetEvent> inlet_events(const AssetOrAlias& inlet, const InletEventsQuery& query = {}) const;
  // What goes with the events of an outlet when the task succeeds; what is no outlet of it has none.
  [[nodiscard]] OutletEvents outlet_events(const AssetOrAlias& outlet) const;
  // Ends the process, and has another one go on when the trigger fires (venturi/deferral.h). It throws TaskDeferred: locals
  // are destroyed, and their values gone. XComs and run files stay.
  [[noreturn]] void defer(Trigger trigger, DeferOptions options = {}) const;
  // Of a process that goes on; nullptr in the first one of a try. Good while the function runs.
  [[nodiscard]] const Resumption* resumed() const;

  // The folder of the run's files; throws std::runtime_error under a stock Airflow, which has none.
  [[nodiscard]] const std::string& run_dir() const;
  // `name` lies within the run's folder; return what its finish() gives, and the next task can take it.
  [[nodiscard]] RunFileWriter create_run_file(std::string name, std::vector<Column> columns) const;

  [[nodiscard]] const Logger& log() const;

  // Of a light task (docs/light-tasks.md): its end is wanted, and it should return or throw soon; it does not succeed any more.
  // Always false in a process of its own, which is ended instead.
  [[nodiscard]] bool is_cancelled() const;

 private:
  [[nodiscard]] Value pull(const XComQuery& query) const;
  void push(std::string_view key, Value value) const;
  void put(std::string_view name, Value value) const;
  [[nodiscard]] std::string_view run_files() const;

 protected:
  detail::ContextData* data_;
};

// What a callback gets. For a callback of the DAG, the task is the one that ended last, where the server says which.
class CallbackContext : public Context {
 public:
  using Context::Context;

  // "execute", "success", "failure", "retry", "skipped" or "deadline".
  [[nodiscard]] std::string_view event() const;
  // What ended the try: the exception's text, or "killed by signal 9". Empty where nothing went wrong. Of a callback of the DAG
  // Airflow's reason of a failure: "task_failure", "timed_out" or "all_tasks_deadlocked".
  [[nodiscard]] const std::string& error() const;
};

}  // namespace venturi::inline sdk
