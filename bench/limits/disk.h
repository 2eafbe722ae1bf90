#pragma once

#include <string>

#include "measure.h"

namespace venturi::bench {

// The median of writing 4 KiB into room that was filled with zeros before, and fdatasync.
[[nodiscard]] Seconds fdatasync_4k(const std::string& folder, Seconds time);

}  // namespace venturi::bench
