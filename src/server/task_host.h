// Answers what tasks ask and say: the messages of Airflow's supervisor protocol (ToSupervisor), as the Task Execution API
// would answer them over HTTP.
//
// A question is answered from the store at once. A write goes into the open batch and is answered when that is durable, so that
// a task which was told "success" is one after any crash. What cannot be found is an ErrorResponse in the answer's body, as
// Airflow's SDK expects; a refused call is one in its error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "server/lookups.h"
#include "server/scheduler.h"
#include "store/store.h"
#include "venturi/value.h"

namespace venturi::server {

struct Reply {
  Value body, error;
};
using OnReply = std::function<void(Reply)>;

class TaskHost {
 public:
  struct Options {
    std::int64_t max_xcom_bytes = 1 << 20;
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
  Reply get_dag_run(const Value& body, bool state_only);
  Reply get_task_states(const Value& body);
  Reply get_reschedule_start(const Value& body, LaunchToken token);
  Result<std::optional<DagRun>> find_run(const Value& body);

  // task_host.cpp: writes.
  [[nodiscard]] std::optional<Reply> write(LaunchToken token, const std::string& type, const Value& body);
  std::optional<Reply> outcome(LaunchToken token, const std::string& type, const Value& body);
  std::optional<Reply> set_xcom(const Value& body);
  [[nodiscard]] bool counts(LaunchToken token) const;

  Scheduler& scheduler_;
  store::Reader& reader_;
  const Lookups& lookups_;
  Options options_;
};

[[nodiscard]] Reply refusal(std::string_view error_type, std::string message);
// As an answer's body: what a task may handle.
[[nodiscard]] Reply not_found(std::string_view error_type, Object detail);

}  // namespace venturi::server
