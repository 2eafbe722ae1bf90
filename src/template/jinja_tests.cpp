// Jinja's tests: `x is even`.
#include "template/builtins.h"
#include "template/compare.h"
#include "template/dict.h"
#include "template/operators.h"
#include "template/text_shape.h"

namespace venturi::templates {
namespace {

const Item& only(const Args& args) {
  if (args[0].is_undefined()) args[0].as_undefined().use();
  return args[0];
}

Item is_defined(Call& call) {
  const Args args(call, {"value"}, 1);
  return !args[0].is_undefined();
}

Item is_undefined(Call& call) {
  const Args args(call, {"value"}, 1);
  return args[0].is_undefined();
}

// Those that look at the type never fail, not even for what is undefined.
template <bool (*Predicate)(const Item&)>
Item of_type(Call& call) {
  const Args args(call, {"value"}, 1);
  return Predicate(args[0]);
}

bool none(const Item& item) {
  return item.is_none();
}
bool boolean(const Item& item) {
  return item.is(Type::boolean);
}
bool is_true(const Item& item) {
  return item.is(Type::boolean) && item.as_bool();
}
bool is_false(const Item& item) {
  return item.is(Type::boolean) && !item.as_bool();
}
bool integer(const Item& item) {
  return item.is(Type::integer) || item.is(Type::big);
}
bool real(const Item& item) {
  return item.is(Type::real);
}
bool any_number(const Item& item) {
  return item.is_number();
}
bool text(const Item& item) {
  return item.is_text();
}
bool escaped(const Item& item) {
  return item.is_markup();
}
bool mapping(const Item& item) {
  return item.is(Type::dict) || (item.is(Type::host) && item.as_host()->is_mapping());
}
bool is_callable(const Item& item) {
  return item.is(Type::callable) || item.is_undefined() || (item.is(Type::host) && item.as_host()->callable());
}

bool sequence(const Item& item) {
  return item.is_text() || item.is_sequence() || item.is(Type::dict) || (item.is_undefined() && item.as_undefined().lenient) ||
         (item.is(Type::host) && item.as_host()->is_sequence());
}

bool iterable(const Item& item) {
  if (item.is_undefined() && !item.as_undefined().lenient) item.as_undefined().use();
  return item.is_undefined() || is_iterable(item);
}

bool lower(const Item& item) {
  return is_lower_case(str(item));
}
bool upper(const Item& item) {
  return is_upper_case(str(item));
}

Item remainder(Call& call, const Item& value, const Item& divisor) {
  return apply(call.runtime, Operator::modulo, value, divisor);
}

Item odd(Call& call) {
  const Args args(call, {"value"}, 1);
  return equal(remainder(call, only(args), 2), 1);
}

Item even(Call& call) {
  const Args args(call, {"value"}, 1);
  return equal(remainder(call, only(args), 2), 0);
}

Item divisibleby(Call& call) {
  const Args args(call, {"value", "num"}, 2);
  return equal(remainder(call, only(args), args[1]), 0);
}

Item sameas(Call& call) {
  const Args args(call, {"value", "other"}, 2);
  // Small integers and equal constants are the same object in Python as well.
  if (args[0].is_text() && args[1].is_text()) return args[0].as_string() == args[1].as_string();
  return args[0].same_as(args[1]);
}

Item is_in(Call& call) {
  const Args args(call, {"value", "seq"}, 2);
  return contains(call.runtime, args[1], args[0]);
}

bool is_known(const Item& name, Native (*find)(std::string_view)) {
  if (name.is_text()) return find(name.as_string()) != nullptr;
  static_cast<void>(hash(name));  // what cannot be a key is an error, as it is for Python's dict
  return false;
}

Item names_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  return is_known(args[0], find_filter);
}

Item names_test(Call& call) {
  const Args args(call, {"value"}, 1);
  return is_known(args[0], find_test);
}

Item eq(Call& call) {
  const Args args(call, {"a", "b"}, 2);
  return equal(args[0], args[1]);
}

Item ne(Call& call) {
  const Args args(call, {"a", "b"}, 2);
  return !equal(args[0], args[1]);
}

Item lt(Call& call) {
  const Args args(call, {"a", "b"}, 2);
  return less(args[0], args[1]);
}

Item gt(Call& call) {
  const Args args(call, {"a", "b"}, 2);
  return less(args[1], args[0], ">");
}

Item le(Call& call) {
  const Args args(call, {"a", "b"}, 2);
  return less(args[0], args[1], "<=") || equal(args[0], args[1]);
}

Item ge(Call& call) {
  const Args args(call, {"a", "b"}, 2);
  return less(args[1], args[0], ">=") || equal(args[0], args[1]);
}

constexpr NamedNative tests[] = {
    {"!=", ne},
    {"<", lt},
    {"<=", le},
    {"==", eq},
    {">", gt},
    {">=", ge},
    {"boolean", of_type<boolean>},
    {"callable", of_type<is_callable>},
    {"defined", is_defined},
    {"divisibleby", divisibleby},
    {"eq", eq},
    {"equalto", eq},
    {"escaped", of_type<escaped>},
    {"even", even},
    {"false", of_type<is_false>},
    {"filter", names_filter},
    {"float", of_type<real>},
    {"ge", ge},
    {"greaterthan", gt},
    {"gt", gt},
    {"in", is_in},
    {"integer", of_type<integer>},
    {"iterable", of_type<iterable>},
    {"le", le},
    {"lessthan", lt},
    {"lower", of_type<lower>},
    {"lt", lt},
    {"mapping", of_type<mapping>},
    {"ne", ne},
    {"none", of_type<none>},
    {"number", of_type<any_number>},
    {"odd", odd},
    {"sameas", sameas},
    {"sequence", of_type<sequence>},
    {"string", of_type<text>},
    {"test", names_test},
    {"true", of_type<is_true>},
    {"undefined", is_undefined},
    {"upper", of_type<upper>},
};

}  // namespace

const std::span<const NamedNative> all_tests = tests;

}  // namespace venturi::templates
