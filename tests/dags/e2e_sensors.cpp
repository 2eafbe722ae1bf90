// Sensors that wait for what a test does, and webhooks that tell of a failure: tests/e2e/sensors_test.py.
#include <venturi/dag.h>
#include <venturi/http.h>

using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAG(sensors, {.is_paused_upon_creation = false}) {
  dag.add(FileSensor{.task_id = "rescheduled", .filepath = "here", .poke_interval = 200ms, .mode = SensorMode::reschedule});
  dag.add(FileSensor{.task_id = "timed_out",
                     .filepath = "nowhere",
                     .poke_interval = 200ms,
                     .timeout = 500ms,
                     .mode = SensorMode::reschedule,
                     .soft_fail = true});
  dag.add(FileSensor{.task_id = "poked", .filepath = "here", .poke_interval = 100ms});
}

// Both want the one slot of the pool `narrow`.
VENTURI_DAG(deferred, {.is_paused_upon_creation = false}) {
  auto waits = dag.add(FileSensor{.task_id = "waits", .filepath = "late", .deferrable = true, .poke_interval = 200ms},
                       {.pool = "narrow", .priority_weight = 9});
  dag.task("works", [] {}, {.pool = "narrow"});
  dag.task("after", [] {}) << waits;
}

VENTURI_DAG(alarm, {.is_paused_upon_creation = false}) {
  dag.add(FileSensor{.task_id = "fails", .filepath = "nowhere", .poke_interval = 100ms, .timeout = 0s},
          {.retries = 3, .on_failure_callback = {slack_to("ops"), webhook_to("http_default", "echo/alarm")}});
}
