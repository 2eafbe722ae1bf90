// Keys of partitions, as Airflow's validate_partition_key has them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace venturi {

// Why it is none; nothing: it is one.
[[nodiscard]] std::optional<Error> partition_key_trouble(const std::string& key);

}  // namespace venturi
