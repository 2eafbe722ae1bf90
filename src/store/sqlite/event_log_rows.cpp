#include "store/sqlite/event_log_rows.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "store/sqlite/rows.h"

namespace venturi::store {
namespace {

using Column = EventLogFilter::Column;
using Is = EventLogFilter::Is;

std::string name_of(Column column) {
  return std::string(Row<EventLog>::columns[static_cast<std::size_t>(column)]);
}

// As the column has them; a text that is no number equals none of a column of numbers.
std::vector<Bound> values_of(Column column, const std::vector<std::string>& texts) {
  const bool are_numbers = column == Column::no || column == Column::at || column == Column::map_index;
  std::vector<Bound> values;
  for (const std::string& text : texts) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    if (are_numbers && is_number)
      values.emplace_back(number);
    else
      values.emplace_back(text);
  }
  return values;
}

// Numbers and times grow together: in the order of numbers all that is too early (or, backwards, too late) would be read before
// the first row of the page. The index of times, and a sort of what it finds, is less.
bool begins_beyond_time(const EventLogFilter& filter) {
  if (filter.order != Column::no) return false;
  bool is_bound = false;
  for (const auto& [column, is, texts] : filter.conditions) {
    if (column == Column::no || column == Column::dag_id) return false;  // they have indexes of their own
    if (column == Column::at && is == (filter.ascending ? Is::above : Is::below)) is_bound = true;
  }
  return is_bound;
}

}  // namespace

Conditions conditions_of(const EventLogFilter& filter) {
  Conditions conditions;
  for (const auto& [column, is, texts] : filter.conditions) {
    const std::string name = name_of(column);
    switch (is) {
      case Is::one_of:
        conditions.one_of(name, values_of(column, texts));
        break;
      case Is::none_of:
        conditions.none_of(name, values_of(column, texts));
        break;
      case Is::like:
        conditions.like(name, texts);
        break;
      case Is::prefixed:
        conditions.prefixed(name, texts);
        break;
      case Is::below:
        conditions.add(name + " < ?", values_of(column, texts));
        break;
      case Is::above:
        conditions.add(name + " > ?", values_of(column, texts));
        break;
    }
    // The index of DAGs leaves out what is of none.
    const auto is_empty = [](const std::string& text) { return text.empty(); };
    const bool names_dags = column == Column::dag_id && (is == Is::one_of || is == Is::prefixed);
    if (names_dags && !texts.empty() && std::ranges::none_of(texts, is_empty)) conditions.add("dag_id <> ''");
  }
  return conditions;
}

std::string page_sql(const EventLogFilter& filter, const Conditions& conditions) {
  const std::string direction = filter.ascending ? " ASC" : " DESC";
  std::string order = name_of(filter.order) + direction;
  if (begins_beyond_time(filter)) order.insert(0, "+");  // no order of the table's own
  if (filter.order != Column::no) order += ", no" + direction;
  return select_sql<EventLog>(conditions.where().substr(conditions.where().empty() ? 0 : 1) + " ORDER BY " + order +
                              " LIMIT ? OFFSET ?");
}

Result<std::pair<std::vector<EventLog>, std::int64_t>> read_event_logs(const Database& db, const EventLogFilter& filter) {
  const Conditions conditions = conditions_of(filter);
  std::pair<std::vector<EventLog>, std::int64_t> found;
  Statement count(db, "SELECT count(*) FROM event_log" + conditions.where());
  if (count.bind_list(conditions.values()).next()) count.row().read(found.second);
  if (!count.ok()) return std::unexpected(db.error("counting event logs"));
  std::vector<Bound> values = conditions.values();
  values.emplace_back(filter.limit);
  values.emplace_back(filter.offset);
  Statement page(db, page_sql(filter, conditions));
  auto rows = read_rows<EventLog>(db, page.bind_list(values));
  if (!rows) return std::unexpected(std::move(rows.error()));
  found.first = std::move(*rows);
  return found;
}

}  // namespace venturi::store
