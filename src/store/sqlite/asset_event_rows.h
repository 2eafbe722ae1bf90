// Events of assets, by what is asked of them.
#pragma once

#include <vector>

#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

[[nodiscard]] Result<std::vector<AssetEvent>> read_asset_events(const Database& db, const AssetEventFilter& filter);

}  // namespace venturi::store
