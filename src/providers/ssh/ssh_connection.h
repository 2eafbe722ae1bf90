// The form of connections of type ssh and sftp.
#pragma once

#include <vector>

#include "catalog/catalog.h"

namespace venturi::providers {

[[nodiscard]] std::vector<catalog::FieldInfo> ssh_connection_fields();

}  // namespace venturi::providers
