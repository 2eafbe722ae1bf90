// Unit tests of tasks, without a server: a task of this program runs in this process, and what it finds is made up.
// Milliseconds.
//
//   #include <venturi/test.h>
//   using namespace venturi;
//
//   test::Outcome o = test::run_task("shop", "count", {.params = {{"limit", 3}},
//                                                      .variables = {{"unit", "EUR"}},
//                                                      .xcoms = {test::xcom("extract", std::vector<int>{1, 2})}});
//   EXPECT_EQ(o.state, "success");
//   EXPECT_EQ(o.result<int>(), 2);
//
// Link the DAG's file, the test with its main() and libventuri.a. Retries, trigger rules and other tasks have no part in it:
// `venturi dags test` runs whole DAGs. Built-in operators do not run in the program, and so not here.
//
// Nobody waits in a test: a sensor of the program's is asked again at once, on a clock that goes on by what it would have
// waited. A template is not rendered, since that is the worker's work: test::rendered() among the hooks says what it gives.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/context.h"
#include "venturi/owned.h"
#include "venturi/run_file.h"
#include "venturi/time.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk::test {

struct XCom {
  std::string task_id;
  Value value;
  std::string key = "return_value";
  int map_index = -1;
};
// What another task gave: its type decides how it is stored, as in a run.
template <detail::Transferable T>
[[nodiscard]] XCom xcom(std::string_view task_id, const T& value, std::string_view key = "return_value", int map_index = -1) {
  return {.task_id = std::string(task_id), .value = to_value(value), .key = std::string(key), .map_index = map_index};
}

// A folder for the files of a run, with a name of its own, removed with its last copy.
class RunFolder {
 public:
  RunFolder();  // below TMPDIR or /tmp; throws std::system_error
  [[nodiscard]] const std::string& path() const;
  // As Context::create_run_file: finish() gives the RunFile that xcom("extract", file) hands to a task.
  [[nodiscard]] RunFileWriter create_run_file(std::string name, std::vector<Column> columns) const;

 private:
  detail::Shared folder_;
};

// What a hook of the task is answered with. For each call the first entry counts that fits and was not used up; a query or a
// request without one fails and says so, what is called for its effect (run, commit, a mail) goes well. Made by:
//
//   .hooks = {test::sql("FROM orders", std::vector<Order>{...}),  a part of the SQL; rows as VENTURI_STRUCTs, vectors or values
//             test::affected("UPDATE orders", 3),
//             test::failing_sql("INSERT", "duplicate key", "23505"),
//             test::object("s3://shop/in/a.csv", "id,amount\n1,2\n"),        what S3Hook finds there; "gs://...": GCSHook
//             test::failing_call("s3", "load_file s3://shop", "S3: PUT s3://shop: SlowDown", {{"code", "SlowDown"}}),
//             test::response("GET /orders", 200, R"({"items": []})"),
//             test::rendered("{{ ds }}", "2026-01-01")}
//
// SQL is that of PostgresHook, RedshiftSQLHook, RedshiftDataHook and BigQueryHook alike. What else BigQueryHook and
// RedshiftHook look at is answered by its own: {.hook = "bigquery", .match = "GET datasets/sales", .body = ...}.
struct HookAnswer {
  std::string hook;   // "postgres" (all SQL), "http", "smtp", "s3", "gcs", "bigquery", "redshift", "redshift_data" or "render"
  std::string match;  // a part of the SQL, of "GET /orders", of the mail's subject; an object's URL; the template
  Value body{};       // as the hook gives it
  std::string error{};
  Object detail{};  // of the error
  int times = 0;    // for so many calls; 0: for all
};
[[nodiscard]] HookAnswer affected(std::string_view match, std::int64_t rows);
[[nodiscard]] HookAnswer failing_sql(std::string_view match, std::string_view error, std::string_view sqlstate = {});
// With a status of 400 or above the call fails, as a real one does.
[[nodiscard]] HookAnswer response(std::string_view match, int status, std::string_view text, Object headers = {});
[[nodiscard]] HookAnswer object(std::string_view url, std::string_view content);
// `match`: a part of what the call is known by (HookCall::what).
[[nodiscard]] HookAnswer failing_call(std::string_view hook, std::string_view match, std::string_view error,
                                      Object detail = {});
[[nodiscard]] HookAnswer rendered(std::string_view of_template, std::string_view text);
[[nodiscard]] HookAnswer sql_rows(std::string_view match, const detail::Type& type, const void* first, std::size_t count,
                                  std::size_t stride);
template <detail::Transferable Row>
[[nodiscard]] HookAnswer sql(std::string_view match, const std::vector<Row>& rows) {
  return sql_rows(match, type_of<Row>(), rows.data(), rows.size(), sizeof(Row));
}

// A call that the task made.
struct HookCall {
  std::string hook, method, conn_id;
  std::string what;  // the SQL, "GET /orders", the mail's subject, "read_key s3://shop/in/a.csv"
  Value arguments;   // all of it: "parameters", "json", "to", ...
};

// What the task finds. Members are designated in this order.
struct World {
  std::optional<Time> logical_date{}, data_interval_start{}, data_interval_end{};
  std::string run_id = "test", run_type = "manual";
  int try_number = 1;
  int retries = 0;  // left: with some, a failure is "up_for_retry"
  int map_index = -1;
  Object conf{};    // of the run
  Object params{};  // in place of the DAG's own of the same name, as a run's conf is
  std::vector<Connection> connections{};
  std::vector<std::pair<std::string, std::string>> variables{};
  std::vector<XCom> xcoms{};
  std::optional<Duration> waiting{};    // of a sensor in mode reschedule: since its first poke, where this is not the first
  std::optional<Resumption> resumed{};  // of a task that goes on after it deferred itself
  std::optional<RunFolder> files{};     // without: one of its own, which the outcome keeps
  std::vector<HookAnswer> hooks{};
  std::vector<AssetEvent> triggering_asset_events{};  // with run_type = "asset_triggered"
  std::vector<AssetEvent> asset_events{};             // of inlets; those through an alias have it among their source_aliases

  ~World();
};

// What became of it.
struct Outcome {
  std::string state;                 // "success", "failed", "up_for_retry", "skipped", "deferred" or "up_for_reschedule"
  std::string error;                 // why it failed, or was skipped
  std::vector<XCom> xcoms;           // that it pushed, its result as "return_value"
  std::vector<std::string> skipped;  // tasks below it, by a branch or short circuit
  std::vector<std::string> log;      // "info: read 3 rows"
  Duration waited{};                 // that a sensor would have; until it wants to be called again, of one that reschedules
  std::vector<std::pair<std::string, std::optional<std::string>>> variables;  // that it set (nothing: deleted)
  RunFolder files;
  std::vector<HookCall> calls;  // of hooks, in order
  // What it said of events of its outlets: {"dest_asset_key": {"name", "uri"}, "extra"}, of an alias {"source_alias_name", ...}
  Array outlet_events;
  Value deferral;  // Airflow's DeferTask: classpath, trigger_kwargs, trigger_timeout, next_method, next_kwargs

  // Null where there is no such XCom.
  [[nodiscard]] Value xcom(std::string_view key) const;
  // What the function returned; throws ValueError where it is no T.
  template <detail::Transferable T>
  [[nodiscard]] T result() const {
    return from_value<T>(xcom("return_value"), "the result", files.path());
  }
};

// Throws std::invalid_argument where the program has no such task, or it is a built-in operator, or the DAG has mistakes.
[[nodiscard]] Outcome run_task(std::string_view dag_id, std::string_view task_id, const World& world = {});

}  // namespace venturi::inline sdk::test
