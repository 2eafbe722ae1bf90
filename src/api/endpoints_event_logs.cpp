// Who changed what.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "api/api.h"
#include "api/bodies.h"
#include "api/endpoints.h"
#include "api/listing.h"

namespace venturi::api {
namespace {

using LogFilter = store::EventLogFilter;

Value event_log_body(Api& api, const store::EventLog& row) {
  const auto run = row.run_id.empty() ? std::nullopt : must(api.reader().run(row.dag_id, row.run_id));
  return Object{{"event_log_id", row.no},
                {"when", format_time(row.at)},
                {"dag_id", text_or_null(row.dag_id)},
                {"task_id", text_or_null(row.task_id)},
                {"run_id", text_or_null(row.run_id)},
                {"map_index", row.map_index ? Value(*row.map_index) : Value()},
                {"try_number", Value()},
                {"event", row.event},
                {"logical_date", run ? date_or_null(run->logical_date) : Value()},
                {"owner", text_or_null(row.owner)},
                {"extra", text_or_null(row.extra)},
                {"dag_display_name", text_or_null(row.dag_id)},
                {"task_display_name", text_or_null(row.task_id)}};
}

constexpr std::array<std::pair<std::string_view, LogFilter::Column>, 5> log_texts{{{"dag_id", LogFilter::Column::dag_id},
                                                                                   {"task_id", LogFilter::Column::task_id},
                                                                                   {"run_id", LogFilter::Column::run_id},
                                                                                   {"owner", LogFilter::Column::owner},
                                                                                   {"event", LogFilter::Column::event}}};

std::string microseconds(Time time) {
  return std::to_string(time.time_since_epoch().count());
}

LogFilter log_filter(const Call& call) {
  LogFilter filter;
  const auto add = [&](LogFilter::Column column, LogFilter::Is is, std::vector<std::string> values) {
    filter.conditions.push_back({column, is, std::move(values)});
  };
  for (const auto& [name, column] : log_texts) {
    if (const auto given = call.text(name)) add(column, LogFilter::Is::one_of, {*given});
    if (const auto given = call.text(std::string(name) + "_pattern")) add(column, LogFilter::Is::like, like_patterns(*given));
    if (const auto given = call.text(std::string(name) + "_prefix_pattern"))
      add(column, LogFilter::Is::prefixed, prefixes(*given));
  }
  if (call.text("map_index"))
    add(LogFilter::Column::map_index, LogFilter::Is::one_of, {std::to_string(call.integer("map_index", -1))});
  if (const auto given = call.texts("included_events"); !given.empty())
    add(LogFilter::Column::event, LogFilter::Is::one_of, given);
  if (const auto given = call.texts("excluded_events"); !given.empty())
    add(LogFilter::Column::event, LogFilter::Is::none_of, given);
  if (const auto before = call.date("before")) add(LogFilter::Column::at, LogFilter::Is::below, {microseconds(*before)});
  if (const auto after = call.date("after")) add(LogFilter::Column::at, LogFilter::Is::above, {microseconds(*after)});
  constexpr std::array<std::pair<std::string_view, LogFilter::Column>, 10> columns{{{"id", LogFilter::Column::no},
                                                                                    {"event_log_id", LogFilter::Column::no},
                                                                                    {"dttm", LogFilter::Column::at},
                                                                                    {"when", LogFilter::Column::at},
                                                                                    {"dag_id", LogFilter::Column::dag_id},
                                                                                    {"task_id", LogFilter::Column::task_id},
                                                                                    {"run_id", LogFilter::Column::run_id},
                                                                                    {"event", LogFilter::Column::event},
                                                                                    {"owner", LogFilter::Column::owner},
                                                                                    {"extra", LogFilter::Column::extra}}};
  std::vector<std::string_view> names;
  for (const auto& [name, column] : columns) names.push_back(name);
  const auto orders = orders_of(call, names);
  if (orders.size() > 1) throw Refusal{400, "Event logs are ordered by one column: `order_by` is given several times"};
  if (!orders.empty()) {
    const auto* const column =
        std::ranges::find(columns, std::string_view(orders.front().name), [](const auto& c) { return c.first; });
    filter.order = column->second;
    filter.ascending = !orders.front().descending;
  }
  const auto page = call.page();
  filter.limit = static_cast<std::int64_t>(page.limit);
  filter.offset = static_cast<std::int64_t>(page.offset);
  return filter;
}

void get_event_logs(const Call& call, const Reply& reply) {
  const auto [logs, total] = must(call.api->reader().event_logs(log_filter(call)));
  Array rows;
  for (const store::EventLog& row : logs) rows.push_back(event_log_body(*call.api, row));
  reply(page_of("event_logs", std::move(rows), static_cast<std::size_t>(total)));
}

void get_event_log(const Call& call, const Reply& reply) {
  const std::int64_t no = call.path_integer("event_log_id");
  const auto [logs, total] = must(call.api->reader().event_logs(
      {.conditions = {{LogFilter::Column::no, LogFilter::Is::one_of, {std::to_string(no)}}}, .limit = 1}));
  if (logs.empty()) throw Refusal{404, fmt::format("The Event Log with id: `{}` not found", no)};
  reply(json(event_log_body(*call.api, logs.front())));
}

constexpr Field event_log_query[] = {VENTURI_PAGE,
                                     {"dag_id", Field::Type::text},
                                     VENTURI_PATTERNS("dag_id"),
                                     {"task_id", Field::Type::text},
                                     VENTURI_PATTERNS("task_id"),
                                     {"run_id", Field::Type::text},
                                     VENTURI_PATTERNS("run_id"),
                                     {"owner", Field::Type::text},
                                     VENTURI_PATTERNS("owner"),
                                     {"event", Field::Type::text},
                                     VENTURI_PATTERNS("event"),
                                     {"map_index", Field::Type::integer},
                                     {"included_events", Field::Type::array},
                                     {"excluded_events", Field::Type::array},
                                     {"before", Field::Type::date},
                                     {"after", Field::Type::date}};

}  // namespace

std::span<const Endpoint> event_log_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/eventLogs", "get_event_logs", Permission::viewer, get_event_logs, event_log_query},
      {"GET", "/api/v2/eventLogs/{event_log_id}", "get_event_log", Permission::viewer, get_event_log},
  };
  return list;
}

}  // namespace venturi::api
