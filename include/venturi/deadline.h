// Who is told when a DAG's run has not succeeded in time (Airflow's deadline alerts):
//
//   VENTURI_DAG(orders, {.schedule = "@daily",
//                        .deadline = {{.reference = DeadlineReference::dagrun_queued_at(), .interval = 1h,
//                                      .callback = email_to("ops@example.com"), .name = "orders by the hour"}}}) { ... }
//
// It is told of once, also when the server was away meanwhile; a run that succeeded in time is told of to nobody, and one that
// failed is: what it was to do is not done. Clearing a run gives it more time where that counts from `dagrun_queued_at`.
// A function gets the run's context, event() "deadline", and in error() which deadline it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "venturi/callback.h"
#include "venturi/schedule.h"
#include "venturi/time.h"

namespace venturi::inline sdk {

// From when the interval counts.
class DeadlineReference {
 public:
  static DeadlineReference dagrun_queued_at() { return {}; }
  // Runs without a logical date have no such deadline.
  static DeadlineReference dagrun_logical_date();
  static DeadlineReference fixed_datetime(Date date);
  // As long after it is queued as the DAG's last runs took on average: at most `max_runs` of them, and with fewer than
  // `min_runs` (all of those) there is no deadline.
  static DeadlineReference average_runtime(int max_runs = 10, std::optional<int> min_runs = {});

  enum class Kind : std::uint8_t { dagrun_queued_at, dagrun_logical_date, fixed_datetime, average_runtime };
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const Date& date() const { return date_; }
  [[nodiscard]] int max_runs() const { return max_runs_; }
  [[nodiscard]] int min_runs() const { return min_runs_; }

 private:
  Kind kind_ = Kind::dagrun_queued_at;
  Date date_;
  int max_runs_ = 10, min_runs_ = 10;
};

struct DeadlineAlert {
  DeadlineReference reference{};
  Duration interval{};  // may be negative: before the reference
  Callbacks callback{};
  std::string name{};
};

}  // namespace venturi::inline sdk
