// What tries are assumed to do: durations and lengths by task, failures by a rate and a seed, branches as they went last.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace venturi::sim {

class Assumptions final : public Tries {
 public:
  struct OfTask {
    std::optional<Duration> duration;
    double failing = 0;  // 0 to 1: so many of its tries fail
    std::optional<std::int32_t> length;
    std::vector<std::string> skips;  // what it leaves out, where it is a branch
  };
  using TaskKey = std::pair<std::string, std::string>;  // dag_id; task_id

  // Of tasks that nothing is known of.
  Duration default_duration = std::chrono::minutes(1);
  std::uint64_t seed = 0;
  // Changed before the world begins, not later.
  std::map<TaskKey, OfTask> tasks;

  [[nodiscard]] TryPlan plan(const engine::Launch& launch) override;
  // Tasks that ran for the default duration.
  [[nodiscard]] const std::set<TaskKey>& without_history() const { return without_history_; }

 private:
  struct Known {
    std::shared_ptr<const Dag> dag;  // held, so that its address stays its own
    std::vector<const OfTask*> tasks;
  };
  [[nodiscard]] const OfTask* find(const engine::Launch& launch);

  std::unordered_map<const Dag*, Known> known_;
  std::set<TaskKey> without_history_;
};

}  // namespace venturi::sim
