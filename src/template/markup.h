// markupsafe: text that is HTML already.
#pragma once

#include <string>

#include "template/item.h"

namespace venturi::templates {

// str(item) with & < > ' " as entities; Markup stays as it is.
[[nodiscard]] std::string escape(const Item& item);
[[nodiscard]] std::string escape_text(std::string_view text);
// Without tags and comments, entities as characters, white space as single blanks.
[[nodiscard]] std::string strip_tags(std::string_view html);

}  // namespace venturi::templates
