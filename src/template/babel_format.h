// Babel's date patterns (those of Unicode CLDR) in English: "EEEE dd MMMM y".
#pragma once

#include <string>
#include <string_view>

#include "template/datetime.h"

namespace venturi::templates {

// Also the styles "short", "medium", "long" and "full". ValueError for a field that is not known here.
[[nodiscard]] std::string babel_format(const DateTime& time, std::string_view pattern);

}  // namespace venturi::templates
