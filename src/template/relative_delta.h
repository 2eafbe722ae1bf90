// dateutil's relativedelta: `logical_date + macros.dateutil.relativedelta.relativedelta(months=1, day=1)`.
#pragma once

#include "template/call.h"

namespace venturi::templates {

// The class, called with years, months, weeks, days, hours, minutes, seconds, microseconds (added) and year, month, day, hour,
// minute, second, microsecond (set).
[[nodiscard]] Item make_relative_delta(Call& call);

}  // namespace venturi::templates
