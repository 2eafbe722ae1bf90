// Methods of list, tuple and dict.
#include <algorithm>

#include "template/compare.h"
#include "template/dict.h"
#include "template/methods.h"
#include "template/operators.h"
#include "template/sorting.h"

namespace venturi::templates {
namespace {

// d.keys(), .values() and .items().
class DictView final : public Holder {
 public:
  enum class Kind : std::uint8_t { keys, values, items };
  DictView(Item dict, Kind kind) : Holder({std::move(dict)}), kind_(kind) {}

  [[nodiscard]] std::string type_name() const override {
    constexpr std::string_view names[] = {"dict_keys", "dict_values", "dict_items"};
    return std::string(names[static_cast<int>(kind_)]);
  }
  [[nodiscard]] std::optional<std::size_t> length() override { return dict().size(); }
  [[nodiscard]] std::optional<Items> iterate() override {
    Items items;
    for (const Dict::Entry& entry : dict()) {
      items.push_back(kind_ == Kind::keys     ? entry.key
                      : kind_ == Kind::values ? entry.value
                                              : Item::tuple({entry.key, entry.value}));
    }
    return items;
  }
  [[nodiscard]] std::string repr(Walk& walk) override {
    std::string out = type_name() + "(";
    append_repr(out, Item::list(*iterate()), walk);
    return out + ")";
  }

 private:
  Dict& dict() {
    static const auto gone = std::make_shared<Dict>();
    return held_.empty() ? *gone : held_[0].as_dict();
  }
  const Kind kind_;
};

void require_apart(Call& call, const Item& value, const void* container) {
  if (reaches(call.runtime.budget, value, container)) fail(ErrorKind::value, "a list or dict cannot be put into itself");
}

Items& list_of(Call& call) {
  return call.args[0].as_list().items;
}

Item append(Call& call) {
  const Args args(call, {"self", "object"}, 2);
  require_apart(call, args[1], &args[0].as_list());
  call.runtime.budget.check_items(list_of(call).size() + 1);
  call.runtime.budget.make_items(1);
  list_of(call).push_back(args[1]);
  return {};
}

Item extend(Call& call) {
  const Args args(call, {"self", "iterable"}, 2);
  Items more = iterate(call.runtime, args[1]);
  call.runtime.budget.make_items(list_of(call).size() + more.size());
  for (const Item& item : more) require_apart(call, item, &args[0].as_list());
  list_of(call).insert(list_of(call).end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return {};
}

std::size_t clamped(std::int64_t at, std::size_t size) {
  const auto n = static_cast<std::int64_t>(size);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(at < 0 ? at + n : at, 0, n));
}

Item insert(Call& call) {
  const Args args(call, {"self", "index", "object"}, 3);
  require_apart(call, args[2], &args[0].as_list());
  call.runtime.budget.check_items(list_of(call).size() + 1);
  call.runtime.budget.make_items(1);
  list_of(call).insert(list_of(call).begin() + static_cast<std::ptrdiff_t>(clamped(args.integer(1), list_of(call).size())),
                       args[2]);
  return {};
}

Item pop(Call& call) {
  const Args args(call, {"self", "index"}, 1);
  Items& list = list_of(call);
  if (list.empty()) fail(ErrorKind::index, "pop from empty list");
  const auto size = static_cast<std::int64_t>(list.size());
  const std::int64_t index = args.integer(1, -1) + (args.integer(1, -1) < 0 ? size : 0);
  if (index < 0 || index >= size) fail(ErrorKind::index, "pop index out of range");
  Item taken = list[static_cast<std::size_t>(index)];
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
  return taken;
}

Item remove(Call& call) {
  const Args args(call, {"self", "value"}, 2);
  Items& list = list_of(call);
  const auto found = std::ranges::find_if(list, [&](const Item& item) { return equal(item, args[1]); });
  if (found == list.end()) fail(ErrorKind::value, "list.remove(x): x not in list");
  list.erase(found);
  return {};
}

Item reverse(Call& call) {
  const Args args(call, {"self"}, 1);
  std::ranges::reverse(list_of(call));
  return {};
}

Item clear_list(Call& call) {
  const Args args(call, {"self"}, 1);
  dismantle(list_of(call));
  return {};
}

Item copy_list(Call& call) {
  const Args args(call, {"self"}, 1);
  call.runtime.budget.make_items(list_of(call).size());
  return Item::list(list_of(call));
}

Item sort(Call& call) {
  const Args args(call, {"self", "key", "reverse"}, 1);
  Items items = list_of(call);
  Items keys;
  for (const Item& item : items) keys.push_back(args[1].is_none() ? item : call.runtime.call(args[1], {item}));
  list_of(call) = sort_by(call.runtime, std::move(items), keys, args.truth(2, false));
  return {};
}

Item index(Call& call) {
  const Args args(call, {"self", "value", "start"}, 2);
  const Items& items = call.args[0].sequence();
  for (std::size_t i = clamped(args.integer(2, 0), items.size()); i < items.size(); ++i) {
    if (equal(items[i], args[1])) return i;
  }
  fail(ErrorKind::value, repr(args[1]) + " is not in " + type_name(args[0]));
}

Item count_of(Call& call) {
  const Args args(call, {"self", "value"}, 2);
  return static_cast<std::size_t>(
      std::ranges::count_if(call.args[0].sequence(), [&](const Item& item) { return equal(item, args[1]); }));
}

template <DictView::Kind Kind>
Item view(Call& call) {
  const Args args(call, {"self"}, 1);
  return std::make_shared<DictView>(args[0], Kind);
}

Item get(Call& call) {
  const Args args(call, {"self", "key", "default"}, 2);
  const Item* found = args[0].as_dict().find(args[1]);
  return found == nullptr ? args[2] : *found;
}

Item set_default(Call& call) {
  const Args args(call, {"self", "key", "default"}, 2);
  Dict& dict = args[0].as_dict();
  if (const Item* found = dict.find(args[1])) return *found;
  require_apart(call, args[2], &dict);
  call.runtime.budget.make_items(1);
  dict.set(args[1], args[2]);
  return args[2];
}

Item pop_key(Call& call) {
  const Args args(call, {"self", "key", "default"}, 2);
  Dict& dict = args[0].as_dict();
  const Item* found = dict.find(args[1]);
  if (found == nullptr) {
    if (!args.has(2)) fail(ErrorKind::key, repr(args[1]));
    return args[2];
  }
  Item value = *found;
  dict.erase(args[1]);
  return value;
}

Item pop_item(Call& call) {
  const Args args(call, {"self"}, 1);
  Dict& dict = args[0].as_dict();
  if (dict.size() == 0) fail(ErrorKind::key, "'popitem(): dictionary is empty'");
  const Dict::Entry last = *(dict.end() - 1);
  dict.erase(last.key);
  return Item::tuple({last.key, last.value});
}

Item update(Call& call) {
  Dict& dict = call.args[0].as_dict();
  const auto put = [&](const Item& key, const Item& value) {
    require_apart(call, value, &dict);
    call.runtime.budget.make_items(1);
    dict.set(key, value);
  };
  if (call.args.size() > 1) {
    for (const auto& [key, value] : pairs_of(call.runtime, call.args[1])) put(key, value);
  }
  for (const Keyword& keyword : call.keywords) put(keyword.name, keyword.value);
  return {};
}

Item clear_dict(Call& call) {
  const Args args(call, {"self"}, 1);
  args[0].as_dict().clear();
  return {};
}

Item copy_dict(Call& call) {
  const Args args(call, {"self"}, 1);
  call.runtime.budget.make_items(args[0].as_dict().size());
  return args[0].as_dict().copy();
}

Item from_keys(Call& call) {
  const Args args(call, {"self", "iterable", "value"}, 2);
  auto dict = std::make_shared<Dict>();
  for (const Item& key : iterate(call.runtime, args[1])) dict->set(key, args[2]);
  return dict;
}

constexpr NamedNative of_list[] = {{"append", append}, {"clear", clear_list}, {"copy", copy_list}, {"count", count_of},
                                   {"extend", extend}, {"index", index},      {"insert", insert},  {"pop", pop},
                                   {"remove", remove}, {"reverse", reverse},  {"sort", sort}};
constexpr NamedNative of_tuple[] = {{"count", count_of}, {"index", index}};
constexpr NamedNative of_dict[] = {{"clear", clear_dict},
                                   {"copy", copy_dict},
                                   {"fromkeys", from_keys},
                                   {"get", get},
                                   {"items", view<DictView::Kind::items>},
                                   {"keys", view<DictView::Kind::keys>},
                                   {"pop", pop_key},
                                   {"popitem", pop_item},
                                   {"setdefault", set_default},
                                   {"update", update},
                                   {"values", view<DictView::Kind::values>}};

}  // namespace

const std::span<const NamedNative> list_methods = of_list, tuple_methods = of_tuple, dict_methods = of_dict;

std::vector<std::pair<Item, Item>> pairs_of(Runtime& runtime, const Item& source) {
  std::vector<std::pair<Item, Item>> pairs;
  if (source.is(Type::dict)) {
    for (const Dict::Entry& entry : source.as_dict()) pairs.emplace_back(entry.key, entry.value);
    return pairs;
  }
  for (const Item& item : iterate(runtime, source)) {
    Items parts = iterate(runtime, item);
    if (parts.size() != 2)
      fail(ErrorKind::value,
           "dictionary update sequence element has length " + std::to_string(parts.size()) + "; 2 is required");
    pairs.emplace_back(std::move(parts[0]), std::move(parts[1]));
  }
  return pairs;
}

}  // namespace venturi::templates
