// Assets in their serialized form.
#pragma once

#include "venturi/asset_event.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

// {"name", "uri", "group", "extra"}, all of them.
[[nodiscard]] Object asset_members(const Asset& asset);
// Events as the server tells them.
[[nodiscard]] Array event_values(const std::vector<AssetEvent>& events);

}  // namespace venturi::inline sdk::internal
