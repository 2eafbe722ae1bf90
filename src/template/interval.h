// The difference of two dates in years, months, days and so on, as pendulum's precise_diff computes it.
#pragma once

#include <string>

#include "template/datetime.h"

namespace venturi::templates {

struct Difference {
  int years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, microseconds = 0;  // of one sign
  std::int64_t total_days = 0;
};
[[nodiscard]] Difference difference(const DateTime& start, const DateTime& end);

// "2 days ago", "in 3 hours", "1 week before": DateTime.diff_for_humans(). Without `other` the message is about now, `now`.
[[nodiscard]] std::string difference_for_humans(const DateTime& time, const DateTime& other, bool other_is_now, bool absolute);
[[nodiscard]] std::string difference_in_words(const Difference& difference, std::string_view separator);

}  // namespace venturi::templates
