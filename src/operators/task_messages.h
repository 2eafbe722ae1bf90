// What an operator says to its task host, and how the answers are read: Airflow's messages, for tries in a host and in a
// process of their own alike.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/connection.h"
#include "operators/arguments.h"
#include "task/frame.h"
#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::operators {

// What all tasks of a run have in common.
struct RunFacts {
  std::string dag_id, run_id;
  std::optional<Time> logical_date = {}, data_interval_end = {}, run_after = {};
  friend bool operator==(const RunFacts&, const RunFacts&) = default;
};

// Of StartupDetails, what operators ask for.
struct TaskFacts {
  // Throws ValueError naming what is missing.
  explicit TaskFacts(const Value& details);

  std::shared_ptr<const RunFacts> run;
  std::string ti_id, task_id;
  int try_number = 1, map_index = -1;
  bool should_retry = false;
  std::optional<Time> start_date;
  std::int64_t task_reschedule_count = 0;   // of this try
  std::vector<std::string> xcoms_to_clear;  // of an earlier try
};

// Largest XCom, in bytes, that an operator or a template asks for: the host decodes it in its loop, for one of thousands.
inline constexpr std::int64_t most_xcom_bytes = 4 << 20;
[[nodiscard]] Value get_xcom(const TaskFacts& facts, const XComRef& ref);
[[nodiscard]] Value set_xcom(const TaskFacts& facts, std::string_view key, Value value);
[[nodiscard]] Value delete_xcom(const TaskFacts& facts, std::string_view key);
[[nodiscard]] Value get_connection(std::string_view conn_id);
[[nodiscard]] Value get_variable(std::string_view key);
[[nodiscard]] Value succeed_task();
// Before the success. Each is a task_id, or [task_id, map_index].
[[nodiscard]] Value skip_downstream(Array tasks);
// "failed" or "skipped". The reason of a failure is beside Airflow's fields: what the server shows and tells on.
[[nodiscard]] Value task_state(std::string_view state, std::string_view error = {});
[[nodiscard]] Value retry_task(std::string_view reason);
[[nodiscard]] Value reschedule_task(Time reschedule_date);
// Ours: it waits deferred in the process in which it runs.
[[nodiscard]] Value defer_in_place(std::string_view classpath);
// When the try that goes on now was started first.
[[nodiscard]] Value get_reschedule_start(const TaskFacts& facts);
// Of the run before this one that succeeded.
[[nodiscard]] Value previous_success(const TaskFacts& facts);

// The answer's body. Throws TaskFailed for an error of the server's, naming the request.
[[nodiscard]] Value body_of(const task::Frame& answer, std::string_view request_type);
// Null where there is none.
[[nodiscard]] Value read_xcom(const Value& body);
// Throws TaskFailedForGood where the XCom is larger than most_xcom_bytes.
void expect_xcom(const Value& body);
// Throws TaskFailed saying how to add the connection where there is none.
[[nodiscard]] Connection read_connection(const Value& body, std::string_view conn_id);
// Nothing where there is none.
[[nodiscard]] std::optional<std::string> read_variable(const Value& body);

// The members of the connection's extra, an empty object where there is none. Throws TaskFailed where it is no JSON object.
[[nodiscard]] Object extra_of(const Connection& connection);

}  // namespace venturi::operators
