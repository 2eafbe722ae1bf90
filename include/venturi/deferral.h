// Waiting without a process: a task says until when, its process ends, and another one goes on with the same try.
//
//   std::int64_t import(const Context& context) {
//     const Resumption* resumed = context.resumed();
//     if (resumed == nullptr) {
//       start_export();
//       context.defer(TimeDeltaTrigger(10min), {.kwargs = {{"job", "nightly"}}, .timeout = 1h});
//     }
//     return load(resumed->kwargs.get_string("job"));
//   }
//
// As Airflow's deferrable operators: meanwhile the task instance is `deferred`, holds no slot of parallelism, and one of its
// pool only where that counts deferred tasks (include_deferred). Sensors of one's own need none of this (venturi/own_sensor.h).
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// What ends the waiting: Airflow's class path and arguments of a trigger.
class Trigger {
 public:
  Trigger(std::string classpath, Value kwargs) : classpath_(std::move(classpath)), kwargs_(std::move(kwargs)) {}
  [[nodiscard]] const std::string& classpath() const { return classpath_; }
  [[nodiscard]] const Value& kwargs() const { return kwargs_; }

 private:
  std::string classpath_;
  Value kwargs_;
};

// Fires at a date; at once where that is over.
class DateTimeTrigger : public Trigger {
 public:
  explicit DateTimeTrigger(Time moment);
};
// Fires so long after it was made.
class TimeDeltaTrigger : public DateTimeTrigger {
 public:
  explicit TimeDeltaTrigger(Duration delta);
};

struct DeferOptions {
  std::string method_name = "execute_complete";  // what `resumed()` says then
  Object kwargs{};                               // ... and what it has beside the trigger's event
  // When it is over first, the try fails, and is retried like one that failed otherwise.
  std::optional<Duration> timeout{};
};

// What a process that goes on is told.
struct Resumption {
  std::string method_name;
  Value kwargs;  // an object: DeferOptions::kwargs
  Value event;   // of a DateTimeTrigger: its date
};

// What Context::defer() throws. No std::exception, so that it passes a catch for those, as Airflow's TaskDeferred does.
struct TaskDeferred {
  Trigger trigger;
  DeferOptions options;
};

// What fails a try whose trigger failed, or did not fire before its timeout. Retry policies can name them.
class TaskDeferralError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
class TaskDeferralTimeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace venturi::inline sdk
