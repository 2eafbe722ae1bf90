// What lists of runs and of task instances ask for, as pieces of SQL: conditions, orders, and the index to go by. In all of it
// dag_run is r, task_instance t.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/lists.h"
#include "store/sqlite/conditions.h"
#include "store/sqlite/rows.h"

namespace venturi::store {

template <class Word>
std::vector<Bound> words_of(const std::vector<Word>& all) {
  std::vector<Bound> words;
  for (const Word word : all) words.emplace_back(std::string(to_string(word)));
  return words;
}

// "r.no, r.dag_id, ..."
template <class R>
std::string prefixed_columns(std::string_view table) {
  std::string list;
  for (const std::string_view column : Row<R>::columns)
    list.append(list.empty() ? "" : ", ").append(table).append(".").append(column);
  return list;
}

void add_conditions(Conditions& conditions, const RunConditions& of);
void add_conditions(Conditions& conditions, const TaskInstanceList& list, bool is_one_run);
// " FROM ...", in the order in which they are to be looked at; with the rendered map indexes, where they are asked for.
[[nodiscard]] std::string tables_of(const TaskInstanceList& list, const std::vector<Ordered<TaskInstanceColumn>>& order,
                                    bool is_one_run);

[[nodiscard]] std::string order_by(const std::vector<Ordered<RunColumn>>& order);
[[nodiscard]] std::string order_by(const TaskInstanceList& list);

// dag_run_count knows how many runs fit.
[[nodiscard]] bool is_counted(const RunConditions& of);
// Nothing is asked of the task instances themselves.
[[nodiscard]] bool is_of_runs_alone(const TaskInstanceList& list);
// States that only task instances of runs have that have not ended; not for none.
[[nodiscard]] bool are_active(const std::vector<TaskState>& states);

// " INDEXED BY name", or "" where SQLite goes by the numbers of the runs.
[[nodiscard]] bool has_index(const RunList& list);
[[nodiscard]] std::string index_of_order(const RunList& list);
// What the filter goes by is in the list's order.
[[nodiscard]] bool gives_order(const RunList& list);
[[nodiscard]] bool has_filter_index(const RunConditions& of);
[[nodiscard]] std::string index_of_filter(const RunConditions& of);
}  // namespace venturi::store
