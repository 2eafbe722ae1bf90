// Weight rules of the program's own, for tests/e2e/weights_test.py.
#include <venturi/dag.h>
#include <venturi/weight.h>

#include <filesystem>
#include <stdexcept>

using namespace venturi;

namespace {

// By the run's conf.
struct Configured : PriorityWeightStrategy {
  int get_weight(const TaskInstanceInfo& ti) const override { return static_cast<int>(ti.conf.get_int(ti.task_id)); }
};

// Needs a file in the DAGs folder, which is the working directory.
struct FromFile : PriorityWeightStrategy {
  int get_weight(const TaskInstanceInfo& ti) const override {
    if (!std::filesystem::exists("weights.txt")) throw std::runtime_error("there is no weights.txt for " + ti.task_id);
    return 1;
  }
};

void work() {}

}  // namespace

VENTURI_DAG(e2e_weights, {.is_paused_upon_creation = false, .default_args = {.pool = "narrow", .weight_rule = Configured{}}}) {
  auto gate = dag.task<work>("gate", {.pool = "default_pool", .weight_rule = WeightRule::absolute});
  for (const char* name : {"a", "b", "c", "d"}) gate >> dag.task<work>(name);
}

VENTURI_DAG(e2e_weights_from_file, {.is_paused_upon_creation = false}) {
  dag.task<work>("weighed", {.weight_rule = FromFile{}});
  dag.task<work>("plain");
}
