// What an operator host is told of an instance of a mapped operator, or of an operator in a mapped task group: its own items,
// in place of the lists. The host then fetches an XCom, or an item of one, for each reference that is left:
//
//   {"task_id", "key"}                 an XCom                     {..., "map_index": 3}    that of an instance
//   {"task_id", "key", "item": 3}      an item of a list
//   {"task_id", "key", "sequence"}     what all instances gave
#pragma once

#include "engine/engine.h"

namespace venturi::server {

// The operator's "__var" for this launch; as it is declared where nothing of it is mapped.
[[nodiscard]] Value operator_of(const engine::Launch& launch);

}  // namespace venturi::server
