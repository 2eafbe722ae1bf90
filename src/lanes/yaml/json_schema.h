// What editors check YAML files against while they are written: JSON schema, draft 7, which yaml-language-server takes.
#pragma once

#include "venturi/value.h"

namespace venturi::lanes::yaml {

// From the tables of keys.h and catalog/catalog.h.
[[nodiscard]] Value json_schema();

}  // namespace venturi::lanes::yaml
