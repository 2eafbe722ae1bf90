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

Value decode(const Value& encoded, const std::function<Value(const Value& ref)>& resolve) {
  if (encoded.is_array()) {
    Array array;
    array.reserve(encoded.as_array().size());
    for (const Value& element : encoded.as_array()) array.push_back(decode(element, resolve));
    return array;
  }
  if (!encoded.is_object()) return encoded;
  const Value& var = encoded.at("__var");
  if (encoded.get_string("__type") == "xcomref") return resolve(var);
  Object object;
  object.reserve(var.as_object().size());
  for (const auto& [key, member] : var.as_object()) object.add(key, decode(member, resolve));
  return object;
}

Value xcom_ref(std::string_view task_id, std::string_view key) {
  return typed("xcomref", Object{{"task_id", task_id}, {"key", key}});
}

}  // namespace venturi::inline sdk::internal
