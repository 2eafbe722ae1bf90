// Points in time (UTC, microseconds as in Airflow) and their texts. The server's own code uses the same two functions: they are
// implemented once, in src/base/time.cpp.
#pragma once

#if __has_include(<bits/chrono.h>)
#include <bits/chrono.h>  // of libstdc++: <chrono> without calendars and streams, whose precompiled form is a quarter larger
#else
#include <chrono>
#endif
#include <optional>
#include <string>
#include <string_view>

namespace venturi {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

// "2026-11-24T04:43:57.123456Z"; the fraction only where there is one.
[[nodiscard]] std::string format_time(Time t);
// ISO 8601 with 'T' or blank, optional fraction, and Z, an offset, or nothing (then UTC). Also a date alone.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text);

}  // namespace venturi
