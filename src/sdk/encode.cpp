#include "sdk/encode.h"

namespace venturi::inline sdk::internal {

Value encode(const Value& value) {
  if (value.is_array()) {
    Array array;
    array.reserve(value.as_array().size());
    for (const Value& element : value.as_array()) array.push_back(encode(element));
    return array;
  }
  if (!value.is_object()) return value;
  Object object;
  object.reserve(value.as_object().size());
  for (const auto& [key, member] : value.as_object()) object.add(key, encode(member));
  return typed("dict", std::move(object));
}

Value xcom_ref(std::string_view task_id, std::string_view key) {
  return typed("xcomref", Object{{"task_id", task_id}, {"key", key}});
}

}  // namespace venturi::inline sdk::internal
