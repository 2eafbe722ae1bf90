#include "providers/postgres/sql_parameters.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "operators/outcome.h"
#include "providers/postgres/sql_split.h"

namespace venturi::providers {
namespace {

using operators::TaskFailedForGood;
using Literal = std::function<std::string(const std::string&)>;
// What stands for a value, which is the so many-th of the parameters.
using Place = std::function<std::string(const Value& value, std::size_t position)>;

// As psycopg2 adapts Python's values. Negative numbers get a blank, so that "-%s" makes no comment.
std::string adapted(const Value& value, const Literal& literal) {
  if (value.is_null()) return "NULL";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_int()) return fmt::format("{}{}", value.as_int() < 0 ? " " : "", value.as_int());
  if (value.is_double()) {
    const double number = value.as_double();
    if (std::isnan(number)) return "'NaN'::float";
    if (std::isinf(number)) return number > 0 ? "'Infinity'::float" : "'-Infinity'::float";
    return fmt::format("{}{}", number < 0 ? " " : "", number);
  }
  if (value.is_string()) {
    if (value.as_string().find('\0') != std::string::npos) throw TaskFailedForGood("parameters: a text has a zero byte in it");
    return literal(value.as_string());
  }
  if (value.is_array()) {
    if (value.as_array().empty()) return "'{}'";
    std::string list;
    for (const Value& item : value.as_array()) list += (list.empty() ? "ARRAY[" : ", ") + adapted(item, literal);
    return list + "]";
  }
  throw TaskFailedForGood("parameters: an object cannot be the value of a parameter");
}

// Nothing where the text has no $1.
std::optional<std::string> with_numbered(std::string_view sql, const Array& parameters, const Place& place) {
  std::string out;
  std::vector<bool> used(parameters.size());
  bool any = false;
  for (std::size_t i = 0; i < sql.size();) {
    if (const std::size_t end = end_of_quoted(sql, i); end > i) {
      out += sql.substr(i, end - i);
      i = end;
      continue;
    }
    if (sql[i] != '$' || i + 1 == sql.size() || !is_digit(sql[i + 1]) || (i > 0 && is_name_character(sql[i - 1]))) {
      out += sql[i++];
      continue;
    }
    std::size_t number = 0;
    for (++i; i < sql.size() && is_digit(sql[i]); ++i)
      number = std::min<std::size_t>(number * 10 + static_cast<std::size_t>(sql[i] - '0'), 1U << 20U);
    if (number == 0 || number > parameters.size()) {
      throw TaskFailedForGood(fmt::format("the sql has a parameter ${}, parameters has {} values", number, parameters.size()));
    }
    out += place(parameters[number - 1], number - 1);
    used[number - 1] = any = true;
  }
  if (!any) return std::nullopt;
  if (const auto unused = std::ranges::find(used, false); unused != used.end()) {
    throw TaskFailedForGood(
        fmt::format("the sql does not use ${} of its {} parameters", unused - used.begin() + 1, parameters.size()));
  }
  return out;
}

// psycopg's, by position or by name.
std::string with_percent(std::string_view sql, const Value& parameters, const Place& place) {
  const bool named = parameters.is_object();
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::string_view rest = sql.substr(i);
    if (rest.front() != '%') {
      out += rest.front();
      continue;
    }
    const std::size_t close = rest.find(')');
    if (rest.starts_with("%%")) {
      out += '%';
      ++i;
    } else if (!named && rest.starts_with("%s")) {
      if (used == parameters.as_array().size())
        throw TaskFailedForGood(fmt::format("the sql has more %s than the {} parameters", used));
      out += place(parameters.as_array()[used], used);
      ++used;
      ++i;
    } else if (named && rest.starts_with("%(") && close != std::string_view::npos && rest.substr(close + 1).starts_with('s')) {
      const std::string name(rest.substr(2, close - 2));
      const Object& members = parameters.as_object();
      const auto member = std::ranges::find(members, name, [](const Object::Entry& entry) { return entry.first; });
      if (member == members.end())
        throw TaskFailedForGood(fmt::format("the sql has a parameter {} that parameters lacks", name));
      out += place(member->second, static_cast<std::size_t>(member - members.begin()));
      i += close + 1;
    } else {
      throw TaskFailedForGood(fmt::format("the sql has a '%' that begins no parameter ({}); write %% for the character itself",
                                          named ? "%(name)s for an object" : "%s for a list"));
    }
  }
  if (!named && used != parameters.as_array().size()) {
    throw TaskFailedForGood(
        fmt::format("the sql has {} places for parameters, parameters has {} values", used, parameters.as_array().size()));
  }
  return out;
}

std::string with_places(std::string_view sql, const Value& parameters, const Place& place) {
  if (!parameters.is_object() && !parameters.is_array())
    throw TaskFailedForGood("the argument parameters must be a list or an object");
  if (parameters.is_array()) {
    if (auto numbered = with_numbered(sql, parameters.as_array(), place)) return *std::move(numbered);
  }
  return with_percent(sql, parameters, place);
}

}  // namespace

std::string with_parameters(std::string_view sql, const Value& parameters, const Literal& literal) {
  return with_places(sql, parameters, [&literal](const Value& value, std::size_t) { return adapted(value, literal); });
}

NumberedSql numbered_sql(std::string_view sql, const Value& parameters) {
  NumberedSql numbered;
  std::map<std::size_t, std::size_t> numbers;  // of the parameters that the text has, by their position
  numbered.sql = with_places(sql, parameters, [&](const Value& value, std::size_t position) {
    const auto [number, is_new] = numbers.emplace(position, numbers.size() + 1);
    if (is_new) numbered.values.push_back(value);
    return "$" + std::to_string(number->second);
  });
  return numbered;
}

}  // namespace venturi::providers
