// How an operator ends otherwise than by returning its value. Thrown out of it, caught at the edge of the try.
#pragma once

#include <stdexcept>
#include <string>

#include "venturi/time.h"

namespace venturi::operators {

// Airflow's AirflowException: the try failed; it is retried where the task has tries left.
class TaskFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Airflow's AirflowFailException: the same again would fail the same way, so it is not retried.
class TaskFailedForGood : public TaskFailed {
 public:
  using TaskFailed::TaskFailed;
};

// Airflow's AirflowRescheduleException: the same try is started again at that time.
class TaskRescheduled : public std::runtime_error {
 public:
  explicit TaskRescheduled(Time when) : std::runtime_error("it asked to be started again later"), date(when) {}
  Time date;
};

// Airflow's AirflowSkipException.
class TaskSkipped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace venturi::operators
