// One DAG for each kind of schedule. Their dates lie behind us, so that which runs there are does not depend on the day.
#include <venturi/dag.h>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

void interval(const Context& context) {
  context.log().info("from ", *context.data_interval_start(), " to ", *context.data_interval_end());
}

}  // namespace

VENTURI_DAG(catching_up, {.schedule = "@daily",
                          .start_date = "2026-01-01",
                          .end_date = "2026-01-03",
                          .catchup = true,
                          .is_paused_upon_creation = false}) {
  dag.task<interval>();
}
VENTURI_DAG(in_tokyo, {.schedule = "30 6 * * *",
                       .start_date = "2026-03-01",
                       .end_date = "2026-03-03",
                       .timezone = "Asia/Tokyo",
                       .catchup = true,
                       .is_paused_upon_creation = false}) {
  dag.task<interval>();
}
VENTURI_DAG(only_the_last,
            {.schedule = "@daily", .start_date = "2020-01-01", .catchup = false, .is_paused_upon_creation = false}) {
  dag.task<interval>();
}
VENTURI_DAG(once, {.schedule = "@once", .start_date = "2026-01-01", .is_paused_upon_creation = false}) {
  dag.task<interval>();
}
VENTURI_DAG(
    every_second,
    {.schedule = 1s, .start_date = "2026-01-01", .catchup = false, .max_active_runs = 1, .is_paused_upon_creation = false}) {
  dag.task<interval>();
}
VENTURI_DAG(stays_paused,
            {.schedule = "@daily", .start_date = "2026-01-01", .catchup = true, .is_paused_upon_creation = true}) {
  dag.task<interval>();
}
