// Python's ast.literal_eval, for native rendering.
#pragma once

#include <optional>
#include <string_view>

#include "template/item.h"

namespace venturi::templates {

// nullopt where the text is no literal. Sets, bytes and complex numbers are none here.
[[nodiscard]] std::optional<Item> literal_eval(std::string_view text);

}  // namespace venturi::templates
