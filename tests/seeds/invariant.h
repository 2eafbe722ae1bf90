// What has to hold after every step, whatever fails. Each invariant is told what happens, looks at what there is, and says in
// words what is wrong. invariants.h lists them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "seeds/memory_store.h"

namespace venturi::seeds {

// What there is. Of a server that is down there is no engine.
struct View {
  Time now;                      // as the engine was told last
  const engine::Config& config;  // as declared, whatever the engine was given
  const engine::Engine* engine = nullptr;
  const engine::Snapshot* memory = nullptr;  // the engine's
  const MemoryStore& durable;                // what is committed
  const MemoryStore& ahead;                  // ... and what was taken from the engine, to be committed
};

class Invariant {
 public:
  virtual ~Invariant() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;

  virtual void stepped(const View&) {}
  // A server has begun with what is durable.
  virtual void restarted(const View&) {}
  // The engine's batch, which is in `ahead`, and not durable.
  virtual void taken(const View&, const engine::Batch&) {}
  // A try's word has been given to the engine. `before`: when the engine had nothing else to do, its state until then.
  virtual void told(const View&, LaunchToken, const engine::Snapshot* /*before*/) {}
  virtual void called_lost(LaunchToken, bool /*there_was_a_crash*/) {}
  virtual void launch_sent(const View&, LaunchToken) {}
  // A task was told that its end is durable.
  virtual void end_answered(const View&, LaunchToken) {}
  // A process of the task's own code began, and said all that it says; `goes_on`: it asked to be called again.
  virtual void body_began(const engine::Launch&) {}
  virtual void body_spoke(const engine::Launch&, bool /*goes_on*/) {}
  // Somebody pauses or changes a DAG, or clears what is queued of its assets.
  virtual void dag_touched(const std::string& /*dag_id*/) {}
  virtual void queue_cleared(const std::string& /*dag_id*/) {}
  // All faults are over, and nothing happens any more.
  virtual void came_to_rest(const View&) {}

  [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }

 protected:
  void violated(std::string what) {
    if (!violation_) violation_ = std::move(what);
  }

 private:
  std::optional<std::string> violation_;
};

struct Violation {
  std::string invariant, what;
};

class Invariants {
 public:
  explicit Invariants(std::vector<std::unique_ptr<Invariant>> all) : all_(std::move(all)) {}

  template <class... Parameters, class... Args>
  void tell(void (Invariant::*what)(Parameters...), const Args&... args) {
    for (const auto& invariant : all_) ((*invariant).*what)(args...);
  }
  [[nodiscard]] std::optional<Violation> violation() const {
    for (const auto& invariant : all_) {
      if (const auto& what = invariant->violation()) return Violation{std::string(invariant->name()), *what};
    }
    return std::nullopt;
  }

 private:
  std::vector<std::unique_ptr<Invariant>> all_;
};

// All of them.
[[nodiscard]] std::vector<std::unique_ptr<Invariant>> make_invariants();

}  // namespace venturi::seeds
