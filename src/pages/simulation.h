// `dags simulate`: the same engine on a virtual clock, over what the home holds, and the drawing of what came of it. The
// command and the page share it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "home/config.h"
#include "sim/assumptions.h"
#include "sim/report.h"
#include "store/store.h"

namespace venturi::pages {

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
struct SimulatedSpan {
  Time from, to;
  bool is_now = true;  // from what is under way; else from another time, at which nothing is
};
struct SimulationOrder {
  SimulateOptions options = {};
  SimulatedSpan span = {};
  std::uint64_t seed = 1;
  std::optional<int> parallelism = std::nullopt;
  bool unpause_all = false;
};

struct Simulation {
  sim::Report report;
  std::vector<std::string> notes;  // what was assumed, and what was left out
  std::uint64_t seed = 0;
};
// Reads the home and writes nothing. Takes as long as the engine needs for it.
[[nodiscard]] Result<Simulation> simulate(const SimulationOrder& order, const Config& config, store::Store& store,
                                          store::Reader& reader);

// ---- simulation_history.cpp ----------------------------------------------------------------------------------------------

// What the newest ended runs of the DAG say: medians of durations; of the last of them, lengths of lists and what its branches
// left out.
[[nodiscard]] Result<void> learn(sim::Assumptions& assumptions, store::Reader& reader, const Dag& dag);
// Puts the options over it. An error where a name is none of a task of `dags`.
[[nodiscard]] Result<void> assume(sim::Assumptions& assumptions, const SimulateOptions& options,
                                  const std::vector<std::shared_ptr<const Dag>>& dags);

// ---- simulation_drawing.cpp ----------------------------------------------------------------------------------------------

// As one HTML file that needs nothing else; and what is in it, for a page that brings its own style.
[[nodiscard]] std::string simulation_page(const Simulation& simulation);
[[nodiscard]] std::string simulation_body(const Simulation& simulation);

// ---- simulation_words.cpp ------------------------------------------------------------------------------------------------

// How much later than it might a run began, by a second or more; nothing where it never did.
[[nodiscard]] std::optional<Duration> lateness(const sim::RunRecord& run);
// Whether it began late, or not by the end, and why; empty where it was in time.
[[nodiscard]] std::string why_late(const sim::Report& report, const sim::RunRecord& run);
[[nodiscard]] std::string_view to_string(sim::Ending ending);
[[nodiscard]] std::string span_text(Duration span);

}  // namespace venturi::pages
