// Assets in their serialized form.
#pragma once

#include "venturi/asset.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

// {"name", "uri", "group", "extra"}, all of them.
[[nodiscard]] Object asset_members(const Asset& asset);

}  // namespace venturi::inline sdk::internal
