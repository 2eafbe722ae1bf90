#include "api/list_filters.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/endpoints.h"

namespace venturi::api {
namespace {

store::Range<Time> dates(const Call& call, const std::string& name) {
  return {call.date(name + "_gte"), call.date(name + "_gt"), call.date(name + "_lte"), call.date(name + "_lt")};
}

store::Range<double> numbers(const Call& call, const std::string& name) {
  const auto one = [&](const std::string& bound) {
    return call.text(bound) ? std::optional(call.number(bound, 0)) : std::nullopt;
  };
  return {one(name + "_gte"), one(name + "_gt"), one(name + "_lte"), one(name + "_lt")};
}

store::Pattern pattern(const Call& call, const std::string& name) {
  store::Pattern like{call.text(name + "_pattern"), call.text(name + "_prefix_pattern")};
  if (like.prefix && *like.prefix != "~") like.prefix = fmt::format("{}", fmt::join(prefixes(*like.prefix), "|"));
  return like;
}

std::vector<std::int64_t> integers(const Call& call, std::string_view name) {
  std::vector<std::int64_t> all;
  for (const std::string& text : call.texts(name)) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      throw Refusal{
          422, Array{problem("int_parsing", {Value("query"), Value(std::string(name)), Value(static_cast<int>(all.size()))},
                             "Input should be a valid integer, unable to parse string as an integer", text)}};
    all.push_back(value);
  }
  return all;
}

template <class Word, class Parse>
std::vector<Word> words(const Call& call, std::string_view name, Parse parse, std::string_view valid) {
  std::vector<Word> all;
  for (const std::string& text : call.texts(name)) {
    const std::optional<Word> word = parse(text);
    if (!word) throw Refusal{422, fmt::format("Invalid value for {}. Valid values are {}", name, valid)};
    all.push_back(*word);
  }
  return all;
}

std::optional<TaskState> parse_listed_state(std::string_view text) {
  if (text == "none" || text == "no_status") return TaskState::none;
  return parse_task_state(text);
}

// The order's terms: a name, behind "-" where it is turned round, and what it stands for.
template <class Ordered, class Columns>
std::vector<Ordered> order(const Call& call, const Columns& columns) {
  std::vector<Ordered> terms;
  for (const std::string& text : call.texts("order_by")) {
    const bool descending = text.starts_with('-');
    const std::string_view name = std::string_view(text).substr(descending ? 1 : 0);
    const auto found = std::ranges::find(columns, name, [](const auto& column) { return column.first; });
    if (found == std::end(columns))
      throw Refusal{400, fmt::format("Ordering with '{}' is disallowed or the attribute does not exist on the model", name)};
    terms.push_back(found->second);
    terms.back().descending = descending;
  }
  return terms;
}

// What a version of the DAG says of its tasks, as far as it is asked for.
std::function<bool(const Dag&, const Task&)> task_filter(const Call& call) {
  struct Asked {
    std::vector<std::string> pools, queues, executors, operators;
    store::Pattern name, pool, queue, task_operator;
  };
  Asked asked{call.texts("pool"),
              call.texts("queue"),
              call.texts("executor"),
              call.texts("operator"),
              pattern(call, "task_display_name"),
              pattern(call, "pool_name"),
              pattern(call, "queue_name"),
              pattern(call, "operator_name")};
  if (asked.pools.empty() && asked.queues.empty() && asked.executors.empty() && asked.operators.empty() &&
      !asked.name.is_set() && !asked.pool.is_set() && !asked.queue.is_set() && !asked.task_operator.is_set())
    return {};
  return [asked = std::move(asked)](const Dag&, const Task& task) {
    const auto one_of = [](const std::vector<std::string>& all, std::string_view text) {
      return all.empty() || std::ranges::find(all, text) != all.end();
    };
    const auto fits = [](const store::Pattern& like, std::string_view text) {
      return (!like.somewhere || fits_pattern(text, *like.somewhere)) && (!like.prefix || fits_prefix(text, *like.prefix));
    };
    const std::string name = task.serialized.get_string("_task_display_property_value",
                                                        task.serialized.get_string("task_display_name", task.task_id));
    // No task names an executor.
    return asked.executors.empty() && one_of(asked.pools, task.pool) && one_of(asked.queues, task.queue) &&
           one_of(asked.operators, task.task_type) && fits(asked.name, name) && fits(asked.pool, task.pool) &&
           fits(asked.queue, task.queue) && fits(asked.task_operator, task.task_type);
  };
}

}  // namespace

store::RunList run_list(const Call& call) {
  using store::RunColumn;
  store::RunList list;
  store::RunConditions& of = list.conditions;
  if (call.at("dag_id") != any_id) of.dag_id = call.at("dag_id");
  of.states = words<RunState>(call, "state", parse_run_state, "queued, running, success, failed");
  of.run_types = words<RunType>(call, "run_type", parse_run_type,
                                "backfill, scheduled, manual, operator_triggered, asset_triggered, asset_materialization");
  of.version_numbers = integers(call, "dag_version");
  of.conf_contains = call.text("conf_contains");
  of.run_after = dates(call, "run_after");
  of.logical_date = dates(call, "logical_date");
  of.start_date = dates(call, "start_date");
  of.end_date = dates(call, "end_date");
  of.updated_at = dates(call, "updated_at");
  of.partition_date = {.gte = call.date("partition_date_gte"), .lte = call.date("partition_date_lte")};
  of.duration = numbers(call, "duration");
  of.like_run_id = pattern(call, "run_id");
  of.like_user = pattern(call, "triggering_user_name");
  of.like_dag_id = pattern(call, "dag_id");
  of.like_partition_key = pattern(call, "partition_key");
  constexpr std::pair<std::string_view, store::Ordered<RunColumn>> columns[] = {{"id", {RunColumn::number}},
                                                                                {"state", {RunColumn::state}},
                                                                                {"dag_id", {RunColumn::dag_id}},
                                                                                {"run_id", {RunColumn::run_id}},
                                                                                {"dag_run_id", {RunColumn::run_id}},
                                                                                {"logical_date", {RunColumn::logical_date}},
                                                                                {"partition_date", {RunColumn::partition_date}},
                                                                                {"run_after", {RunColumn::run_after}},
                                                                                {"start_date", {RunColumn::start_date}},
                                                                                {"end_date", {RunColumn::end_date}},
                                                                                {"updated_at", {RunColumn::updated_at}},
                                                                                {"conf", {RunColumn::conf}},
                                                                                {"duration", {RunColumn::duration}}};
  list.order = order<store::Ordered<RunColumn>>(call, columns);
  const auto page = call.page();
  list.limit = static_cast<std::int64_t>(page.limit);
  list.offset = static_cast<std::int64_t>(page.offset);
  return list;
}

store::TaskInstanceList task_instance_list(const Call& call) {
  using Column = store::TaskInstanceColumn;
  using store::RunColumn;
  store::TaskInstanceList list;
  store::RunConditions& of = list.conditions;
  if (call.at("dag_id") != any_id) of.dag_id = call.at("dag_id");
  if (call.at("dag_run_id") != any_id) of.run_id = call.at("dag_run_id");
  of.run_after = dates(call, "run_after");
  of.logical_date = dates(call, "logical_date");
  of.version_numbers = integers(call, "version_number");
  of.like_dag_id = pattern(call, "dag_id");
  of.like_run_id = pattern(call, "run_id");
  list.states = words<TaskState>(call, "state", parse_listed_state,
                                 "scheduled, queued, running, success, restarting, failed, up_for_retry, up_for_reschedule, "
                                 "upstream_failed, skipped, deferred, removed, none");
  list.task_id = call.text("task_id");
  list.map_indexes = integers(call, "map_index");
  list.try_numbers = integers(call, "try_number");
  list.start_date = dates(call, "start_date");
  list.end_date = dates(call, "end_date");
  list.updated_at = dates(call, "updated_at");
  list.duration = numbers(call, "duration");
  list.like_rendered_map_index = pattern(call, "rendered_map_index");
  list.fits = task_filter(call);
  constexpr std::pair<std::string_view, store::Ordered<Column>> columns[] = {
      {"id", {Column::number}},
      {"state", {Column::state}},
      {"duration", {Column::duration}},
      {"start_date", {Column::start_date}},
      {"end_date", {Column::end_date}},
      {"map_index", {Column::map_index}},
      {"try_number", {Column::try_number}},
      {"logical_date", {Column::of_run, false, RunColumn::logical_date}},
      {"run_after", {Column::of_run, false, RunColumn::run_after}},
      {"data_interval_start", {Column::of_run, false, RunColumn::data_interval_start}},
      {"data_interval_end", {Column::of_run, false, RunColumn::data_interval_end}},
      {"rendered_map_index", {Column::rendered_map_index}},
      {"operator", {Column::task_operator}}};
  list.order = order<store::Ordered<Column>>(call, columns);
  const auto page = call.page();
  list.limit = static_cast<std::int64_t>(page.limit);
  list.offset = static_cast<std::int64_t>(page.offset);
  return list;
}

}  // namespace venturi::api
