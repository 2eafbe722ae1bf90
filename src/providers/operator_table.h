// The registry as the source of src/lanes/yaml/operator_table.cpp: the server knows operators by their names and arguments, and
// is not linked with what runs them.
#pragma once

#include <string>

#include "operators/registry.h"

namespace venturi::providers {

// `scripts/yaml-tables` writes it; a test holds the file to it.
[[nodiscard]] std::string operator_table_source(const operators::Registry& registry);

}  // namespace venturi::providers
