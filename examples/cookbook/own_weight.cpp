// Which of the tasks that wait goes first, by a rule of one's own.
#include <venturi/dag.h>
#include <venturi/weight.h>
using namespace venturi;

void load(const Context& context, const std::string& table) { context.log().info(table); }

// [own_weight]
// Airflow's example: with each try less.
struct DecreasingPriority : PriorityWeightStrategy {
  int get_weight(const TaskInstanceInfo& ti) const override { return std::max(3 - ti.try_number, 1); }
};

// What was asked for by hand does not wait behind what is caught up with.
struct ManualFirst : PriorityWeightStrategy {
  int get_weight(const TaskInstanceInfo& ti) const override {
    return ti.priority_weight + (ti.run_type == "manual" ? 1000 : 0);
  }
};

VENTURI_DAG(own_weight, {.default_args = {.retries = 2, .weight_rule = ManualFirst{}}}) {
  dag.task<load>("orders", {.priority_weight = 5})("orders");
  dag.task<load>("customers", {.weight_rule = DecreasingPriority{}})("customers");
}
// [end]
//
//   venturi dags test own_weight
//   success
