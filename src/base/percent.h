// Percent-encoding, as in addresses and forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace venturi {

// All but ASCII's letters and digits and "-._~", as Python's quote(text, safe=''): for a segment of a path, or a value of a
// query.
[[nodiscard]] std::string percent_encoded(std::string_view text);
// Nothing where it is not encoded as it should be, or is no UTF-8.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

}  // namespace venturi
