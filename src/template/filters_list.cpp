// Filters on sequences: order, parts, groups.
#include <algorithm>

#include "template/attribute_getter.h"
#include "template/builtins.h"
#include "template/compare.h"
#include "template/dict.h"
#include "template/markup.h"
#include "template/operators.h"
#include "template/sorting.h"
#include "template/text_shape.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

Item empty_sequence(std::string_view which) {
  return Item::undefined("No " + std::string(which) + " item, sequence was empty.");
}

Items reversed(Call& call, const Item& item) {
  if (item.is(Type::host) && dynamic_cast<Generator*>(item.as_host().get()) != nullptr) {
    fail(ErrorKind::type, "'generator' object is not reversible");
  }
  Items items = iterate(call.runtime, item);
  std::ranges::reverse(items);
  return items;
}

Item first_filter(Call& call) {
  const Args args(call, {"seq"}, 1);
  const Items items = iterate(call.runtime, args[0]);
  return items.empty() ? empty_sequence("first") : items.front();
}

Item last_filter(Call& call) {
  const Args args(call, {"seq"}, 1);
  const Items items = reversed(call, args[0]);
  return items.empty() ? empty_sequence("last") : items.front();
}

Item random_filter(Call& call) {
  const Args args(call, {"seq"}, 1);
  const Items items = iterate(call.runtime, args[0]);
  if (args[0].is(Type::dict) && !items.empty()) fail(ErrorKind::key, "a dict has no random item: use d | list | random");
  return items.empty() ? empty_sequence("random") : items[call.runtime.random() % items.size()];
}

Item length_filter(Call& call) {
  const Args args(call, {"obj"}, 1);
  return length(args[0]);
}

Item list_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  return Item::list(iterate(call.runtime, args[0]));
}

Item reverse_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  if (args[0].is_text()) return slice(call.runtime, args[0], {}, {}, -1);
  if (!args[0].is_undefined() && !is_iterable(args[0])) fail(ErrorKind::filter_argument, "argument must be iterable");
  if (args[0].is(Type::host)) {
    Items items = iterate(call.runtime, args[0]);
    std::ranges::reverse(items);
    return Item::list(std::move(items));
  }
  return std::make_shared<Generator>("list_reverseiterator", reversed(call, args[0]));
}

Item sort_filter(Call& call) {
  const Args args(call, {"value", "reverse", "case_sensitive", "attribute"}, 1);
  Items items = iterate(call.runtime, args[0]);
  const AttributeGetter getter(call.runtime, args[3], !args.truth(2, false));
  Items keys;
  for (const Item& item : items) keys.push_back(getter.all(item));
  return Item::list(sort_by(call.runtime, std::move(items), keys, args.truth(1, false)));
}

Item dictsort_filter(Call& call) {
  const Args args(call, {"value", "case_sensitive", "by", "reverse"}, 1);
  const std::string by = args.text(2, "key");
  if (by != "key" && by != "value") fail(ErrorKind::filter_argument, "You can only sort by either \"key\" or \"value\"");
  if (args[0].is_undefined()) args[0].as_undefined().use();
  if (!args[0].is(Type::dict)) fail(ErrorKind::attribute, "'" + type_name(args[0]) + "' object has no attribute 'items'");
  Items entries, keys;
  for (const auto& [key, value] : pairs_of(call.runtime, args[0])) {
    entries.push_back(Item::tuple({key, value}));
    const Item& used = by == "key" ? key : value;
    keys.push_back(args.truth(1, false) ? used : ignore_case(used));
  }
  return Item::list(sort_by(call.runtime, std::move(entries), keys, args.truth(3, false)));
}

Item unique_filter(Call& call) {
  const Args args(call, {"value", "case_sensitive", "attribute"}, 1);
  const AttributeGetter getter(call.runtime, args[2], !args.truth(1, false));
  Dict seen;
  Items kept;
  for (Item& item : iterate(call.runtime, args[0])) {
    const Item key = getter.get(item);
    if (seen.find(key) != nullptr) continue;
    seen.set(key, true);
    kept.push_back(std::move(item));
  }
  return make_generator(std::move(kept));
}

template <bool Greatest>
Item extreme_filter(Call& call) {
  const Args args(call, {"value", "case_sensitive", "attribute"}, 1);
  const AttributeGetter getter(call.runtime, args[2], !args.truth(1, false));
  const Items items = iterate(call.runtime, args[0]);
  if (items.empty()) return Item::undefined("No aggregated item, sequence was empty.");
  std::size_t best = 0;
  Item best_key = getter.get(items[0]);
  for (std::size_t i = 1; i < items.size(); ++i) {
    Item key = getter.get(items[i]);
    if (Greatest ? less(best_key, key, ">") : less(key, best_key)) {
      best = i;
      best_key = std::move(key);
    }
  }
  return items[best];
}

Item sum_filter(Call& call) {
  const Args args(call, {"iterable", "attribute", "start"}, 1);
  const AttributeGetter getter(call.runtime, args[1], false);
  Item total = args.has(2) ? args[2] : Item(0);
  for (const Item& item : iterate(call.runtime, args[0])) total = apply(call.runtime, Operator::add, total, getter.get(item));
  return total;
}

Item join_filter(Call& call) {
  const Args args(call, {"value", "d", "attribute"}, 1);
  const AttributeGetter getter(call.runtime, args[2], false);
  const bool escapes = call.runtime.autoescape();
  const auto text = [&](const Item& item) { return escapes ? escape(item) : str(item); };
  const std::string separator = args.has(1) ? text(args[1]) : "";
  std::string out;
  bool first = true;
  for (const Item& item : iterate(call.runtime, args[0])) {
    if (!std::exchange(first, false)) out += separator;
    out += text(args.has(2) && !args[2].is_none() ? getter.get(item) : item);
    call.runtime.budget.check_text(out.size());
  }
  call.runtime.budget.make_text(out.size());
  return Text{std::move(out), escapes};
}

Item batch_filter(Call& call) {
  const Args args(call, {"value", "linecount", "fill_with"}, 2);
  const std::int64_t size = args.integer(1);
  Items batches;
  Items row;
  for (Item& item : iterate(call.runtime, args[0])) {
    if (static_cast<std::int64_t>(row.size()) == size) batches.push_back(Item::list(std::exchange(row, {})));
    row.push_back(std::move(item));
  }
  if (!row.empty()) {
    if (!args[2].is_none() && size > 0) {
      call.runtime.budget.make_items(static_cast<std::size_t>(size));
      while (static_cast<std::int64_t>(row.size()) < size) row.push_back(args[2]);
    }
    batches.push_back(Item::list(std::move(row)));
  }
  return make_generator(std::move(batches));
}

Item slice_filter(Call& call) {
  const Args args(call, {"value", "slices", "fill_with"}, 2);
  const Items items = iterate(call.runtime, args[0]);
  const std::int64_t slices = args.integer(1);
  if (slices == 0) fail(ErrorKind::zero_division, "integer division or modulo by zero");
  if (slices < 0) return make_generator({});
  call.runtime.budget.make_items(static_cast<std::size_t>(slices));
  const std::size_t count = static_cast<std::size_t>(slices), each = items.size() / count, longer = items.size() % count;
  Items result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * each + std::min(i, longer), end = (i + 1) * each + std::min(i + 1, longer);
    Items part(items.begin() + static_cast<std::ptrdiff_t>(begin), items.begin() + static_cast<std::ptrdiff_t>(end));
    if (!args[2].is_none() && i >= longer) part.push_back(args[2]);
    result.push_back(Item::list(std::move(part)));
  }
  return make_generator(std::move(result));
}

Item groupby_filter(Call& call) {
  static const TupleType group_type{"", {"grouper", "list"}};
  const Args args(call, {"value", "attribute", "default", "case_sensitive"}, 2);
  const bool case_sensitive = args.truth(3, false);
  const AttributeGetter compared(call.runtime, args[1], !case_sensitive, args.has(2) ? &args[2] : nullptr);
  const AttributeGetter shown(call.runtime, args[1], false, args.has(2) ? &args[2] : nullptr);
  Items items = iterate(call.runtime, args[0]);
  Items keys;
  for (const Item& item : items) keys.push_back(compared.get(item));
  items = sort_by(call.runtime, std::move(items), keys, false);
  Items groups;
  Item last;
  for (Item& item : items) {
    Item key = compared.get(item);
    if (groups.empty() || !equal(key, last)) {
      groups.push_back(std::make_shared<Tuple>(Items{shown.get(item), Item::list({})}, &group_type));
      last = std::move(key);
    }
    groups.back().as_tuple().items[1].as_list().items.push_back(std::move(item));
  }
  return Item::list(std::move(groups));
}

Item items_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  if (args[0].is_undefined()) return make_generator({});
  if (!args[0].is(Type::dict)) fail(ErrorKind::type, "Can only get item pairs from a mapping.");
  Items items;
  for (const auto& [key, value] : pairs_of(call.runtime, args[0])) items.push_back(Item::tuple({key, value}));
  return make_generator(std::move(items));
}

constexpr NamedNative of_lists[] = {
    {"batch", batch_filter},     {"count", length_filter},    {"dictsort", dictsort_filter}, {"first", first_filter},
    {"groupby", groupby_filter}, {"items", items_filter},     {"join", join_filter},         {"last", last_filter},
    {"length", length_filter},   {"list", list_filter},       {"max", extreme_filter<true>}, {"min", extreme_filter<false>},
    {"random", random_filter},   {"reverse", reverse_filter}, {"slice", slice_filter},       {"sort", sort_filter},
    {"sum", sum_filter},         {"unique", unique_filter},
};

}  // namespace

const std::span<const NamedNative> list_filters = of_lists;

}  // namespace venturi::templates
