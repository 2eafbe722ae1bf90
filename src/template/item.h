// A value in a template, as Python has them. Cheap to copy: scalars are inline, the rest is shared. Lists and dicts can be
// changed by the template that made them (`do l.append(x)`), so they belong to one rendering, which runs in one thread; what
// outlives a rendering is kept as venturi::Value or in a HostObject.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "template/error.h"
#include "venturi/value.h"

namespace venturi::templates {

class Budget;
class Item;
class Dict;
class HostObject;
struct BigInteger;
struct Callable;
struct Date;
struct DateTime;
struct List;
struct TimeOfDay;
struct Tuple;
using Items = std::vector<Item>;

struct Text {
  std::string bytes;    // UTF-8
  bool markup = false;  // markupsafe's Markup: is not escaped again
};

// A name or attribute that does not exist. Using it is an error; `is defined` and `default` are not uses.
struct Undefined {
  std::string message;  // "'x' is undefined"
  ErrorKind kind = ErrorKind::undefined;
  bool lenient = false;  // of `a if b` without else: no text, no elements, false
  [[noreturn]] void use() const { fail(kind, message); }
};

struct TimeDelta {
  std::int64_t microseconds = 0;
};

// The order of the alternatives in Item.
enum class Type : std::uint8_t {
  undefined,
  none,
  boolean,
  integer,
  real,
  text,
  list,
  tuple,
  dict,
  timedelta,
  datetime,
  date,
  time,
  callable,
  host,
  big  // an integer beyond 64 bits
};

class Item {
 public:
  Item() = default;  // none
  Item(bool value) : data_(value) {}
  Item(int value) : data_(std::int64_t{value}) {}
  Item(std::int64_t value) : data_(value) {}
  Item(std::size_t value) : data_(static_cast<std::int64_t>(value)) {}
  Item(double value) : data_(value) {}
  Item(const char* text) : Item(std::string(text)) {}
  Item(std::string_view text) : Item(std::string(text)) {}
  Item(std::string text) : data_(std::make_shared<const Text>(Text{std::move(text)})) {}
  Item(Text text) : data_(std::make_shared<const Text>(std::move(text))) {}
  Item(TimeDelta value) : data_(value) {}
  Item(DateTime value);
  Item(Date value);
  Item(TimeOfDay value);
  Item(std::shared_ptr<List> list) : data_(std::move(list)) {}
  Item(std::shared_ptr<Tuple> tuple) : data_(std::move(tuple)) {}
  Item(std::shared_ptr<Dict> dict) : data_(std::move(dict)) {}
  Item(std::shared_ptr<const Callable> callable) : data_(std::move(callable)) {}
  Item(std::shared_ptr<HostObject> object) : data_(std::move(object)) {}
  Item(std::shared_ptr<const BigInteger> integer) : data_(std::move(integer)) {}
  template <class Object>
    requires std::is_base_of_v<HostObject, Object>
  Item(std::shared_ptr<Object> object) : Item(std::shared_ptr<HostObject>(std::move(object))) {}

  [[nodiscard]] static Item undefined(std::string message, ErrorKind kind = ErrorKind::undefined) {
    Item item;
    item.data_ = std::make_shared<const Undefined>(Undefined{std::move(message), kind, false});
    return item;
  }
  [[nodiscard]] static Item lenient_undefined(std::string message) {
    Item item;
    item.data_ = std::make_shared<const Undefined>(Undefined{std::move(message), ErrorKind::undefined, true});
    return item;
  }
  [[nodiscard]] static Item list(Items items);
  [[nodiscard]] static Item tuple(Items items);
  [[nodiscard]] static Item markup(std::string text) { return Text{std::move(text), true}; }

  [[nodiscard]] Type type() const { return static_cast<Type>(data_.index()); }
  [[nodiscard]] bool is(Type type) const { return this->type() == type; }
  [[nodiscard]] bool is_none() const { return is(Type::none); }
  [[nodiscard]] bool is_undefined() const { return is(Type::undefined); }
  [[nodiscard]] bool is_text() const { return is(Type::text); }
  // bool is an int in Python. One of up to 64 bits; is_any_integer() is one of any size (integer.h).
  [[nodiscard]] bool is_integer() const { return is(Type::integer) || is(Type::boolean); }
  [[nodiscard]] bool is_any_integer() const { return is_integer() || is(Type::big); }
  [[nodiscard]] bool is_number() const { return is_any_integer() || is(Type::real); }
  [[nodiscard]] bool is_sequence() const { return is(Type::list) || is(Type::tuple); }

  // Of the right type only: callers have looked.
  [[nodiscard]] const Undefined& as_undefined() const { return *std::get<0>(data_); }
  [[nodiscard]] bool as_bool() const { return std::get<bool>(data_); }
  [[nodiscard]] std::int64_t as_integer() const { return is(Type::boolean) ? as_bool() : std::get<std::int64_t>(data_); }
  // OverflowError for an integer that is larger than any float.
  [[nodiscard]] double as_real() const {
    return is(Type::real) ? std::get<double>(data_) : is(Type::big) ? big_as_real() : static_cast<double>(as_integer());
  }
  [[nodiscard]] const BigInteger& as_big() const { return *std::get<std::shared_ptr<const BigInteger>>(data_); }
  [[nodiscard]] const Text& as_text() const { return *std::get<std::shared_ptr<const Text>>(data_); }
  [[nodiscard]] const std::string& as_string() const { return as_text().bytes; }
  [[nodiscard]] bool is_markup() const { return is_text() && as_text().markup; }
  [[nodiscard]] List& as_list() const { return *std::get<std::shared_ptr<List>>(data_); }
  [[nodiscard]] Tuple& as_tuple() const { return *std::get<std::shared_ptr<Tuple>>(data_); }
  [[nodiscard]] Items& sequence() const;  // of a list or tuple
  [[nodiscard]] Dict& as_dict() const { return *std::get<std::shared_ptr<Dict>>(data_); }
  [[nodiscard]] TimeDelta as_timedelta() const { return std::get<TimeDelta>(data_); }
  [[nodiscard]] const DateTime& as_datetime() const { return *std::get<std::shared_ptr<const DateTime>>(data_); }
  [[nodiscard]] const Date& as_date() const { return *std::get<std::shared_ptr<const Date>>(data_); }
  [[nodiscard]] const TimeOfDay& as_time() const { return *std::get<std::shared_ptr<const TimeOfDay>>(data_); }
  [[nodiscard]] const std::shared_ptr<const Callable>& as_callable() const {
    return std::get<std::shared_ptr<const Callable>>(data_);
  }
  [[nodiscard]] const std::shared_ptr<HostObject>& as_host() const { return std::get<std::shared_ptr<HostObject>>(data_); }
  // The same object, as Python's `is`.
  [[nodiscard]] bool same_as(const Item& other) const;

 private:
  friend void dismantle(Items& items);

  [[nodiscard]] double big_as_real() const;

  std::variant<std::shared_ptr<const Undefined>, std::monostate, bool, std::int64_t, double, std::shared_ptr<const Text>,
               std::shared_ptr<List>, std::shared_ptr<Tuple>, std::shared_ptr<Dict>, TimeDelta, std::shared_ptr<const DateTime>,
               std::shared_ptr<const Date>, std::shared_ptr<const TimeOfDay>, std::shared_ptr<const Callable>,
               std::shared_ptr<HostObject>, std::shared_ptr<const BigInteger>>
      data_ = std::monostate();
};

// Destroys what is only referred to from here without recursion: a template can nest lists deeper than the stack is.
void dismantle(Items& items);

struct List {
  explicit List(Items list) : items(std::move(list)) {}
  ~List() { dismantle(items); }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  Items items;
};

// Python's named tuples: their fields are attributes too.
struct TupleType {
  std::string_view name;  // for repr(); empty: as a plain tuple
  std::vector<std::string_view> fields;
};

struct Tuple {
  explicit Tuple(Items tuple, const TupleType* tuple_type = nullptr) : items(std::move(tuple)), type(tuple_type) {}
  ~Tuple() { dismantle(items); }
  Tuple(const Tuple&) = delete;
  Tuple& operator=(const Tuple&) = delete;

  Items items;
  const TupleType* type;
};

// What JSON has becomes the same in Python's types.
[[nodiscard]] Item from_value(const Value& value);
// Throws TypeError where JSON has no such thing. Dates become their ISO text, tuples arrays, keys that are numbers text.
[[nodiscard]] Value to_value(const Item& item);

// "int", "NoneType", "DateTime": type(x).__name__, for messages.
[[nodiscard]] std::string type_name(const Item& item);

// Whether `item` holds `container` somewhere within: then it must not be put into it, since what refers to itself is
// never freed. Costs steps by what it looks through.
[[nodiscard]] bool reaches(Budget& budget, const Item& item, const void* container);

}  // namespace venturi::templates
