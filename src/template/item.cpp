#include "template/item.h"

#include <algorithm>
#include <unordered_set>

#include "template/call.h"
#include "template/datetime.h"
#include "template/dict.h"
#include "template/integer.h"
#include "template/operators.h"

namespace venturi::templates {

Item::Item(DateTime value) : data_(std::make_shared<const DateTime>(std::move(value))) {}
Item::Item(Date value) : data_(std::make_shared<const Date>(value)) {}
Item::Item(TimeOfDay value) : data_(std::make_shared<const TimeOfDay>(value)) {}

Item Item::list(Items items) {
  return std::make_shared<List>(std::move(items));
}

Item Item::tuple(Items items) {
  return std::make_shared<Tuple>(std::move(items));
}

double Item::big_as_real() const {
  return real_of_big(*this);
}

Items& Item::sequence() const {
  return is(Type::list) ? as_list().items : as_tuple().items;
}

bool Item::same_as(const Item& other) const {
  if (type() != other.type()) return false;
  return std::visit(
      [&](const auto& mine) {
        using Mine = std::decay_t<decltype(mine)>;
        const auto& theirs = std::get<Mine>(other.data_);
        if constexpr (std::is_same_v<Mine, TimeDelta>) {
          return mine.microseconds == theirs.microseconds;
        } else {
          return mine == theirs;
        }
      },
      data_);
}

void dismantle(Items& items) {
  const auto has_parts = [](const Item& item) {
    return item.is_sequence() || item.is(Type::dict) || item.is(Type::host) || item.is(Type::callable);
  };
  if (std::ranges::none_of(items, has_parts)) return items.clear();
  Items pending = std::move(items);
  items.clear();
  const auto take_all = [&](Items& parts) {
    std::ranges::move(parts, std::back_inserter(pending));
    parts.clear();
  };
  while (!pending.empty()) {
    const Item item = std::move(pending.back());
    pending.pop_back();
    if (const auto* list = std::get_if<std::shared_ptr<List>>(&item.data_); list != nullptr && list->use_count() == 1) {
      take_all((*list)->items);
    } else if (const auto* tuple = std::get_if<std::shared_ptr<Tuple>>(&item.data_);
               tuple != nullptr && tuple->use_count() == 1) {
      take_all((*tuple)->items);
    } else if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&item.data_); dict != nullptr && dict->use_count() == 1) {
      for (Dict::Entry& entry : (*dict)->entries_) {
        pending.push_back(std::move(entry.value));
        pending.push_back(std::move(entry.key));
      }
      (*dict)->entries_.clear();
    } else if (const auto* host = std::get_if<std::shared_ptr<HostObject>>(&item.data_);
               host != nullptr && host->use_count() == 1) {
      if (Items* held = (*host)->held()) take_all(*held);
    } else if (const auto* callable = std::get_if<std::shared_ptr<const Callable>>(&item.data_);
               callable != nullptr && callable->use_count() == 1 && (*callable)->self) {
      pending.push_back(*(*callable)->self);
    }
  }
}

bool reaches(Budget& budget, const Item& item, const void* container) {
  if (item.type() <= Type::text || item.is(Type::big)) return false;
  Items pending = {item};
  std::unordered_set<const void*> seen;  // what is shared many times over is looked through once
  const auto push = [&](const Item& part) {
    if (part.type() > Type::text) pending.push_back(part);
  };
  while (!pending.empty()) {
    const Item next = std::move(pending.back());
    pending.pop_back();
    const void* self = next.is(Type::list)       ? static_cast<const void*>(&next.as_list())
                       : next.is(Type::tuple)    ? static_cast<const void*>(&next.as_tuple())
                       : next.is(Type::dict)     ? static_cast<const void*>(&next.as_dict())
                       : next.is(Type::host)     ? static_cast<const void*>(next.as_host().get())
                       : next.is(Type::callable) ? static_cast<const void*>(next.as_callable().get())
                                                 : nullptr;
    if (self == container) return true;
    if (self == nullptr || !seen.insert(self).second) continue;
    budget.step();
    if (next.is_sequence()) {
      budget.step(next.sequence().size() / 16);
      std::ranges::for_each(next.sequence(), push);
    } else if (next.is(Type::dict)) {
      budget.step(next.as_dict().size() / 16);
      for (const Dict::Entry& entry : next.as_dict()) {
        push(entry.value);
        push(entry.key);
      }
    } else if (next.is(Type::host)) {
      if (const Items* held = next.as_host()->held()) std::ranges::for_each(*held, push);
    } else if (next.as_callable()->self) {
      push(*next.as_callable()->self);
    }
  }
  return false;
}

Item from_value(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_int()) return value.as_int();
  if (value.is_double()) return value.as_double();
  if (value.is_string()) return value.as_string();
  if (value.is_array()) {
    Items items;
    items.reserve(value.as_array().size());
    for (const Value& part : value.as_array()) items.push_back(from_value(part));
    return Item::list(std::move(items));
  }
  if (value.is_object()) {
    auto dict = std::make_shared<Dict>();
    for (const auto& [key, part] : value.as_object()) dict->set(key, from_value(part));
    return dict;
  }
  return {};
}

namespace {

std::string key_text(const Item& key) {
  if (key.is_text()) return key.as_string();
  if (key.is_none()) return "null";
  if (key.is(Type::boolean)) return key.as_bool() ? "true" : "false";
  if (key.is_number()) return str(key);
  fail(ErrorKind::type, "keys must be str, int, float, bool or None, not " + type_name(key));
}

Value to_value_within(const Item& item, Walk& walk) {
  const Walk::Level level(walk);
  switch (item.type()) {
    case Type::undefined:
      item.as_undefined().use();
    case Type::none:
      return {};
    case Type::boolean:
      return item.as_bool();
    case Type::integer:
      return item.as_integer();
    case Type::real:
      return item.as_real();
    case Type::text:
      return item.as_string();
    case Type::list:
    case Type::tuple: {
      Array array;
      array.reserve(item.sequence().size());
      for (const Item& part : item.sequence()) array.push_back(to_value_within(part, walk));
      return array;
    }
    case Type::dict: {
      std::vector<Object::Entry> entries;
      for (const Dict::Entry& entry : item.as_dict()) {
        entries.emplace_back(key_text(entry.key), to_value_within(entry.value, walk));
      }
      return Object::from_entries(std::move(entries));
    }
    case Type::datetime:
      return iso_format(item.as_datetime());
    case Type::date:
      return iso_format(item.as_date());
    case Type::time:
      return iso_format(item.as_time());
    case Type::big:
      fail(ErrorKind::overflow, "an integer of more than 64 bits cannot be handed on: make it a text with |string");
    case Type::host:
      if (const auto plain = item.as_host()->plain()) return to_value_within(*plain, walk);
      [[fallthrough]];
    default:
      fail(ErrorKind::type, "Object of type " + type_name(item) + " is not JSON serializable");
  }
}

}  // namespace

Value to_value(const Item& item) {
  Walk walk;
  return to_value_within(item, walk);
}

std::string type_name(const Item& item) {
  switch (item.type()) {
    case Type::undefined:
      return "StrictUndefined";
    case Type::none:
      return "NoneType";
    case Type::boolean:
      return "bool";
    case Type::integer:
    case Type::big:
      return "int";
    case Type::real:
      return "float";
    case Type::text:
      return item.is_markup() ? "Markup" : "str";
    case Type::list:
      return "list";
    case Type::tuple:
      return "tuple";
    case Type::dict:
      return "dict";
    case Type::timedelta:
      return "datetime.timedelta";
    case Type::datetime:
      return item.as_datetime().pendulum ? "DateTime" : "datetime.datetime";
    case Type::date:
      return item.as_date().pendulum ? "Date" : "datetime.date";
    case Type::time:
      return item.as_time().pendulum ? "Time" : "datetime.time";
    case Type::callable:
      return item.as_callable()->self ? "builtin_function_or_method" : "function";
    case Type::host:
      return item.as_host()->type_name();
  }
  return {};
}

}  // namespace venturi::templates
