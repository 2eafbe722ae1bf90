// docs/reference/yaml.md, from the tables of keys.h and catalog/catalog.h.
#pragma once

#include <string>

namespace venturi::lanes::yaml {

[[nodiscard]] std::string yaml_reference();

}  // namespace venturi::lanes::yaml
