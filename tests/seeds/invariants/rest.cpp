#include <fmt/format.h>

#include "seeds/invariants.h"
#include "seeds/story.h"

namespace venturi::seeds {

namespace {

class Everything final : public Invariant {
 public:
  std::string_view name() const override { return "everything_ends"; }
  void came_to_rest(const View& view) override {
    for (const TaskInstance& ti : view.memory->task_instances) {
      if (!is_finished(ti.state)) return violated(fmt::format("{} stays {} for ever", words(ti), to_string(ti.state)));
    }
    for (const DagRun& run : view.memory->runs)
      return violated(fmt::format("run {} of {} stays {} for ever", run.no, run.dag_id, to_string(run.state)));
    for (const OutboxEntry& entry : view.memory->outbox) return violated("the callback " + entry.key + " is owed for ever");
  }
};

}  // namespace

std::unique_ptr<Invariant> everything_ends() {
  return std::make_unique<Everything>();
}

}  // namespace venturi::seeds
