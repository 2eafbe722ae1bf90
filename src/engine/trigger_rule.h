// Airflow's trigger rules as a pure function of how many upstreams ended in which state (ti_deps/deps/trigger_rule_dep.py).
#pragma once

#include <cstdint>

#include "model/state.h"

namespace venturi::engine {

// How many upstreams ended in each finished state.
struct FinishedUpstreams {
  std::uint32_t success = 0, skipped = 0, failed = 0, upstream_failed = 0, removed = 0;

  [[nodiscard]] std::uint32_t done() const { return success + skipped + failed + upstream_failed + removed; }
  // Counts one upstream in (+1) or out (-1); states that are not finished count nowhere.
  void count(TaskState state, int by);
  void add(const FinishedUpstreams& more);
};

struct UpstreamCounts {
  std::uint32_t total = 0;
  FinishedUpstreams finished;
  std::uint32_t setups = 0, setup_success = 0, setup_skipped = 0;  // of those, setup tasks

  [[nodiscard]] bool all_done() const { return finished.done() >= total; }
};

enum class Verdict : std::uint8_t { wait, run, skipped, upstream_failed, removed };

// What a task instance may do for its setups' sake, which stand above it but not directly, whatever its trigger rule says.
[[nodiscard]] Verdict judge_setups(const UpstreamCounts& setups);

// What becomes of a task instance with these upstreams now. Final verdicts do not wait for the rest: with all_success a skip
// that arrives before a failure gives skipped, the other way round it gives upstream_failed.
[[nodiscard]] Verdict judge(TriggerRule rule, const UpstreamCounts& upstreams, std::int32_t map_index = -1);

}  // namespace venturi::engine
