// Python's pprint.pformat.
#pragma once

#include <string>

#include "template/call.h"

namespace venturi::templates {

[[nodiscard]] std::string pretty(Runtime& runtime, const Item& item);

}  // namespace venturi::templates
