// A cron expression that is none.
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(wrong_cron, {.schedule = "0 25 * * *", .start_date = "2026-01-01"}) { dag.empty("a"); }
