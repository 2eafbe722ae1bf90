#include "sim/assumptions.h"

#include <string_view>

namespace venturi::sim {
namespace {

// FNV-1a, and a finish that spreads its low bits: the same seed fails the same tries, whatever else is simulated beside them.
class Hash {
 public:
  explicit Hash(std::uint64_t seed) { add(seed); }
  void add(std::string_view text) {
    for (const char c : text) byte(static_cast<unsigned char>(c));
    byte(0);
  }
  void add(std::uint64_t number) {
    for (int i = 0; i < 64; i += 8) byte(static_cast<unsigned char>(number >> static_cast<unsigned>(i)));
  }
  // 0 up to, but not, 1.
  [[nodiscard]] double fraction() const {
    std::uint64_t x = state_;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    x ^= x >> 31U;
    return static_cast<double>(x >> 11U) * 0x1p-53;
  }

 private:
  void byte(unsigned char b) { state_ = (state_ ^ b) * 0x100000001b3U; }
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace

const Assumptions::OfTask* Assumptions::find(const engine::Launch& launch) {
  Known& known = known_[launch.dag.get()];
  if (!known.dag) {
    known.dag = launch.dag;
    for (const Task& task : launch.dag->tasks) {
      const auto found = tasks.find({launch.dag->dag_id, task.task_id});
      known.tasks.push_back(found == tasks.end() ? nullptr : &found->second);
    }
  }
  const OfTask* of = known.tasks[launch.task];
  if (of == nullptr || !of->duration) without_history_.emplace(launch.dag->dag_id, launch.ti.task_id);
  return of;
}

TryPlan Assumptions::plan(const engine::Launch& launch) {
  TryPlan plan;
  const OfTask* of = find(launch);
  plan.duration = of != nullptr && of->duration ? *of->duration : default_duration;
  const auto limit = launch.dag->tasks[launch.task].execution_timeout;
  if (limit && plan.duration > *limit) {
    plan.duration = *limit;
    plan.ending = Ending::failed;
  }
  if (of == nullptr) return plan;
  plan.length = of->length.value_or(1);
  if (!of->skips.empty()) plan.skipped_tasks = &of->skips;
  if (of->failing <= 0) return plan;
  Hash hash(seed);
  hash.add(launch.run.dag_id);
  hash.add(launch.ti.task_id);
  hash.add(launch.run.run_id);
  hash.add(static_cast<std::uint64_t>(launch.ti.map_index));
  hash.add(static_cast<std::uint64_t>(launch.ti.try_number));
  if (hash.fraction() < of->failing) plan.ending = Ending::failed;
  return plan;
}

}  // namespace venturi::sim
