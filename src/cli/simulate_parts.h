// `dags simulate`: its options and two of its forms of output; the rest is pages/simulation.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "pages/simulation.h"

namespace venturi::cli {

// ---- simulate_options.cpp ------------------------------------------------------------------------------------------------

using pages::ForTask;
using pages::SimulateOptions;
using pages::Simulation;
// The error says what of which option is wrong.
[[nodiscard]] Result<SimulateOptions> read_simulate_options(const Arguments& arguments);
// "90m", "1.5h", "30s", "2d", "500ms"; nothing where it is none, or below 0.
[[nodiscard]] std::optional<Duration> read_duration(std::string_view text);

// ---- simulate_output.cpp --------------------------------------------------------------------------------------------------

[[nodiscard]] std::string simulation_table(const Simulation& simulation);
[[nodiscard]] Value simulation_json(const Simulation& simulation);

}  // namespace venturi::cli
