// `object.name` and `object[key]`.
#include "template/datetime.h"
#include "template/dict.h"
#include "template/integer.h"
#include "template/methods.h"
#include "template/operators.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

[[nodiscard]] bool is_internal(std::string_view name) {
  return name.starts_with("__");
}

Item unsafe(const Item& object, std::string_view name) {
  return Item::undefined("access to attribute '" + std::string(name) + "' of '" + type_name(object) + "' object is unsafe.",
                         ErrorKind::security);
}

std::optional<Item> at_index(const Item& object, std::int64_t index) {
  const auto within = [&](std::size_t size) -> std::optional<std::size_t> {
    const auto n = static_cast<std::int64_t>(size);
    if (index < -n || index >= n) return std::nullopt;
    return static_cast<std::size_t>(index < 0 ? index + n : index);
  };
  if (object.is_sequence()) {
    const auto at = within(object.sequence().size());
    return at ? std::optional(object.sequence()[*at]) : std::nullopt;
  }
  const std::string_view text = object.as_string();
  if (utf8::is_ascii(text)) {
    const auto place = within(text.size());
    return place ? std::optional(Item(Text{std::string(text.substr(*place, 1)), object.is_markup()})) : std::nullopt;
  }
  const auto at = within(utf8::length(text));
  if (!at) return std::nullopt;
  std::string_view rest = text.substr(utf8::offset(text, *at));
  const std::string_view before = rest;
  utf8::take(rest);
  return Text{std::string(before.substr(0, before.size() - rest.size())), object.is_markup()};
}

}  // namespace

std::string object_name(const Item& object) {
  if (object.is_none()) return "None";
  const std::string name = type_name(object);
  return name + (object.is(Type::host) && name.find(' ') != std::string::npos ? "" : " object");
}

Item missing_attribute(const Item& object, std::string_view name) {
  return Item::undefined("'" + object_name(object) + "' has no attribute " + string_repr(name));
}

std::optional<Item> own_attribute(const Item& object, std::string_view name) {
  if (object.is_undefined()) object.as_undefined().use();
  if (object.is(Type::host)) {
    if (auto found = object.as_host()->attribute(name)) return found;
    const auto stands_for = object.as_host()->plain();
    return stands_for ? own_attribute(*stands_for, name) : std::nullopt;
  }
  if (object.is(Type::tuple) && object.as_tuple().type != nullptr) {
    const auto& fields = object.as_tuple().type->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i] == name) return object.sequence()[i];
    }
  }
  if (const auto method = find_method(object, name)) {
    return std::make_shared<const Callable>(Callable{std::string(name), method, object});
  }
  return data_attribute(object, name);
}

std::optional<Item> own_item(const Item& object, const Item& key) {
  if (object.is_undefined()) object.as_undefined().use();
  if (object.is(Type::dict)) {
    const Item* found = object.as_dict().find(key);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  if (object.is(Type::host)) {
    if (auto found = object.as_host()->item(key)) return found;
    const auto stands_for = object.as_host()->plain();
    return stands_for ? own_item(*stands_for, key) : std::nullopt;
  }
  const bool indexed = object.is_sequence() || object.is_text();
  return indexed && key.is_integer() ? at_index(object, key.as_integer()) : std::nullopt;
}

Item get_attribute(const Item& object, std::string_view name) {
  if (object.is_undefined()) object.as_undefined().use();
  if (is_internal(name)) return unsafe(object, name);
  if (auto found = own_attribute(object, name)) return std::move(*found);
  if (object.is(Type::dict)) {
    if (const Item* found = object.as_dict().find(name)) return *found;
  } else if (object.is(Type::host)) {
    if (auto found = own_item(object, name)) return std::move(*found);
  }
  return missing_attribute(object, name);
}

Item get_item(const Item& object, const Item& key) {
  if (key.is_undefined()) key.as_undefined().use();
  const bool hashable = !object.is(Type::dict) || !(key.is(Type::list) || key.is(Type::dict));
  if (hashable) {
    if (auto found = own_item(object, key)) return std::move(*found);
  }
  if (key.is_text()) {
    if (is_internal(key.as_string())) return unsafe(object, key.as_string());
    if (auto found = own_attribute(object, key.as_string())) return std::move(*found);
    return missing_attribute(object, key.as_string());
  }
  return Item::undefined("'" + object_name(object) + "' has no element " + repr(key));
}

Item slice(Runtime& runtime, const Item& sliced, const Item& start, const Item& stop, const Item& step) {
  const Item object = plain(sliced);
  const auto number = [](const Item& item, std::int64_t otherwise) {
    if (item.is_none()) return otherwise;
    if (item.is_undefined()) item.as_undefined().use();
    if (item.is(Type::big)) return is_negative_integer(item) ? INT64_MIN : INT64_MAX;
    if (!item.is_integer()) fail(ErrorKind::type, "slice indices must be integers or None");
    return item.as_integer();
  };
  const bool sliced_by_itself = object.is(Type::host) && object.as_host()->is_sequence();
  if (!object.is_text() && !object.is_sequence() && !sliced_by_itself) {
    fail(ErrorKind::type, "'" + type_name(object) + "' object is not subscriptable by a slice");
  }
  const std::int64_t by = number(step, 1);
  if (by == 0) fail(ErrorKind::value, "slice step cannot be zero");
  const std::u32string characters = object.is_text() ? utf8::decode(object.as_string()) : std::u32string();
  const auto size = static_cast<std::int64_t>(object.is_text()   ? characters.size()
                                              : sliced_by_itself ? length(object)
                                                                 : object.sequence().size());
  const auto clamp = [&](std::int64_t at) {
    if (at < 0) at += size;
    return by > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
  };
  const std::int64_t first = start.is_none() ? (by > 0 ? 0 : size - 1) : clamp(number(start, 0));
  const std::int64_t last = stop.is_none() ? (by > 0 ? size : -1) : clamp(number(stop, 0));
  if (sliced_by_itself) {
    if (auto part = object.as_host()->slice(first, last, by)) return std::move(*part);
    fail(ErrorKind::type, "'" + type_name(object) + "' object is not subscriptable by a slice");
  }
  const bool any = by > 0 ? first < last : first > last;
  // By counting, since adding a large step could overflow.
  const std::uint64_t distance = static_cast<std::uint64_t>(by > 0 ? last - first : first - last);
  const std::uint64_t stride = by > 0 ? static_cast<std::uint64_t>(by) : -static_cast<std::uint64_t>(by);
  const std::uint64_t count = any ? (distance - 1) / stride + 1 : 0;
  runtime.budget.make_items(count);
  const auto position = [&](std::uint64_t i) {
    return static_cast<std::size_t>(by > 0 ? first + static_cast<std::int64_t>(i * stride)
                                           : first - static_cast<std::int64_t>(i * stride));
  };
  if (object.is_text()) {
    std::u32string out;
    for (std::uint64_t i = 0; i < count; ++i) out += characters[position(i)];
    return Text{utf8::encode(out), object.is_markup()};
  }
  Items out;
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(object.sequence()[position(i)]);
  return object.is(Type::list) ? Item::list(std::move(out)) : Item::tuple(std::move(out));
}

}  // namespace venturi::templates
