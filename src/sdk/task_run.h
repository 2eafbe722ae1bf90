// One try of one task in this process, from Airflow's StartupDetails to the message that says how it ended.
//
//   start ─▶ [DeleteXCom of an earlier try's] [GetXCom of each input] ─▶ on_execute_callback ─▶ the function
//     returned        SetXCom(s), SucceedTask
//     branch, short   SetXCom(skipmixin_key), SkipDownstreamTasks, SucceedTask
//     TaskSkipped     TaskState{skipped}
//     TaskFailedForGood, or no retry left   TaskState{failed}
//     any other exception                   RetryTask
//     a sensor: not yet                     RescheduleTask, where it does not wait in its process (sensor_run.h)
//     TaskDeferred                          DeferTask; another process goes on with the try (venturi/deferral.h)
//   ─▶ answered ─▶ on_success/skipped/failure/retry_callback (functions only) ─▶ exit
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "sdk/caught.h"
#include "sdk/comms.h"
#include "sdk/context_data.h"
#include "sdk/dag_node.h"
#include "sdk/log_sink.h"
#include "sdk/sensor_run.h"

namespace venturi::inline sdk::internal {

class TaskRun {
 public:
  TaskRun(const DagBag& dags, Comms& comms, detail::LogSink& log, Value startup);
  // By which sensors wait; the real one without this.
  void set_clock(SensorClock& clock) { clock_ = &clock; }

  // How the try ended, and what tells it.
  struct End {
    // "success", "skipped", "failure", "retry", "reschedule", "deferred"; "cancelled": there is nothing to tell
    std::string_view event;
    std::vector<Value> messages;  // the last one is the outcome
    std::string error;
  };

  // The process's exit code: 0 where the end was told and accepted.
  [[nodiscard]] int run();

  // The steps of run(), for a process that has many tries under way (light.h).
  [[nodiscard]] End execute();
  // False where the server refused one of end.messages: that is in the log then.
  [[nodiscard]] bool is_accepted(const End& end, const std::vector<Answer>& answers);
  // How it ends instead, where one of end.messages cannot be sent.
  [[nodiscard]] End too_large(const TooLarge& e);
  // Whether run_callbacks() has something to do.
  [[nodiscard]] bool calls_back(const End& end) const;
  void run_callbacks(const End& end);

 private:
  void fetch();
  void fetch_pages(Value request, const Value& first, Array& all);
  // Renders the map_index_template of the task, if it has one; throws what rendering throws.
  void name_instance();
  // ... before the task runs, with what is known then; and when it failed. What cannot be rendered is left out.
  void name_instance_early();
  void name_failed_instance();
  [[nodiscard]] Value rendered_map_index() const { return name_.empty() ? Value() : Value(name_); }
  void limit_time(bool on);
  [[nodiscard]] End run_sensor(detail::Invocation& call);
  [[nodiscard]] End success(Value result);
  [[nodiscard]] End branch(const Value& choice);
  [[nodiscard]] End short_circuit(bool goes_on, Value result);
  [[nodiscard]] End skip_below(const char* marker, Array marked, Array skipped);
  [[nodiscard]] End skipped(const std::string& why);
  // From inside a catch clause: what failed, and whether it may be tried again.
  [[nodiscard]] End failed_by_policy(const Caught& caught, const std::exception_ptr& thrown);
  [[nodiscard]] End failure();
  [[nodiscard]] End failed(std::string error, std::string_view exception_type, bool may_retry);
  // False where the server did not take the end; that of an end that could not be told becomes a failure.
  [[nodiscard]] bool report(End& end);
  void log_refusal(const Value& message, const Answer& answer);
  [[nodiscard]] Value set_xcom(std::string_view key, Value value) const;
  [[nodiscard]] Value succeed() const;

  const DagBag& dags_;
  Comms& comms_;
  Value startup_;
  detail::ContextData data_;
  SensorClock* clock_ = nullptr;
  const detail::TaskNode* task_ = nullptr;
  std::string not_declared_;  // why task_ is none
  std::string name_;          // of a mapped task's instance, by its map_index_template
};

// Runs the functions of `callbacks` one after the other, whatever becomes of the others; false where one threw. What it threw
// is in the log.
[[nodiscard]] bool run_functions(const Callbacks& callbacks, std::string_view name, detail::ContextData& data);

// Airflow's timestamps in messages.
[[nodiscard]] std::string now_text();

}  // namespace venturi::inline sdk::internal
