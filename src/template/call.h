// Calling: what a native function, filter, test or method gets, and how it reads its arguments.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "template/host_object.h"
#include "template/item.h"
#include "template/limits.h"

namespace venturi::templates {

class Zones;

struct Keyword {
  std::string name;
  Item value;
};
using Keywords = std::vector<Keyword>;

// The rendering as functions see it.
class Runtime {
 public:
  explicit Runtime(const Limits& limits, const Zones* zones) : budget(limits), zones(zones) {}
  virtual ~Runtime() = default;
  virtual Item call(const Item& callee, Items args, Keywords keywords = {}) = 0;
  // By name, for `map('upper')` and `select('odd')`; the first argument is the value.
  virtual Item filter(std::string_view name, Items args, Keywords keywords) = 0;
  virtual bool test(std::string_view name, Items args, Keywords keywords) = 0;
  [[nodiscard]] virtual bool autoescape() const = 0;
  // The next of a sequence that is the same in each rendering of the same context.
  virtual std::uint64_t random() = 0;

  Budget budget;
  const Zones* zones;  // nullptr: UTC and fixed offsets only
};

struct Call {
  Runtime& runtime;
  std::string_view name;  // of the function, for messages
  Items args;             // of a method or filter, args[0] is the object
  Keywords keywords;
};

using Native = Item (*)(Call&);

struct Callable {
  std::string name;
  std::function<Item(Call&)> body;
  std::optional<Item> self = std::nullopt;  // a bound method's object: becomes args[0]
  std::string_view shown = {};              // repr(), where it is not that of a function or method

  // `<built-in method upper of str object>`
  [[nodiscard]] std::string repr() const;
};

[[nodiscard]] Item make_function(std::string name, std::function<Item(Call&)> body);

// A name and what it is: the tables of filters, tests, globals and methods consist of these.
struct NamedNative {
  std::string_view name;
  Native function;
};
[[nodiscard]] Native find_native(std::span<const NamedNative> table, std::string_view name);

// The arguments by their position in `names`, whether they came by position or by keyword. TypeError, in Python's words,
// for too many, unknown, doubled or missing ones. Where the function is a method or filter, names[0] is the object.
class Args {
 public:
  Args(Call& call, std::initializer_list<std::string_view> names, std::size_t required);

  [[nodiscard]] bool has(std::size_t i) const { return given_[i] != nullptr; }
  [[nodiscard]] const Item& operator[](std::size_t i) const;  // none where it was not given
  // With a default; TypeError for another type.
  [[nodiscard]] std::int64_t integer(std::size_t i, std::int64_t otherwise = 0) const;
  [[nodiscard]] double real(std::size_t i, double otherwise = 0) const;
  [[nodiscard]] bool truth(std::size_t i, bool otherwise) const;
  [[nodiscard]] std::string text(std::size_t i, std::string_view otherwise = {}) const;

 private:
  static constexpr std::size_t most = 12;
  [[nodiscard]] TemplateError wrong_type(std::size_t i, std::string_view expected) const;

  const Call& call_;
  std::string_view names_[most];
  const Item* given_[most] = {};
};

}  // namespace venturi::templates
