#include "providers/postgres/sql_parameters.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using operators::TaskFailedForGood;
using Literal = std::function<std::string(const std::string&)>;

bool is_name(char c) {
  return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

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

// Where what begins at `at` ends, if that is a quoted text, a quoted name or a comment
// (postgresql.org/docs/15/sql-syntax-lexical.html); `at` where it is none of these.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const auto behind = [&](std::size_t position, std::size_t length) {
    return position == std::string_view::npos ? sql.size() : position + length;
  };
  const std::string_view rest = sql.substr(at);
  if (rest.starts_with("--")) return behind(sql.find('\n', at), 1);
  if (rest.starts_with("/*")) {
    std::size_t i = at + 2;
    for (int depth = 1; depth > 0 && i < sql.size(); ++i) {
      if (sql.substr(i).starts_with("/*"))
        ++depth, ++i;
      else if (sql.substr(i).starts_with("*/"))
        --depth, ++i;
    }
    return std::min(i, sql.size());
  }
  if (rest.front() == '"') return behind(sql.find('"', at + 1), 1);
  if (rest.front() == '\'') {
    const bool escapes = at > 0 && (sql[at - 1] == 'E' || sql[at - 1] == 'e') && (at < 2 || !is_name(sql[at - 2]));
    for (std::size_t i = at + 1; i < sql.size(); ++i) {
      if (escapes && sql[i] == '\\')
        ++i;
      else if (sql[i] == '\'')
        return i + 1;  // a doubled quote begins the next text at once
    }
    return sql.size();
  }
  if (rest.front() == '$' && rest.size() > 1 && !is_digit(rest[1]) && (at == 0 || !is_name(sql[at - 1]))) {
    std::size_t end = 1;
    while (end < rest.size() && is_name(rest[end])) ++end;
    if (end == rest.size() || rest[end] != '$') return at;
    const std::string_view tag = rest.substr(0, end + 1);
    return behind(sql.find(tag, at + tag.size()), tag.size());
  }
  return at;
}

// Nothing where the text has no $1.
std::optional<std::string> with_numbered(std::string_view sql, const Array& parameters, const Literal& literal) {
  std::string out;
  std::vector<bool> used(parameters.size());
  bool any = false;
  for (std::size_t i = 0; i < sql.size();) {
    if (const std::size_t end = end_of_quoted(sql, i); end > i) {
      out += sql.substr(i, end - i);
      i = end;
      continue;
    }
    if (sql[i] != '$' || i + 1 == sql.size() || !is_digit(sql[i + 1]) || (i > 0 && is_name(sql[i - 1]))) {
      out += sql[i++];
      continue;
    }
    std::size_t number = 0;
    for (++i; i < sql.size() && is_digit(sql[i]); ++i)
      number = std::min<std::size_t>(number * 10 + static_cast<std::size_t>(sql[i] - '0'), 1U << 20U);
    if (number == 0 || number > parameters.size()) {
      throw TaskFailedForGood(fmt::format("the sql has a parameter ${}, parameters has {} values", number, parameters.size()));
    }
    out += adapted(parameters[number - 1], literal);
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
std::string with_percent(std::string_view sql, const Value& parameters, const Literal& literal) {
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
      out += adapted(parameters.as_array()[used++], literal);
      ++i;
    } else if (named && rest.starts_with("%(") && close != std::string_view::npos && rest.substr(close + 1).starts_with('s')) {
      const std::string name(rest.substr(2, close - 2));
      const Value* value = parameters.as_object().find(name);
      if (value == nullptr) throw TaskFailedForGood(fmt::format("the sql has a parameter {} that parameters lacks", name));
      out += adapted(*value, literal);
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

}  // namespace

std::string with_parameters(std::string_view sql, const Value& parameters, const Literal& literal) {
  if (!parameters.is_object() && !parameters.is_array())
    throw TaskFailedForGood("the argument parameters must be a list or an object");
  if (parameters.is_array()) {
    if (auto numbered = with_numbered(sql, parameters.as_array(), literal)) return *std::move(numbered);
  }
  return with_percent(sql, parameters, literal);
}

std::string without_last_semicolon(std::string_view sql) {
  std::size_t end = sql.size();  // of what counts: a comment behind the statement does no harm
  bool ended = false;
  for (std::size_t i = 0; i < sql.size();) {
    const std::size_t next = end_of_quoted(sql, i);
    const bool is_comment = next > i && (sql[i] == '-' || sql[i] == '/');
    if (sql[i] == ';') {
      if (!ended) end = i;
      ended = true;
    } else if (!is_comment && std::string_view(" \t\r\n\f").find(sql[i]) == std::string_view::npos) {
      end = sql.size();
      ended = false;
    }
    i = std::max(next, i + 1);
  }
  return std::string(sql.substr(0, end));
}

}  // namespace venturi::providers
