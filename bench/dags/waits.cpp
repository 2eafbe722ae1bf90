// Waits that are all due at once: half of them requests that a server answers when it is told to, half of them sensors of a
// time. The conf names it: {"at": "2026-03-04T05:06:07Z"}.
#include <venturi/dag.h>
#include <venturi/http.h>
#include <venturi/sensors.h>

#include "ledger.h"

using namespace venturi;

VENTURI_DAGS(bag) {
  Dag dag = bag.add(BENCH_DAG_ID, {.max_active_tasks = 100'000, .is_paused_upon_creation = false});
  const TaskOptions once{.retries = 0};
  for (int i = 0; i < BENCH_TASKS; i += 2) {
    dag.add(HttpOperator{.task_id = "poll_" + bench::numbered(i),
                         .http_conn_id = "bench_http",
                         .endpoint = "wait",
                         .method = "GET",
                         .extra_options = Object{{"timeout", 600}}},
            once);
    dag.add(DateTimeSensor{.task_id = "sensor_" + bench::numbered(i),
                           .target_time = "{{ dag_run.conf['at'] }}",
                           .deferrable = true},  // not once a minute, but when it is time
            once);
  }
}
