// WHERE clauses that are put together from what a list asks for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "store/lists.h"
#include "store/sqlite/database.h"

namespace venturi::store {

using Bound = std::variant<std::int64_t, double, std::string>;

class Conditions {
 public:
  // "state = ?" and what stands for the question marks, in their order.
  void add(std::string_view sql, std::vector<Bound> values = {});
  template <class T>
  void range(std::string_view column, const Range<T>& range) {
    const auto one = [&](const std::optional<T>& bound, std::string_view comparison) {
      if (bound) add(std::string(column) + std::string(comparison) + "?", {value_of(*bound)});
    };
    one(range.gte, " >= "), one(range.gt, " > "), one(range.lte, " <= "), one(range.lt, " < ");
  }
  void one_of(std::string_view column, std::vector<Bound> values);
  void none_of(std::string_view column, std::vector<Bound> values);
  // Any of them; of none nothing is like it.
  void like(std::string_view column, const std::vector<std::string>& patterns);
  void prefixed(std::string_view column, const std::vector<std::string>& prefixes);
  void like(std::string_view column, const Pattern& pattern);

  [[nodiscard]] std::string where() const { return sql_.empty() ? "" : " WHERE " + sql_; }
  [[nodiscard]] const std::vector<Bound>& values() const { return values_; }

 private:
  void add_list(std::string_view column, std::string_view is, std::vector<Bound> values);
  static Bound value_of(Time time) { return static_cast<std::int64_t>(time.time_since_epoch().count()); }
  static Bound value_of(double number) { return number; }

  std::string sql_;
  std::vector<Bound> values_;
};

}  // namespace venturi::store
