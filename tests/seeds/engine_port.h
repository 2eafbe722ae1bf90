// The engine as a server drives it. Tests put a broken one in its place.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "engine/engine.h"

namespace venturi::seeds {

class EnginePort {
 public:
  EnginePort(const engine::Config& config, engine::Snapshot snapshot) : engine_(config, std::move(snapshot)) {}
  virtual ~EnginePort() = default;
  EnginePort(const EnginePort&) = delete;
  EnginePort& operator=(const EnginePort&) = delete;

  virtual void step(const engine::Event& event, Time now) { engine_.step(event, now); }
  virtual void work(Time now, int budget) { engine_.work(now, budget); }
  [[nodiscard]] virtual engine::Batch take() { return engine_.take(); }

  // Questions go to the engine itself.
  [[nodiscard]] const engine::Engine& operator*() const { return engine_; }
  [[nodiscard]] const engine::Engine* operator->() const { return &engine_; }
  [[nodiscard]] std::vector<engine::Deliver> take_due_deliveries() { return engine_.take_due_deliveries(); }

 protected:
  engine::Engine engine_;
};

using MakeEngine = std::function<std::unique_ptr<EnginePort>(const engine::Config&, engine::Snapshot)>;

}  // namespace venturi::seeds
