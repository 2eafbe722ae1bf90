// `dags simulate`, in the parts of its way: options, what the home knows, the simulation, and its three forms of output.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "sim/assumptions.h"
#include "sim/report.h"

namespace venturi::cli {

// ---- simulate_options.cpp ------------------------------------------------------------------------------------------------

// TASK=VALUE or DAG.TASK=VALUE, as it was written.
template <class Value>
struct ForTask {
  std::string name;
  Value value;
};

struct SimulateOptions {
  std::vector<std::string> dags;  // patterns of the shell's; none: all
  std::vector<ForTask<Duration>> durations;
  std::vector<ForTask<double>> failing;
  std::vector<ForTask<std::int32_t>> lengths;
  std::vector<std::pair<std::string, std::int32_t>> pools;
  Duration default_duration{};
};
// The error says what of which option is wrong.
[[nodiscard]] Result<SimulateOptions> read_simulate_options(const Arguments& arguments);
// "90m", "1.5h", "30s", "2d", "500ms"; nothing where it is none, or below 0.
[[nodiscard]] std::optional<Duration> read_duration(std::string_view text);

// ---- simulate_history.cpp ------------------------------------------------------------------------------------------------

// What the newest ended runs of the DAG say: medians of durations; of the last of them, lengths of lists and what its branches
// left out.
[[nodiscard]] Result<void> learn(sim::Assumptions& assumptions, store::Reader& reader, const Dag& dag);
// Puts the options over it. An error where a name is none of a task of `dags`.
[[nodiscard]] Result<void> assume(sim::Assumptions& assumptions, const SimulateOptions& options,
                                  const std::vector<std::shared_ptr<const Dag>>& dags);

// ---- simulate_output.cpp, simulate_page.cpp ------------------------------------------------------------------------------

struct Simulation {
  sim::Report report;
  std::vector<std::string> notes;  // what was assumed, and what was left out
  std::uint64_t seed = 0;
};
[[nodiscard]] std::string simulation_table(const Simulation& simulation);
[[nodiscard]] Value simulation_json(const Simulation& simulation);
[[nodiscard]] std::string simulation_page(const Simulation& simulation);

// How much later than it might a run began, by a second or more; nothing where it never did.
[[nodiscard]] std::optional<Duration> lateness(const sim::RunRecord& run);
// Whether it began late, or not by the end, and why; empty where it was in time.
[[nodiscard]] std::string why_late(const sim::Report& report, const sim::RunRecord& run);
[[nodiscard]] std::string_view to_string(sim::Ending ending);
[[nodiscard]] std::string span_text(Duration span);

}  // namespace venturi::cli
