// Lists that are filtered and ordered in memory: of what a home has few of (DAGs, pools, connections, ...).
#pragma once

#include <algorithm>
#include <compare>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/endpoint.h"

namespace venturi::api {

// By `<name>_pattern` and `<name>_prefix_pattern` of the query.
[[nodiscard]] bool fits_text(const Call& call, const std::string& name, std::string_view text);
[[nodiscard]] std::vector<std::string> prefixes(std::string_view patterns);  // the alternatives of the latter
[[nodiscard]] bool fits_prefix(std::string_view text, std::string_view patterns);
// By `<name>_gte`, `_gt`, `_lte` and `_lt`. What has no date fits none of them.
[[nodiscard]] bool fits_dates(const Call& call, const std::string& name, const std::optional<Time>& time);
// As one of the values that are given for `name`, where any is.
[[nodiscard]] bool fits_any(const Call& call, std::string_view name, std::string_view text);

// Null goes before all else, as in SQLite.
[[nodiscard]] std::weak_ordering compare(const Value& a, const Value& b);

template <class Row>
struct Column {
  std::string_view name;  // as `order_by` has it
  Value (*of)(const Row& row);
};

// "-name" is the other way round.
struct ListOrder {
  std::string name;
  bool descending = false;
};
// Those of `order_by`; Refusal 400 where one is none of these.
[[nodiscard]] std::vector<ListOrder> orders_of(const Call& call, std::span<const std::string_view> names);

// Stable. (libstdc++'s stable_sort uses what it deprecates.)
template <class Row, class Before>
void sort_rows(std::vector<Row>& rows, const Before& before) {
  std::vector<std::size_t> places(rows.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::ranges::sort(places, [&](std::size_t a, std::size_t b) {
    if (before(rows[a], rows[b])) return true;
    return !before(rows[b], rows[a]) && a < b;
  });
  std::vector<Row> sorted;
  sorted.reserve(rows.size());
  for (const std::size_t place : places) sorted.push_back(std::move(rows[place]));
  rows = std::move(sorted);
}

template <class Row>
void order_rows(const Call& call, std::vector<Row>& rows, std::span<const Column<Row>> columns) {
  std::vector<std::string_view> names;
  for (const Column<Row>& column : columns) names.push_back(column.name);
  const auto orders = orders_of(call, names);
  for (const ListOrder& order : orders | std::views::reverse) {
    const auto column = std::ranges::find(columns, order.name, &Column<Row>::name);
    sort_rows(rows, [&](const Row& a, const Row& b) {
      return order.descending ? compare(column->of(b), column->of(a)) < 0 : compare(column->of(a), column->of(b)) < 0;
    });
  }
}

// The answer with the page that is asked for.
template <class Row, class Body>
[[nodiscard]] net::HttpServerResponse page_of_rows(const Call& call, std::string_view name, const std::vector<Row>& rows,
                                                   const Body& body) {
  const Call::Page page = call.page();
  Array shown;
  for (std::size_t i = page.offset; i < rows.size() && shown.size() < page.limit; ++i) shown.emplace_back(body(rows[i]));
  return page_of(name, std::move(shown), rows.size());
}

#define VENTURI_NUMBERS(name)                                                                                  \
  {name "_gte", Field::Type::number}, {name "_gt", Field::Type::number}, {name "_lte", Field::Type::number}, { \
    name "_lt", Field::Type::number                                                                            \
  }
#define VENTURI_PATTERNS(name)                \
  {name "_pattern", Field::Type::text}, {     \
    name "_prefix_pattern", Field::Type::text \
  }
#define VENTURI_DATES(name)                                                                              \
  {name "_gte", Field::Type::date}, {name "_gt", Field::Type::date}, {name "_lte", Field::Type::date}, { \
    name "_lt", Field::Type::date                                                                        \
  }
#define VENTURI_PAGE                                                   \
  {"limit", Field::Type::integer}, {"offset", Field::Type::integer}, { \
    "order_by", Field::Type::array                                     \
  }

}  // namespace venturi::api
