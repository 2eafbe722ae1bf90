// Looking for a text in another in time that grows with their sum, not their product, whatever they are.
#pragma once

#include <cstddef>
#include <string_view>

namespace venturi::templates {

// Both give npos where there is none.
[[nodiscard]] std::size_t find_text(std::string_view text, std::string_view part, std::size_t from = 0);
[[nodiscard]] std::size_t find_last_text(std::string_view text, std::string_view part);

}  // namespace venturi::templates
