#include "template/compare.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "template/datetime.h"
#include "template/dict.h"
#include "template/host_object.h"
#include "template/integer.h"
#include "template/limits.h"

namespace venturi::templates {
namespace {

// Exact, where a conversion of the integer to floating point would round.
int compare_numbers(const Item& a, const Item& b) {
  if (a.is_any_integer() && b.is_any_integer()) return compare_integers(a, b);
  if (a.is(Type::real) && b.is(Type::real)) return a.as_real() < b.as_real() ? -1 : a.as_real() > b.as_real();
  return a.is(Type::real) ? -compare_with_real(b, a.as_real()) : compare_with_real(a, b.as_real());
}

bool has_nan(const Item& a, const Item& b) {
  return (a.is(Type::real) && std::isnan(a.as_real())) || (b.is(Type::real) && std::isnan(b.as_real()));
}

bool equal_within(const Item& a, const Item& b, Walk& walk);

bool equal_dicts(Dict& a, Dict& b, Walk& walk) {
  if (a.size() != b.size()) return false;
  return std::ranges::all_of(a, [&](const Dict::Entry& entry) {
    const Item* other = b.find(entry.key);
    return other != nullptr && equal_within(entry.value, *other, walk);
  });
}

// Ranges are equal if their numbers are, the keys of dicts in any order.
bool equal_views(const Item& a, const Item& b, Walk& walk) {
  const std::string type = type_name(a);
  if ((type != "range" && type != "dict_keys") || type_name(b) != type || a.as_host()->length() != b.as_host()->length())
    return false;
  const Items mine = *a.as_host()->iterate(), theirs = *b.as_host()->iterate();
  if (type == "range") {
    return std::ranges::equal(mine, theirs, [&](const Item& x, const Item& y) { return equal_within(x, y, walk); });
  }
  Dict keys;
  for (const Item& key : mine) keys.set(key, true);
  return std::ranges::all_of(theirs, [&](const Item& key) { return keys.find(key) != nullptr; });
}

[[noreturn]] void no_order(const Item& a, const Item& b, std::string_view op) {
  fail(ErrorKind::type,
       "'" + std::string(op) + "' not supported between instances of '" + type_name(a) + "' and '" + type_name(b) + "'");
}

std::optional<Item> plain_of(const Item& item) {
  return item.is(Type::host) ? item.as_host()->plain() : std::nullopt;
}

std::size_t mix(std::size_t a, std::size_t b) {
  return (a ^ (b + 0x9e3779b97f4a7c15U + (a << 6) + (a >> 2))) * 0x100000001b3U;
}

bool equal_within(const Item& a, const Item& b, Walk& walk) {
  const Walk::Level level(walk);
  for (const Item* item : {&a, &b}) {
    if (item->is_undefined() && !item->as_undefined().lenient) item->as_undefined().use();
  }
  if (a.is_undefined() || b.is_undefined()) return a.type() == b.type();
  if (const auto plain = plain_of(a)) return equal_within(*plain, b, walk);
  if (const auto plain = plain_of(b)) return equal_within(a, *plain, walk);
  if (a.is_number() && b.is_number()) return !has_nan(a, b) && compare_numbers(a, b) == 0;
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Type::text:
      return a.as_string() == b.as_string();
    case Type::list:
    case Type::tuple:
      return std::ranges::equal(a.sequence(), b.sequence(),
                                [&](const Item& x, const Item& y) { return equal_within(x, y, walk); });
    case Type::dict:
      return equal_dicts(a.as_dict(), b.as_dict(), walk);
    case Type::timedelta:
      return a.as_timedelta().microseconds == b.as_timedelta().microseconds;
    case Type::datetime:
      return a.as_datetime().is_naive() == b.as_datetime().is_naive() && compare(a.as_datetime(), b.as_datetime()) == 0;
    case Type::date:
      return a.as_date().days == b.as_date().days;
    case Type::time:
      return a.as_time().microseconds == b.as_time().microseconds;
    case Type::none:
      return true;
    case Type::host:
      return a.same_as(b) || equal_views(a, b, walk);
    default:
      return a.same_as(b);
  }
}

bool less_within(const Item& a, const Item& b, std::string_view op, Walk& walk) {
  const Walk::Level level(walk);
  if (a.is_undefined()) a.as_undefined().use();
  if (b.is_undefined()) b.as_undefined().use();
  if (const auto plain = plain_of(a)) return less_within(*plain, b, op, walk);
  if (const auto plain = plain_of(b)) return less_within(a, *plain, op, walk);
  if (a.is_number() && b.is_number()) return !has_nan(a, b) && compare_numbers(a, b) < 0;
  if (a.type() != b.type()) no_order(a, b, op);
  switch (a.type()) {
    case Type::text:
      return a.as_string() < b.as_string();  // the order of UTF-8's bytes is that of the code points
    case Type::list:
    case Type::tuple: {
      const auto [x, y] = std::ranges::mismatch(a.sequence(), b.sequence(),
                                                [&](const Item& i, const Item& j) { return equal_within(i, j, walk); });
      if (x == a.sequence().end() || y == b.sequence().end()) return a.sequence().size() < b.sequence().size();
      return less_within(*x, *y, op, walk);
    }
    case Type::timedelta:
      return a.as_timedelta().microseconds < b.as_timedelta().microseconds;
    case Type::datetime:
      if (a.as_datetime().is_naive() != b.as_datetime().is_naive()) {
        fail(ErrorKind::type, "can't compare offset-naive and offset-aware datetimes");
      }
      return compare(a.as_datetime(), b.as_datetime()) < 0;
    case Type::date:
      return a.as_date().days < b.as_date().days;
    case Type::time:
      return a.as_time().microseconds < b.as_time().microseconds;
    default:
      no_order(a, b, op);
  }
}

// std::hash leaves integers as they are: those of a distance of some thousand would meet in one place of a dict.
std::size_t hash_integer(std::int64_t value) {
  const std::uint64_t mixed = static_cast<std::uint64_t>(value) * 0x9e3779b97f4a7c15U;
  return mixed ^ mixed >> 32;
}

std::size_t hash_within(const Item& item, Walk& walk) {
  const Walk::Level level(walk);
  if (const auto plain = plain_of(item)) return hash_within(*plain, walk);
  switch (item.type()) {
    case Type::undefined:
      item.as_undefined().use();
    case Type::none:
      return 0x5eed;
    case Type::boolean:
    case Type::integer:
      return hash_integer(item.as_integer());
    case Type::real: {
      const double value = item.as_real();
      // Equal to an int, hence hashed as that.
      const bool whole = std::trunc(value) == value && value >= -9223372036854775808.0 && value < 9223372036854775808.0;
      return whole ? hash_integer(static_cast<std::int64_t>(value)) : std::hash<double>()(value);
    }
    case Type::big:
      return hash_big(item);
    case Type::text:
      return hash_text(item.as_string());
    case Type::tuple: {
      std::size_t result = 0x345678;
      for (const Item& part : item.sequence()) result = mix(result, hash_within(part, walk));
      return result;
    }
    case Type::timedelta:
      return std::hash<std::int64_t>()(item.as_timedelta().microseconds);
    case Type::datetime:
      return std::hash<std::int64_t>()(item.as_datetime().utc());
    case Type::date:
      return std::hash<std::int64_t>()(item.as_date().days);
    case Type::time:
      return std::hash<std::int64_t>()(item.as_time().microseconds);
    case Type::callable:
      return std::hash<const void*>()(item.as_callable().get());
    case Type::host:
      return std::hash<const void*>()(item.as_host().get());
    default:
      fail(ErrorKind::type, "unhashable type: '" + type_name(item) + "'");
  }
}

}  // namespace

bool equal(const Item& a, const Item& b) {
  Walk walk;
  return equal_within(a, b, walk);
}

bool less(const Item& a, const Item& b, std::string_view op) {
  Walk walk;
  return less_within(a, b, op, walk);
}

std::size_t hash(const Item& item) {
  Walk walk;
  return hash_within(item, walk);
}

std::size_t hash_text(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

}  // namespace venturi::templates
