// range, dict, namespace, cycler, joiner.
#include <algorithm>

#include "template/builtins.h"
#include "template/dict.h"
#include "template/methods.h"
#include "template/namespace_object.h"
#include "template/operators.h"
#include "template/sorting.h"

namespace venturi::templates {
namespace {

constexpr std::int64_t max_range = 100'000;  // jinja2.sandbox.MAX_RANGE

class RangeObject final : public HostObject {
 public:
  RangeObject(std::int64_t start, std::int64_t stop, std::int64_t step, std::size_t size)
      : start_(start), stop_(stop), step_(step), size_(size) {}
  [[nodiscard]] std::string type_name() const override { return "range"; }
  [[nodiscard]] bool is_sequence() const override { return true; }
  [[nodiscard]] std::optional<std::size_t> length() override { return size_; }
  [[nodiscard]] std::optional<Items> iterate() override {
    Items items;
    items.reserve(size_);
    for (std::size_t i = 0; i < size_; ++i) items.emplace_back(at(i));
    return items;
  }
  [[nodiscard]] std::optional<Item> item(const Item& key) override {
    if (!key.is_integer()) return std::nullopt;
    const std::int64_t i = key.as_integer() < 0 ? key.as_integer() + static_cast<std::int64_t>(size_) : key.as_integer();
    if (i < 0 || i >= static_cast<std::int64_t>(size_)) return std::nullopt;
    return at(static_cast<std::size_t>(i));
  }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "start") return start_;
    if (name == "stop") return stop_;
    if (name == "step") return step_;
    if (name == "count" || name == "index") return as_list_method(name);
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Item> slice(std::int64_t first, std::int64_t last, std::int64_t step) override;
  [[nodiscard]] std::string repr(Walk&) override {
    std::string out = "range(" + std::to_string(start_) + ", " + std::to_string(stop_);
    if (step_ != 1) out += ", " + std::to_string(step_);
    return out + ")";
  }

 private:
  [[nodiscard]] Item as_list_method(std::string_view name) {
    const Item list = Item::list(*iterate());
    return std::make_shared<const Callable>(Callable{std::string(name), find_method(list, name), list});
  }
  [[nodiscard]] std::int64_t at(std::size_t i) const { return start_ + static_cast<std::int64_t>(i) * step_; }
  const std::int64_t start_, stop_, step_;
  const std::size_t size_;
};

Item make_range(std::int64_t start, std::int64_t stop, std::int64_t step) {
  const std::uint64_t distance =
      step > 0 ? (stop > start ? static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start) : 0)
               : (start > stop ? static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop) : 0);
  const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : -static_cast<std::uint64_t>(step);
  const std::uint64_t size = distance / stride + (distance % stride != 0 ? 1 : 0);
  if (size > static_cast<std::uint64_t>(max_range)) {
    fail(ErrorKind::overflow, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
  }
  return std::make_shared<RangeObject>(start, stop, step, size);
}

Item range(Call& call) {
  const Args args(call, {"start", "stop", "step"}, 1);
  const std::int64_t step = args.integer(2, 1);
  if (step == 0) fail(ErrorKind::value, "range() arg 3 must not be zero");
  return args.has(1) ? make_range(args.integer(0), args.integer(1), step) : make_range(0, args.integer(0), step);
}

std::optional<Item> RangeObject::slice(std::int64_t first, std::int64_t last, std::int64_t step) {
  std::int64_t by = 0;
  if (__builtin_mul_overflow(step_, step, &by)) fail(ErrorKind::overflow, "Range too big.");
  return make_range(start_ + first * step_, start_ + last * step_, by);
}

// What dict(...) and namespace(...) are made of.
std::shared_ptr<Dict> dict_of(Call& call) {
  auto dict = std::make_shared<Dict>();
  if (call.args.size() > 1) {
    fail(ErrorKind::type, std::string(call.name) + " expected at most 1 argument, got " + std::to_string(call.args.size()));
  }
  if (!call.args.empty()) {
    for (const auto& [key, value] : pairs_of(call.runtime, call.args[0])) dict->set(key, value);
  }
  for (const Keyword& keyword : call.keywords) dict->set(keyword.name, keyword.value);
  call.runtime.budget.make_items(dict->size());
  return dict;
}

Item dict(Call& call) {
  return dict_of(call);
}

Item namespace_(Call& call) {
  auto space = std::make_shared<NamespaceObject>();
  for (const Dict::Entry& entry : *dict_of(call)) space->set(entry.key, entry.value);
  return space;
}

class CyclerObject final : public Holder, public std::enable_shared_from_this<CyclerObject> {
 public:
  using Holder::Holder;
  [[nodiscard]] std::string type_name() const override { return "Cycler"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "current") return held_.empty() ? Item() : held_[at_];
    const auto method = [&](Native function) {
      return std::make_shared<const Callable>(Callable{std::string(name), function, Item(shared_from_this())});
    };
    if (name == "next") return method(next);
    if (name == "reset") return method(reset);
    return std::nullopt;
  }

 private:
  static CyclerObject& self(Call& call) { return static_cast<CyclerObject&>(*call.args[0].as_host()); }
  static Item next(Call& call) {
    CyclerObject& cycler = self(call);
    if (cycler.held_.empty()) return {};
    const std::size_t at = cycler.at_;
    cycler.at_ = (at + 1) % cycler.held_.size();
    return cycler.held_[at];
  }
  static Item reset(Call& call) {
    self(call).at_ = 0;
    return {};
  }
  std::size_t at_ = 0;
};

Item cycler(Call& call) {
  if (call.args.empty()) fail(ErrorKind::runtime, "at least one item has to be provided");
  return std::make_shared<CyclerObject>(call.args);
}

class JoinerObject final : public Holder {
 public:
  using Holder::Holder;
  [[nodiscard]] std::string type_name() const override { return "Joiner"; }
  [[nodiscard]] bool callable() const override { return true; }
  Item call(Call&) override { return std::exchange(used_, true) && !held_.empty() ? held_[0] : Item(""); }

 private:
  bool used_ = false;
};

Item joiner(Call& call) {
  const Args args(call, {"sep"}, 0);
  return std::make_shared<JoinerObject>(Items{args.has(0) ? args[0] : Item(", ")});
}

constexpr NamedNative globals[] = {
    {"cycler", cycler}, {"dict", dict}, {"joiner", joiner}, {"namespace", namespace_}, {"range", range},
};

}  // namespace

const std::span<const NamedNative> all_globals = globals;

std::string_view global_repr(std::string_view name) {
  if (name == "dict") return "<class 'dict'>";
  if (name == "cycler") return "<class 'jinja2.utils.Cycler'>";
  if (name == "joiner") return "<class 'jinja2.utils.Joiner'>";
  if (name == "namespace") return "<class 'jinja2.utils.Namespace'>";
  return {};
}

std::string NamespaceObject::repr(Walk& walk) {
  std::string out = "<Namespace ";
  append_repr(out, held_.empty() ? Item::list({}) : held_[0], walk);
  return out + ">";
}

}  // namespace venturi::templates
