// Values in Airflow's serialized form (BaseSerialization): {"a": 1} is {"__type": "dict", "__var": {"a": 1}} there, so that no
// user's object is taken for one of Airflow's own; everything else of JSON stays as it is.
#pragma once

#include <functional>
#include <string_view>

#include "venturi/value.h"

namespace venturi::inline sdk::internal {

[[nodiscard]] inline Value typed(std::string_view type, Value var) {
  return Object{{"__type", type}, {"__var", std::move(var)}};
}

[[nodiscard]] Value encode(const Value& value);

// The value again, with what `resolve` gives in place of each reference ({"task_id", "key"}) to another task's XCom.
[[nodiscard]] Value decode(const Value& encoded, const std::function<Value(const Value& ref)>& resolve);

// A reference to what another task of the run gives.
[[nodiscard]] Value xcom_ref(std::string_view task_id, std::string_view key);

}  // namespace venturi::inline sdk::internal
