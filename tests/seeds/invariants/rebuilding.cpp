#include "engine/engine.h"
#include "seeds/invariants.h"
#include "server/scheduler.h"

namespace venturi::seeds {

namespace {

class Rebuilt final : public Invariant {
 public:
  std::string_view name() const override { return "the_state_rebuilt_equals_the_state_in_memory"; }
  void restarted(const View& view) override {
    if (const auto found = difference(*view.memory, server::to_snapshot(view.durable.active())); !found.empty())
      violated("a server that begins has other rows than the store: " + found);
  }
  void taken(const View& view, const engine::Batch&) override {
    const engine::Snapshot rows = server::to_snapshot(view.ahead.active());
    if (const auto found = difference(*view.memory, rows); !found.empty()) return violated("memory against rows: " + found);
    const engine::Engine rebuilt(view.config, rows);
    if (const auto found = difference(rebuilt.snapshot(), rows); !found.empty()) violated("rebuilt against rows: " + found);
  }
};

}  // namespace

std::unique_ptr<Invariant> the_state_rebuilt_equals_the_state_in_memory() {
  return std::make_unique<Rebuilt>();
}

}  // namespace venturi::seeds
