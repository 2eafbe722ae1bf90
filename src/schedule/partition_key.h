// Partition keys that say a time: Python's strptime and strftime, as far as keys need them.
//
//   %Y %m %d %H %M %S %f %j %z %%   and %V %U %W, weeks, which are written, and not looked at when a key is read
//   {quarter}                       1 to 4 (airflow/partition_mappers/temporal.py)
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/time_zone.h"

namespace venturi::schedule {

// An error where the format has anything else behind a %.
[[nodiscard]] Result<void> check_key_format(std::string_view format);

struct KeyTime {
  WallTime wall;
  std::optional<std::chrono::seconds> offset;  // %z
};
[[nodiscard]] Result<KeyTime> read_key(std::string_view key, std::string_view format);
// `zone` gives %z.
[[nodiscard]] std::string write_key(WallTime wall, std::string_view format, const TimeZone& zone);

}  // namespace venturi::schedule
