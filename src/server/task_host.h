// Answers what tasks ask and say: the messages of Airflow's supervisor protocol (ToSupervisor), as the Task Execution API
// would answer them over HTTP.
//
// A question is answered from the store at once. A write goes into the open batch and is answered when that is durable, so that
// a task which was told "success" is one after any crash. What cannot be found is an ErrorResponse in the answer's body, as
// Airflow's SDK expects; a refused call is one in its error.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "server/lookups.h"
#include "server/scheduler.h"
#include "store/store.h"
#include "venturi/value.h"

namespace venturi::schedule {
class TimeZones;
}

namespace venturi::server {

struct Reply {
  Value body, error;
};
using OnReply = std::function<void(Reply)>;

class TaskHost {
 public:
  struct Options {
    std::int64_t max_xcom_bytes = 1 << 20;
    std::int64_t max_map_length = 1024;
    const schedule::TimeZones* zones = nullptr;  // UTC alone
  };
  // All of these outlive it.
  TaskHost(Scheduler& scheduler, store::Reader& reader, const Lookups& lookups, Options options)
      : scheduler_(scheduler), reader_(reader), lookups_(lookups), options_(options) {}

  // A message of the try that this token names. `reply` is called once, now or later.
  void message(LaunchToken token, const Value& body, const OnReply& reply);
  // A message of a callback, which may only ask.
  void callback_message(const Value& body, const OnReply& reply);
  // The try's process has ended.
  void exited(LaunchToken token, const Value& exit, const std::function<void()>& done);

 private:
  // task_host_questions.cpp: nothing where the message is no question.
  std::optional<Reply> question(const std::string& type, const Value& body);
  Reply get_connection(const Value& body);
  Reply get_variable(const Value& body);
  Reply get_variable_keys(const Value& body);
  Reply get_xcom(const Value& body);
  // Of the instances of a mapped task, in order of their map_index.
  Reply get_xcom_count(const Value& body);
  Reply get_xcom_sequence_item(const Value& body);
  Reply get_xcom_sequence_slice(const Value& body);
  Reply get_dag_run(const Value& body, bool state_only);
  Reply get_reschedule_start(const Value& body, LaunchToken token);
  // The last run before this one, by logical date, that succeeded; all nulls where there is none.
  Reply get_previous_success(LaunchToken token);
  Result<std::optional<DagRun>> find_run(const Value& body);

  // task_host_runs.cpp: about other DAGs and their runs.
  std::optional<Reply> question_about_runs(const std::string& type, const Value& body);
  Reply get_run_count(const Value& body);
  Reply get_task_count(const Value& body);
  Reply get_task_states(const Value& body);
  Reply get_dag(const Value& body);
  Reply get_previous_run(const Value& body);
  Reply get_latest_only_window(LaunchToken token);
  [[nodiscard]] std::optional<Reply> each_task_instance(const Value& body,
                                                        const std::function<void(const DagRun&, const TaskInstance&)>& call);
  void trigger_dag_run(LaunchToken token, const Value& body, const OnReply& reply);

  // task_host.cpp: writes.
  [[nodiscard]] std::optional<Reply> write(LaunchToken token, const std::string& type, const Value& body);
  std::optional<Reply> outcome(LaunchToken token, const std::string& type, const Value& body);
  std::optional<Reply> set_xcom(LaunchToken token, const Value& body);
  [[nodiscard]] std::string what_is_missing(LaunchToken token);
  [[nodiscard]] bool is_mapped_over(LaunchToken token, const std::string& key) const;
  [[nodiscard]] bool counts(LaunchToken token) const;

  Scheduler& scheduler_;
  store::Reader& reader_;
  const Lookups& lookups_;
  Options options_;
  // Tries whose XCom was refused, and why: there is no success without the XComs that were sent before it.
  std::map<LaunchToken, std::string> refused_;
  // Tries that asked for a run, and which: one that asks again, before the answer, gets the same.
  std::map<LaunchToken, std::string> triggered_;
  // The last one that was asked for item by item, by many instances of a mapped task.
  struct {
    store::XComKey key;
    std::optional<Value> value;
  } list_;
};

// Of the messages about XComs. Throws ValueError where it is not complete.
[[nodiscard]] store::XComKey xcom_key(const Value& body);
[[nodiscard]] Reply refusal(std::string_view error_type, std::string message);
[[nodiscard]] Reply of_error(const Error& error);
// As an answer's body: what a task may handle.
[[nodiscard]] Reply not_found(std::string_view error_type, Object detail);

}  // namespace venturi::server
