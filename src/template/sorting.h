// What several filters and methods do with sequences.
#pragma once

#include <utility>
#include <vector>

#include "template/call.h"

namespace venturi::templates {

// Stable, by `keys`, which has one for each item.
// `any_type`: in an order of types where values have none, as pprint does.
[[nodiscard]] Items sort_by(Runtime& runtime, Items items, const Items& keys, bool reverse, bool any_type = false);
// Of a dict its entries, of another iterable its elements as pairs: what dict() and update() take.
[[nodiscard]] std::vector<std::pair<Item, Item>> pairs_of(Runtime& runtime, const Item& source);

}  // namespace venturi::templates
