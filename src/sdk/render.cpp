#include "sdk/render.h"

namespace venturi::inline sdk::internal {
namespace {

Value masked(const detail::ContextData& data, const Value& value) {
  if (value.is_string()) return data.without_secrets(value.as_string());
  if (value.is_array()) {
    Array items;
    for (const Value& item : value.as_array()) items.push_back(masked(data, item));
    return items;
  }
  if (!value.is_object()) return value;
  Object members;
  for (const auto& [key, member] : value.as_object()) members.add(key, masked(data, member));
  return members;
}

}  // namespace

Object render_fields(detail::ContextData& data, Object fields) {
  (void)data;
  return fields;
}

void tell_rendered(detail::ContextData& data, const Object& rendered) {
  (void)data.ask({{"type", "SetRenderedFields"}, {"rendered_fields", masked(data, rendered)}});
}

}  // namespace venturi::inline sdk::internal
