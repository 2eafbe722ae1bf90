// Sensors ask again until what they wait for is there. A waiting sensor costs no process; in mode reschedule no pool
// slot.
#include <venturi/dag.h>
#include <venturi/sensors.h>
using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAG(sensors) {
  // [operators]
  auto file = dag.add(FileSensor{.task_id = "orders_are_there",
                                 .filepath = "/etc/host*",
                                 .poke_interval = 1min,
                                 .timeout = 12h,
                                 .mode = SensorMode::reschedule});
  auto command = dag.add(BashSensor{.task_id = "nobody_is_at_it", .bash_command = "test ! -e /no/such/lock"});
  auto nothing = dag.add(FileSensor{.task_id = "perhaps",
                                    .filepath = "/no/such/file",
                                    .poke_interval = 50ms,
                                    .timeout = 100ms,
                                    .soft_fail = true});  // a time-out skips instead of failing
  dag.empty("load", {.trigger_rule = TriggerRule::none_failed}) << Tasks{file, command, nothing};
  // [end]
}
//
//   venturi dags test sensors
//   success; skipped: perhaps
