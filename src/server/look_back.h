// Answers the engine's question for the run before one (depends_on_past) from the store.
#pragma once

#include "base/result.h"
#include "engine/engine.h"
#include "store/store.h"

namespace venturi::server {

[[nodiscard]] Result<engine::PastFound> look_back(store::Reader& reader, const engine::LookBack& question);

}  // namespace venturi::server
