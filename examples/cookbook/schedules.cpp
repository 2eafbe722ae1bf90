// Schedules: presets, cron expressions, distances, time zones; catch-up and limits of runs.
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAGS(bag) {
  // [schedules]
  bag.add("schedules", {.schedule = "@daily", .start_date = "2026-01-01"}).empty("work");
  // At 6:30 on working days in Berlin, in summer as in winter.
  bag.add("schedule_cron", {.schedule = "30 6 * * 1-5", .start_date = "2026-01-01", .timezone = "Europe/Berlin"})
      .empty("work");
  bag.add("schedule_distance", {.schedule = 36h, .start_date = "2026-01-01T06:00"}).empty("work");
  // A run for each interval since start_date, one after the other.
  bag.add("schedule_catchup", {.schedule = "@monthly",
                               .start_date = "2025-01-01",
                               .end_date = "2025-12-31",
                               .catchup = true,
                               .max_active_runs = 1,
                               .dagrun_timeout = 4h})
      .empty("work", {.depends_on_past = true});
  // [end]
}
//
//   venturi dags test schedules
//   success
//
//   venturi dags test schedule_cron
//   success
