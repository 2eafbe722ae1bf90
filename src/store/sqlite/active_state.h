// What a server is rebuilt from after a start. Its cost follows what is active, never the size of the history.
#pragma once

#include "base/result.h"
#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

[[nodiscard]] Result<ActiveState> load_active_state(Database& db, Time now);

}  // namespace venturi::store
