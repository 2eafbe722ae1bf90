// Pages of DAGs and runs, in their parts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pages/page.h"
#include "pages/states.h"

namespace venturi::pages {

void get_dag_list(const Visited& visit);
void get_dag(const Visited& visit);
void get_trigger(const Visited& visit);
void post_trigger(const Visited& visit);

[[nodiscard]] std::string run_title(const View& view, const DagRun& run);
// Links to the pages before and behind; nothing where there is one page. `page` from 0.
[[nodiscard]] Html pager(const std::string& path, const Fields& query, std::int64_t page, std::int64_t rows,
                         std::int64_t total);

// Tasks with their groups as people have declared them.
struct GroupTree {
  std::string id, label;  // of the root both are empty
  bool is_mapped = false;
  struct Child {
    std::string task_id;  // empty: a group
    std::size_t group = 0;
  };
  std::vector<Child> children;
};
// The root is the first. Tasks that the DAG has and no group names stand in the root.
[[nodiscard]] std::vector<GroupTree> groups_of(const Dag& dag);
// In a group its name need not be repeated: "load.orders" stands in "load" as "orders".
[[nodiscard]] std::string name_in_group(const std::string& task_id, const std::string& group_id);

// Tasks × runs, oldest run first; each run with the sums of its tasks.
struct RunColumn {
  DagRun run;
  std::vector<TaskSum> tasks;
};
[[nodiscard]] Html grid(const View& view, const Dag& dag, const std::vector<RunColumn>& runs);
// As a drawing. `tasks` (by task_id): their states in the run; empty: no run.
[[nodiscard]] Html graph(const Dag& dag, const std::string& run_id, const std::map<std::string, TaskSum>& tasks);

// The menu of a DAG: overview, code, versions.
[[nodiscard]] Html dag_head(const View& view, const Dag& dag, std::string_view here);

}  // namespace venturi::pages
