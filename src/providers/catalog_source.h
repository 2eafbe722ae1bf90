// The registry as source code: the server knows operators and connection types by src/catalog/catalog.h, the worker by
// src/worker/operator_kinds.h, and neither is linked with what runs them.
#pragma once

#include <string>

#include "operators/registry.h"

namespace venturi::providers {

[[nodiscard]] std::string catalog_source(const operators::Registry& registry);
[[nodiscard]] std::string operator_kinds_source(const operators::Registry& registry);

}  // namespace venturi::providers
