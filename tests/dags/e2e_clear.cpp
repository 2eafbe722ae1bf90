// DAGs of which something is cleared: tests/e2e/clear_test.py.
#include <venturi/cross_dag.h>
#include <venturi/dag.h>

using namespace venturi;
using namespace std::chrono_literals;

// Fails at its first try; the list that is mapped over is longer with each try.
std::vector<std::int64_t> numbers(const Context& context) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(context.try_number() + 1), 7);
}
std::int64_t twice(const std::int64_t& number) {
  return 2 * number;
}
std::int64_t sum(const std::vector<std::int64_t>& all) {
  std::int64_t total = 0;
  for (const std::int64_t one : all) total += one;
  return total;
}
VENTURI_DAG(sums, {.is_paused_upon_creation = false}) {
  dag.task<sum>()(dag.task<twice>()(expand(dag.task<numbers>())));
}

VENTURI_DAG(breaks, {.is_paused_upon_creation = false}) {
  auto check = dag.add(BashOperator{.task_id = "check", .bash_command = "test {{ ti.try_number }} -gt 1"});
  check >> dag.add(BashOperator{.task_id = "load", .bash_command = "true"});
}

VENTURI_DAG(slow, {.is_paused_upon_creation = false}) {
  auto wait =
      dag.add(BashOperator{.task_id = "wait", .bash_command = "echo begun; test {{ ti.try_number }} -gt 1 || sleep 300"});
  wait >> dag.empty("below");
}

VENTURI_DAG(begins_anew, {.is_paused_upon_creation = false}) {
  dag.add(TriggerDagRunOperator{.task_id = "start",
                                .trigger_dag_id = "sums",
                                .trigger_run_id = "always_this",
                                .reset_dag_run = true,
                                .wait_for_completion = true,
                                .poke_interval = 100ms});
}

// Whoever clears `lake` clears what is below `begin` in `report`, and what its marker marks.
VENTURI_DAG(lake, {.is_paused_upon_creation = false}) {
  dag.empty("load") >> dag.add(ExternalTaskMarker{
                           .task_id = "tell", .external_dag_id = "report", .external_task_id = "begin", .recursion_depth = 3});
}
VENTURI_DAG(report, {.is_paused_upon_creation = false}) {
  dag.empty("before");
  auto begin = dag.add(BashOperator{.task_id = "begin", .bash_command = "true"});
  begin >> dag.add(BashOperator{.task_id = "rest", .bash_command = "true"});
  begin >> dag.add(ExternalTaskMarker{.task_id = "tell",
                                      .external_dag_id = "{{ 'mails' }}",
                                      .external_task_id = "send",
                                      .logical_date = "{{ (logical_date + macros.timedelta(days=1)).isoformat() }}"});
}
VENTURI_DAG(mails, {.is_paused_upon_creation = false}) {
  dag.add(BashOperator{.task_id = "send", .bash_command = "true"}) >>
      dag.add(ExternalTaskMarker{.task_id = "back", .external_dag_id = "lake", .external_task_id = "nowhere"});
}
VENTURI_DAG(short_sighted, {.is_paused_upon_creation = false}) {
  dag.add(
      ExternalTaskMarker{.task_id = "tell", .external_dag_id = "report", .external_task_id = "begin", .recursion_depth = 1});
}
VENTURI_DAG(curious, {.is_paused_upon_creation = false}) {
  dag.add(ExternalTaskMarker{.task_id = "tell", .external_dag_id = "{{ var.value.which }}", .external_task_id = "begin"});
}
