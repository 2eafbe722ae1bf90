// All providers.
#pragma once

#include "operators/registry.h"

namespace venturi::providers {

void register_all(operators::Registry& registry);

}  // namespace venturi::providers
