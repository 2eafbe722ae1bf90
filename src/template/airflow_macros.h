// The members of Airflow's `macros`.
#pragma once

#include <optional>

#include "template/airflow_objects.h"

namespace venturi::templates {

[[nodiscard]] Item make_datetime_class(const std::optional<Time>& now);
[[nodiscard]] Item make_timedelta_class();
[[nodiscard]] Item make_time_module(const std::optional<Time>& now);
[[nodiscard]] Item make_uuid_module();
[[nodiscard]] Item make_json_module();
[[nodiscard]] Item make_dateutil_module();
Item random_number(Call& call);
Item datetime_diff_for_humans(Call& call, const std::optional<Time>& now);

// An error where rendering was given no clock.
[[nodiscard]] Time require_now(const std::optional<Time>& now);

}  // namespace venturi::templates
