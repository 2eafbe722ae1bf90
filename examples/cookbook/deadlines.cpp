// Who is told when a run is not done in time: Airflow's deadline alerts.
#include <venturi/dag.h>
#include <venturi/http.h>
using namespace venturi;
using namespace std::chrono_literals;

// [whole]
void tell(const CallbackContext& context) {
  context.log().warning("run ", context.run_id(), ": ",
                        context.error());  // "the deadline by one of 2026-... was missed"
}

void load() {}

VENTURI_DAG(deadlines,
            {.schedule = "@daily",
             .start_date = "2026-01-01",
             .deadline = {{.interval = 1h, .callback = tell, .name = "by one"},  // since it was queued
                          {.reference = DeadlineReference::dagrun_logical_date(),
                           .interval = 6h,
                           .callback = {email_to("ops@example.com"), webhook_to("pager")}},
                          // ten minutes more than the last ten runs took on average; there have to be three
                          {.reference = DeadlineReference::average_runtime(10, 3), .interval = 10min, .callback = tell},
                          {.reference = DeadlineReference::fixed_datetime("2040-01-01T06:00"), .callback = tell}}}) {
  dag.task<load>();
}
// [end]
