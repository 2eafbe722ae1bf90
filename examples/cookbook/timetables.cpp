// Timetables: several cron expressions, data intervals, dates from a list.
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAGS(bag) {
  // [timetables]
  // At 6:00, and on Fridays at 18:30 too; in Berlin, in summer as in winter.
  bag.add("timetables", {.schedule = MultipleCronTriggerTimetable{.crons = {"0 6 * * *", "30 18 * * 5"}},
                         .start_date = "2026-01-01",
                         .timezone = "Europe/Berlin"})
      .empty("work");
  // A run for each day from 6:00 to 6:00, when it is over: data_interval_start is the day before.
  bag.add("timetable_intervals",
          {.schedule = CronDataIntervalTimetable{.cron = "0 6 * * *"}, .start_date = "2026-01-01"})
      .empty("work");
  // At midnight, for the three hours before. The first run is made up for if it was due within the last 10 minutes.
  bag.add("timetable_trigger",
          {.schedule = CronTriggerTimetable{.cron = "@daily", .interval = 3h, .run_immediately = 10min}})
      .empty("work");
  bag.add("timetable_events",
          {.schedule = EventsTimetable{.event_dates = {"2026-03-31", "2026-06-30T12:00", "2026-09-30"},
                                       .description = "ends of quarters"},
           .start_date = "2026-01-01"})
      .empty("work");
  // [end]
}
//
//   venturi dags test timetables
//   success
//
//   venturi dags test timetable_events
//   success
