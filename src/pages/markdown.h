// Markdown of the user's as HTML: no HTML of theirs, no addresses but http, https, mailto and our own, no pictures from
// elsewhere.
#pragma once

#include <string_view>

#include "pages/html.h"

namespace venturi::pages {

[[nodiscard]] Html markdown(std::string_view text);

}  // namespace venturi::pages
