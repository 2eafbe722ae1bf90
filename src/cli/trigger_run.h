// A run that is asked for in the terminal: `dags trigger`, `assets materialize`.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/home_access.h"
#include "venturi/value.h"

namespace venturi::cli {

// `command` is a `dags trigger` (server/commands.h). Shows the run, and what keeps it from beginning. The exit code.
[[nodiscard]] Result<int> trigger_run(const OpenedHome& opened, const Value& command, const std::string& output);

}  // namespace venturi::cli
