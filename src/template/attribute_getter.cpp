#include "template/attribute_getter.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "template/operators.h"
#include "template/text_shape.h"

namespace venturi::templates {

Item ignore_case(const Item& item) {
  return item.is_text() ? Item(Text{lower_case(item.as_string()), item.is_markup()}) : item;
}

AttributeGetter::AttributeGetter(Runtime& runtime, const Item& attribute, bool ignores_case, const Item* otherwise)
    : runtime_(runtime), ignores_case_(ignores_case), otherwise_(otherwise) {
  if (!attribute.is_text()) {
    paths_.emplace_back(attribute.is_none() ? Path{} : Path{attribute});
    return;
  }
  for (const std::string& text : split_at(attribute.as_string(), ",", -1, false)) {
    Path& path = paths_.emplace_back();
    for (const std::string& part : split_at(text, ".", -1, false)) {
      std::int64_t index = 0;
      const bool numeric = is_digits(part) && std::from_chars(part.data(), part.data() + part.size(), index).ec == std::errc();
      path.push_back(numeric ? Item(index) : Item(part));
    }
  }
}

Item AttributeGetter::get(const Item& item, const Path& path) const {
  Item value = item;
  for (const Item& part : path) {
    value = get_item(value, part);
    if (otherwise_ != nullptr && value.is_undefined()) value = *otherwise_;
  }
  return ignores_case_ ? ignore_case(value) : value;
}

Item AttributeGetter::all(const Item& item) const {
  if (paths_.size() == 1) return get(item);
  Items values;
  for (const Path& path : paths_) values.push_back(get(item, path));
  return Item::list(std::move(values));
}

}  // namespace venturi::templates
