#include "store/sqlite/conditions.h"

#include <utility>

namespace venturi::store {
namespace {

// The smallest text behind all that begin with this one; empty: there is none.
std::string after_all_with(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

std::vector<std::string> alternatives(std::string_view text) {
  std::vector<std::string> all;
  while (true) {
    const std::size_t bar = text.find('|');
    std::string_view one = text.substr(0, bar);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    all.emplace_back(one);
    if (bar == std::string_view::npos) return all;
    text.remove_prefix(bar + 1);
  }
}

}  // namespace

void Conditions::add(std::string_view sql, std::vector<Bound> values) {
  sql_.append(sql_.empty() ? "" : " AND ").append(sql);
  for (Bound& value : values) values_.push_back(std::move(value));
}

void Conditions::one_of(std::string_view column, std::vector<Bound> values) {
  if (values.empty()) return;
  add_list(column, values.size() == 1 ? " = ?" : " IN (?", std::move(values));
}

void Conditions::none_of(std::string_view column, std::vector<Bound> values) {
  if (values.empty()) return;
  add_list(column, values.size() == 1 ? " <> ?" : " NOT IN (?", std::move(values));
}

void Conditions::add_list(std::string_view column, std::string_view is, std::vector<Bound> values) {
  std::string sql = std::string(column).append(is);
  for (std::size_t i = 1; i < values.size(); ++i) sql += ", ?";
  if (values.size() > 1) sql += ")";
  add(sql, std::move(values));
}

void Conditions::like(std::string_view column, const std::vector<std::string>& patterns) {
  std::string sql;
  std::vector<Bound> values;
  for (const std::string& one : patterns) {
    sql.append(sql.empty() ? "(" : " OR ").append(column).append(" LIKE ?");
    values.emplace_back(one);
  }
  add(sql.empty() ? "0" : sql + ")", std::move(values));
}

void Conditions::prefixed(std::string_view column, const std::vector<std::string>& prefixes) {
  std::string sql;
  std::vector<Bound> values;
  for (const std::string& one : prefixes) {
    const std::string end = after_all_with(one);
    sql.append(sql.empty() ? "(" : " OR ").append("(").append(column).append(" >= ?");
    values.emplace_back(one);
    if (!end.empty()) {
      sql.append(" AND ").append(column).append(" < ?");
      values.emplace_back(end);
    }
    sql += ")";
  }
  add(sql.empty() ? "0" : sql + ")", std::move(values));
}

void Conditions::like(std::string_view column, const Pattern& pattern) {
  if (pattern.somewhere && *pattern.somewhere != "~") {
    std::vector<std::string> patterns = alternatives(*pattern.somewhere);
    for (std::string& one : patterns) one = "%" + one + "%";
    like(column, patterns);
  }
  if (pattern.prefix && *pattern.prefix != "~") prefixed(column, alternatives(*pattern.prefix));
}

}  // namespace venturi::store
