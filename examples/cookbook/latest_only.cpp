// Runs that are caught up load their data, but only the latest one mails. Runs by hand count as the latest.
#include <venturi/choices.h>
#include <venturi/dag.h>
using namespace venturi;

// [whole]
VENTURI_DAG(latest_only, {.schedule = "@daily", .start_date = "2026-01-01", .catchup = true}) {
  auto load = dag.add(BashOperator{.task_id = "load", .bash_command = "echo loading {{ ds }}"});
  auto latest = dag.add(LatestOnlyOperator{.task_id = "latest"});
  auto mail = dag.add(BashOperator{.task_id = "mail", .bash_command = "echo a mail about {{ ds }}"});
  load >> latest >> mail;

  // Another choice by the clock; BranchDayOfWeekOperator is one by the day of the week.
  auto time = dag.add(BranchDateTimeOperator{.task_id = "time",
                                             .target_lower = "2026-01-01T00:00:00+00:00",
                                             .follow_task_ids_if_true = "in_time",
                                             .follow_task_ids_if_false = "too_early"});
  time >> Tasks{dag.empty("in_time"), dag.empty("too_early")};
}
// [end]
//
//   venturi dags test latest_only
//   success; skipped: too_early
