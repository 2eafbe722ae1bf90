// The embedded store: one SQLite file in WAL mode with synchronous=FULL.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace venturi::store {

// Opens (and creates, mode 0600) the database and migrates it to this program's schema version. Errors: a file that is no
// database or is damaged (named, with what to do), a schema newer than this program, a read-only folder, a full disk.
// The connection keeps `synchronous=FULL` checked. cipher must outlive the store.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, const Cipher& cipher);
// Without migrating: an error where the schema is absent or of another version. For `db check` and read-only commands.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_as_is(const std::string& path, const Cipher& cipher);
// Reads the whole file (PRAGMA quick_check) for `db check`: an error of kind corrupt with the first thing found.
[[nodiscard]] Result<void> check_sqlite(const std::string& path);

}  // namespace venturi::store
