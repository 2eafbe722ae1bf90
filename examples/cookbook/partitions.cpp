// Runs for parts of the data: each day's, and the week's when all its days are there.
#include <venturi/dag.h>
using namespace venturi;

const Asset orders{"s3://lake/orders"};

// [whole]
void load(const Context& context) { context.log().info("orders of ", context.partition_key().value_or("no day")); }
void report(const Context& context) { context.log().info("report of ", context.partition_key().value_or("no week")); }

// At one o'clock, for the day before. The event of the outlet has the run's key: "2026-03-13".
VENTURI_DAG(partitions,
            {.schedule = CronPartitionTimetable{.cron = "0 1 * * *", .run_offset = -1, .key_format = "%Y-%m-%d"}}) {
  dag.task<load>({.outlets = {orders}});
}
// "2026-03-09 (W11)", when the events of its seven days have come.
VENTURI_DAG(partitions_weekly,
            {.schedule = PartitionedAssetTimetable{
                 .assets = orders,
                 .default_partition_mapper = RollupMapper(StartOfWeekMapper({.input_format = "%Y-%m-%d"}),
                                                          WeekWindow())}}) {
  dag.task<report>();
}
// [end]
//
//   venturi dags test partitions
//   success
