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

// "orders_{{ dss }}" as it stands in the file; of lists and maps the beginning.
std::string shown(const Value& field) {
  constexpr std::size_t longest = 200;
  std::string text = field.is_string() ? field.as_string() : to_json(field);
  if (text.size() > longest) text.replace(longest, std::string::npos, "...");
  return text;
}

// What the next try would end with as well, as for built-in operators.
bool is_for_good(std::string_view reason) {
  for (const std::string_view error : {"TemplateSyntaxError: ", "TemplateAssertionError: ", "SecurityError: "}) {
    if (reason.starts_with(error)) return true;
  }
  return false;
}

}  // namespace

Object render_fields(detail::ContextData& data, const Object& fields, std::span<const std::string_view> template_ext) {
  Object rendered;
  for (const auto& [name, value] : fields) {
    try {
      rendered.add(name, data.render(value, name, template_ext));
    } catch (const HookError& e) {
      const std::string what = "field " + name + ", \"" + shown(value) + "\": " + e.what();
      if (is_for_good(e.what())) throw TaskFailedForGood(what);
      throw std::runtime_error(what);
    }
  }
  return rendered;
}

void tell_rendered(detail::ContextData& data, const Object& rendered) {
  (void)data.ask({{"type", "SetRenderedFields"}, {"rendered_fields", masked(data, rendered)}});
}

}  // namespace venturi::inline sdk::internal
