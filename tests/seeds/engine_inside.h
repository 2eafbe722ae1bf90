// Looks at what the engine keeps to itself, to count it anew, or to break it.
#pragma once

#include "engine/engine_state.h"

namespace venturi::engine {

class EngineInside {
 public:
  [[nodiscard]] static auto& state(const Engine& engine) { return std::as_const(*engine.state_); }
  [[nodiscard]] static auto& state(Engine& engine) { return *engine.state_; }
};

}  // namespace venturi::engine
