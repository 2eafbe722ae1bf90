// Copies of a database: made of one in use, and put in the place of another.
#pragma once

#include <string>

#include "base/result.h"

namespace venturi::store {

// All of one moment, also while a server writes: `target`, which must not exist, is a database of mode 0600, and on disk.
[[nodiscard]] Result<void> backup_sqlite(const std::string& path, const std::string& target);

// Makes a copy of `backup` the database `path`, which nobody may have open. It is looked through for damage first, and brought
// to this program's schema; it gets an epoch of its own, so that launches of the time after the backup count no more. What was
// at `path` is `kept` then. A crash leaves the one or the other at `path`.
[[nodiscard]] Result<void> restore_sqlite(const std::string& backup, const std::string& path, const std::string& kept);

}  // namespace venturi::store
