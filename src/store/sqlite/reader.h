// Reader on a read-only connection of its own: WAL lets it read while the writer writes.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace venturi::store {

[[nodiscard]] Result<std::unique_ptr<Reader>> open_sqlite_reader(const std::string& path, const Cipher& cipher);

}  // namespace venturi::store
