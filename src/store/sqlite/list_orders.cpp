#include "store/sqlite/list_orders.h"

#include <algorithm>
#include <array>
#include <utility>

namespace venturi::store {
namespace {

constexpr std::string_view seconds_of_run = "(r.end_date - r.start_date) / 1e6";
constexpr std::string_view seconds_of_task_instance = "(t.end_date - t.start_date) / 1e6";
constexpr std::string_view run_updated = "coalesce(r.end_date, r.start_date, r.queued_at)";
constexpr std::string_view task_instance_updated = "coalesce(t.end_date, t.start_date, t.queued_at)";
constexpr std::string_view rendered_map_index = "ifnull(n.name, iif(t.map_index < 0, NULL, CAST(t.map_index AS TEXT)))";
constexpr std::string_view not_indexed = " NOT INDEXED";

std::string_view column_of(RunColumn column) {
  switch (column) {
    case RunColumn::dag_id:
      return "r.dag_id";
    case RunColumn::run_id:
      return "r.run_id";
    case RunColumn::run_after:
      return "r.run_after";
    case RunColumn::logical_date:
      return "r.logical_date";
    case RunColumn::start_date:
      return "r.start_date";
    case RunColumn::end_date:
      return "r.end_date";
    case RunColumn::state:
      return "r.state";
    case RunColumn::updated_at:
      return run_updated;
    case RunColumn::conf:
      return "r.conf";
    case RunColumn::duration:
      return seconds_of_run;
    case RunColumn::partition_date:
      return "r.partition_date";
    case RunColumn::data_interval_start:
      return "r.data_interval_start";
    case RunColumn::data_interval_end:
      return "r.data_interval_end";
    case RunColumn::number:
      break;
  }
  return "r.no";
}

std::string_view column_of(TaskInstanceColumn column) {
  switch (column) {
    case TaskInstanceColumn::state:
      return "t.state";
    case TaskInstanceColumn::duration:
      return seconds_of_task_instance;
    case TaskInstanceColumn::start_date:
      return "t.start_date";
    case TaskInstanceColumn::end_date:
      return "t.end_date";
    case TaskInstanceColumn::updated_at:
      return task_instance_updated;
    case TaskInstanceColumn::map_index:
      return "t.map_index";
    case TaskInstanceColumn::try_number:
      return "t.try_number";
    case TaskInstanceColumn::queued_at:
      return "t.queued_at";
    case TaskInstanceColumn::rendered_map_index:
      return rendered_map_index;
    case TaskInstanceColumn::task_operator:
      return "operator_of(r.dag_version_id, t.task_id)";
    case TaskInstanceColumn::number:
    case TaskInstanceColumn::of_run:
      break;
  }
  return "t.no";
}

// All that is asked for is in task_instance_bad.
bool is_bad(const TaskInstanceList& list) {
  return !list.states.empty() && std::ranges::all_of(list.states, [](TaskState state) {
    return state == TaskState::failed || state == TaskState::upstream_failed;
  });
}

bool may_be_null(RunColumn column) {
  constexpr std::array never{RunColumn::number, RunColumn::dag_id, RunColumn::run_id, RunColumn::run_after, RunColumn::state};
  return std::ranges::find(never, column) == never.end();
}

// As in Airflow what has no value comes last, in both directions.
void append_term(std::string& sql, std::string_view column, bool descending, bool nullable) {
  sql.append(sql.empty() ? "" : ", ").append(column).append(descending ? " DESC" : "");
  if (nullable && !descending) sql += " NULLS LAST";
}

// Of the first term, as the rest is sorted within equal ones.
std::string_view index_of(RunColumn column, bool of_dag) {
  switch (column) {
    case RunColumn::number:
      return of_dag ? "dag_run_by_dag" : "";
    case RunColumn::dag_id:
      return "dag_run_by_dag";
    case RunColumn::run_id:
      return of_dag ? "dag_run_by_id" : "";
    case RunColumn::run_after:
      return of_dag ? "dag_run_by_dag_run_after" : "dag_run_by_run_after";
    case RunColumn::logical_date:
      return of_dag ? "dag_run_by_logical_date" : "dag_run_by_date";
    case RunColumn::start_date:
      return of_dag ? "dag_run_by_dag_start_date" : "dag_run_by_start_date";
    case RunColumn::end_date:
      return of_dag ? "dag_run_by_dag_end_date" : "dag_run_by_end_date";
    case RunColumn::state:
      return of_dag ? "dag_run_by_dag_state" : "dag_run_by_state";
    default:
      return "";
  }
}

std::string indexed_by(std::string_view name) {
  return name.empty() ? std::string(not_indexed) : " INDEXED BY " + std::string(name);
}

RunColumn first_of(const RunList& list) {
  return list.order.empty() ? RunColumn::number : list.order.front().by;
}

}  // namespace

// ---- conditions ----------------------------------------------------------------------------------------------------------

void add_conditions(Conditions& conditions, const RunConditions& of) {
  if (of.dag_id) conditions.add("r.dag_id = ?", {*of.dag_id});
  if (of.run_id) conditions.add("r.run_id = ?", {*of.run_id});
  conditions.one_of("r.state", words_of(of.states));
  conditions.one_of("r.run_type", words_of(of.run_types));
  conditions.range("r.run_after", of.run_after);
  conditions.range("r.logical_date", of.logical_date);
  conditions.range("r.start_date", of.start_date);
  conditions.range("r.end_date", of.end_date);
  conditions.range(run_updated, of.updated_at);
  conditions.range("r.partition_date", of.partition_date);
  conditions.range(seconds_of_run, of.duration);
  if (!of.version_numbers.empty()) {
    std::string numbers;
    for (const std::int64_t number : of.version_numbers)
      numbers.append(numbers.empty() ? "" : ", ").append(std::to_string(number));
    conditions.add(
        "r.dag_version_id IN (SELECT version_id FROM (SELECT version_id, row_number() OVER (PARTITION BY dag_id ORDER BY no) "
        "AS "
        "number FROM dag_version) WHERE number IN (" +
        numbers + "))");
  }
  if (of.conf_contains) conditions.add("instr(lower(r.conf), lower(?)) > 0", {*of.conf_contains});
  conditions.like("r.dag_id", of.like_dag_id);
  conditions.like("r.run_id", of.like_run_id);
  conditions.like("r.triggered_by", of.like_user);
  conditions.like("r.partition_key", of.like_partition_key);
}

void add_conditions(Conditions& conditions, const TaskInstanceList& list, bool is_one_run) {
  RunConditions of = list.conditions;
  if (is_one_run) of.dag_id = of.run_id = std::nullopt;
  add_conditions(conditions, of);
  // The index is only used where its very condition stands.
  if (!is_one_run && is_bad(list)) conditions.add("t.state IN ('failed', 'upstream_failed')");
  if (!is_one_run && are_active(list.states)) conditions.add("r.state IN ('queued', 'running')");
  if (!list.states.empty()) {
    const bool with_none = std::ranges::find(list.states, TaskState::none) != list.states.end();
    std::vector<TaskState> others = list.states;
    std::erase(others, TaskState::none);
    Conditions named;
    named.one_of("t.state", words_of(others));
    const std::string words = named.where().substr(others.empty() ? 0 : std::string_view(" WHERE ").size());
    conditions.add(!with_none       ? words
                   : others.empty() ? "t.state IS NULL"
                                    : "(t.state IS NULL OR " + words + ")",
                   named.values());
  }
  if (list.task_id) conditions.add("t.task_id = ?", {*list.task_id});
  if (list.only_mapped) conditions.add("t.map_index >= 0");
  conditions.one_of("t.map_index", {list.map_indexes.begin(), list.map_indexes.end()});
  conditions.one_of("t.try_number", {list.try_numbers.begin(), list.try_numbers.end()});
  conditions.range("t.start_date", list.start_date);
  conditions.range("t.end_date", list.end_date);
  conditions.range(task_instance_updated, list.updated_at);
  conditions.range(seconds_of_task_instance, list.duration);
  conditions.like(rendered_map_index, list.like_rendered_map_index);
  if (list.fits) conditions.add("task_fits(r.dag_version_id, t.task_id)");
}

bool is_counted(const RunConditions& of) {
  return !of.run_id && !of.run_after.is_set() && !of.logical_date.is_set() && !of.start_date.is_set() &&
         !of.end_date.is_set() && !of.updated_at.is_set() && !of.partition_date.is_set() && !of.duration.is_set() &&
         of.version_numbers.empty() && !of.conf_contains && !of.like_dag_id.is_set() && !of.like_run_id.is_set() &&
         !of.like_user.is_set() && !of.like_partition_key.is_set();
}

bool is_of_runs_alone(const TaskInstanceList& list) {
  return list.states.empty() && !list.task_id && !list.only_mapped && list.map_indexes.empty() && list.try_numbers.empty() &&
         !list.start_date.is_set() && !list.end_date.is_set() && !list.updated_at.is_set() && !list.duration.is_set() &&
         !list.like_rendered_map_index.is_set() && !list.fits;
}

bool are_active(const std::vector<TaskState>& states) {
  return !states.empty() &&
         std::ranges::none_of(states, [](TaskState state) { return state == TaskState::none || is_finished(state); });
}

// ---- orders --------------------------------------------------------------------------------------------------------------

std::string order_by(const std::vector<Ordered<RunColumn>>& order) {
  std::string sql;
  bool descending = false;
  for (const auto& term : order) {
    append_term(sql, column_of(term.by), term.descending, may_be_null(term.by));
    descending = term.descending;
    if (term.by == RunColumn::number) return sql;
  }
  append_term(sql, "r.no", descending, false);
  return sql;
}

// Numbers of task instances follow those of their runs.
std::string order_by(const TaskInstanceList& list) {
  std::string sql;
  bool descending = false;
  for (const auto& term : list.order) {
    descending = term.descending;
    const bool of_run = term.by == TaskInstanceColumn::of_run;
    if (term.by == TaskInstanceColumn::number) break;
    append_term(sql, of_run ? column_of(term.of_run) : column_of(term.by), descending,
                of_run ? may_be_null(term.of_run) : term.by != TaskInstanceColumn::map_index);
  }
  if (!is_bad(list)) append_term(sql, "r.no", descending, false);
  append_term(sql, "t.no", descending, false);
  return sql;
}

// ---- indexes -------------------------------------------------------------------------------------------------------------

bool has_index(const RunList& list) {
  return first_of(list) == RunColumn::number || !index_of(first_of(list), list.conditions.dag_id.has_value()).empty();
}

std::string index_of_order(const RunList& list) {
  return indexed_by(index_of(first_of(list), list.conditions.dag_id.has_value()));
}

namespace {

RunColumn filtered(const RunConditions& of) {
  if (!of.states.empty()) return RunColumn::state;
  if (of.logical_date.is_set()) return RunColumn::logical_date;
  if (of.run_after.is_set()) return RunColumn::run_after;
  if (of.start_date.is_set()) return RunColumn::start_date;
  if (of.end_date.is_set()) return RunColumn::end_date;
  if (of.run_id) return RunColumn::run_id;
  return RunColumn::number;
}

}  // namespace

bool gives_order(const RunList& list) {
  const RunColumn by = filtered(list.conditions);
  return first_of(list) == RunColumn::number ? by == RunColumn::state && list.conditions.states.size() == 1
                                             : first_of(list) == by && has_filter_index(list.conditions);
}

bool has_filter_index(const RunConditions& of) {
  return !index_of(filtered(of), of.dag_id.has_value()).empty();
}

std::string index_of_filter(const RunConditions& of) {
  return indexed_by(index_of(filtered(of), of.dag_id.has_value()));
}

namespace {

std::string index_of_runs(const TaskInstanceList& list, const std::vector<Ordered<TaskInstanceColumn>>& order) {
  if (are_active(list.states)) return indexed_by("dag_run_active");
  const bool of_dag = list.conditions.dag_id.has_value();
  const RunColumn by_filter = filtered(list.conditions);
  if (by_filter != RunColumn::number) return indexed_by(index_of(by_filter, of_dag));
  const bool by_run = !order.empty() && order.front().by == TaskInstanceColumn::of_run;
  return indexed_by(index_of(by_run ? order.front().of_run : RunColumn::number, of_dag));
}

}  // namespace

std::string tables_of(const TaskInstanceList& list, const std::vector<Ordered<TaskInstanceColumn>>& order, bool is_one_run) {
  const bool with_names =
      list.like_rendered_map_index.is_set() || std::ranges::find(list.order, TaskInstanceColumn::rendered_map_index,
                                                                 &Ordered<TaskInstanceColumn>::by) != list.order.end();
  const std::string names = with_names ? " LEFT JOIN rendered_map_index AS n ON n.task_instance_no = t.no" : "";
  if (!is_one_run && is_bad(list))
    return " FROM task_instance AS t INDEXED BY task_instance_bad CROSS JOIN dag_run AS r ON r.no = t.run_no" + names;
  return " FROM dag_run AS r" + (is_one_run ? "" : index_of_runs(list, order)) +
         " CROSS JOIN task_instance AS t ON t.no >= r.first_task_instance AND t.no < r.first_task_instance + "
         "r.created_task_instances" +
         names;
}

}  // namespace venturi::store
