#include "venturi/deadline.h"

#include <utility>

namespace venturi::inline sdk {

DeadlineReference DeadlineReference::dagrun_logical_date() {
  DeadlineReference reference;
  reference.kind_ = Kind::dagrun_logical_date;
  return reference;
}

DeadlineReference DeadlineReference::fixed_datetime(Date date) {
  DeadlineReference reference;
  reference.kind_ = Kind::fixed_datetime;
  reference.date_ = std::move(date);
  return reference;
}

DeadlineReference DeadlineReference::average_runtime(int max_runs, std::optional<int> min_runs) {
  DeadlineReference reference;
  reference.kind_ = Kind::average_runtime;
  reference.max_runs_ = max_runs;
  reference.min_runs_ = min_runs.value_or(max_runs);
  return reference;
}

}  // namespace venturi::inline sdk
