// ==, < and hash() of Python.
#pragma once

#include <cstddef>
#include <string_view>

#include "template/item.h"

namespace venturi::templates {

// UndefinedError where one of them is undefined, as under StrictUndefined.
[[nodiscard]] bool equal(const Item& a, const Item& b);
// a < b. TypeError where the types have no order: "'<' not supported between instances of 'int' and 'str'".
[[nodiscard]] bool less(const Item& a, const Item& b, std::string_view op = "<");
// TypeError for what is not hashable.
[[nodiscard]] std::size_t hash(const Item& item);
[[nodiscard]] std::size_t hash_text(std::string_view text);

}  // namespace venturi::templates
