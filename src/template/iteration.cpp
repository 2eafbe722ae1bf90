// Truth, length, iteration and `in`.
#include "template/compare.h"
#include "template/datetime.h"
#include "template/dict.h"
#include "template/operators.h"
#include "template/text_find.h"
#include "template/utf8.h"

namespace venturi::templates {

Item plain(const Item& item) {
  if (item.is_undefined()) item.as_undefined().use();
  if (item.is(Type::host)) {
    if (auto stands_for = item.as_host()->plain()) return *stands_for;
  }
  return item;
}

bool truth(const Item& item) {
  switch (item.type()) {
    case Type::undefined:
      if (!item.as_undefined().lenient) item.as_undefined().use();
      return false;
    case Type::none:
      return false;
    case Type::boolean:
    case Type::integer:
      return item.as_integer() != 0;
    case Type::real:
      return item.as_real() != 0;
    case Type::text:
      return !item.as_string().empty();
    case Type::list:
    case Type::tuple:
      return !item.sequence().empty();
    case Type::dict:
      return item.as_dict().size() != 0;
    case Type::timedelta:
      return item.as_timedelta().microseconds != 0;
    case Type::host:
      if (const auto stands_for = item.as_host()->plain()) return truth(*stands_for);
      return item.as_host()->length().value_or(1) != 0;
    default:
      return true;
  }
}

std::size_t length(const Item& item) {
  switch (item.type()) {
    case Type::undefined:
      if (!item.as_undefined().lenient) item.as_undefined().use();
      return 0;
    case Type::text:
      return utf8::length(item.as_string());
    case Type::list:
    case Type::tuple:
      return item.sequence().size();
    case Type::dict:
      return item.as_dict().size();
    case Type::host:
      if (const auto stands_for = item.as_host()->plain()) return length(*stands_for);
      if (const auto n = item.as_host()->length()) return *n;
      [[fallthrough]];
    default:
      fail(ErrorKind::type, "object of type '" + type_name(item) + "' has no len()");
  }
}

bool is_iterable(const Item& item) {
  if (item.is(Type::host)) {
    if (const auto stands_for = item.as_host()->plain()) return is_iterable(*stands_for);
    return item.as_host()->length() || dynamic_cast<Generator*>(item.as_host().get()) != nullptr;
  }
  return item.is_text() || item.is_sequence() || item.is(Type::dict);
}

Items iterate(Runtime& runtime, const Item& item) {
  switch (item.type()) {
    case Type::undefined:
      if (!item.as_undefined().lenient) item.as_undefined().use();
      return {};
    case Type::text: {
      runtime.budget.make_items(item.as_string().size());
      Items characters;
      for (std::string_view rest = item.as_string(); !rest.empty();) {
        const std::string_view before = rest;
        utf8::take(rest);
        characters.emplace_back(before.substr(0, before.size() - rest.size()));  // of Markup too: plain ones
      }
      return characters;
    }
    case Type::list:
    case Type::tuple:
      runtime.budget.make_items(item.sequence().size());
      return item.sequence();
    case Type::dict:
      runtime.budget.make_items(item.as_dict().size());
      return item.as_dict().keys();
    case Type::host:
      if (const auto stands_for = item.as_host()->plain()) return iterate(runtime, *stands_for);
      if (auto items = item.as_host()->iterate()) {
        runtime.budget.make_items(items->size());
        return std::move(*items);
      }
      [[fallthrough]];
    default:
      fail(ErrorKind::type, "'" + type_name(item) + "' object is not iterable");
  }
}

bool contains(Runtime& runtime, const Item& container, const Item& item) {
  if (container.is_undefined()) {
    if (!container.as_undefined().lenient) container.as_undefined().use();
    return false;
  }
  if (container.is_text()) {
    const Item part = plain(item);
    if (!part.is_text()) fail(ErrorKind::type, "'in <string>' requires string as left operand, not " + type_name(item));
    return find_text(container.as_string(), part.as_string()) != std::string::npos;
  }
  if (container.is(Type::dict)) return container.as_dict().find(item) != nullptr;
  if (container.is(Type::host) && container.as_host()->is_mapping()) return container.as_host()->item(item).has_value();
  if (!is_iterable(container)) fail(ErrorKind::type, "argument of type '" + type_name(container) + "' is not iterable");
  for (const Item& part : iterate(runtime, container)) {
    runtime.budget.step();
    if (part.same_as(item) || equal(part, item)) return true;
  }
  return false;
}

}  // namespace venturi::templates
