// Assets: a task says what it makes, and another DAG runs when it was made.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
const Asset orders{"s3://lake/orders"}, customers{"s3://lake/customers"};

void load_orders(const Context& context) {
  context.outlet_events(orders).set_extra(Object{{"rows", 1200}});  // goes with the event
}
void load_customers() {}
void report() {}

VENTURI_DAG(assets) {
  dag.task<load_orders>({.outlets = {orders}});
  dag.task<load_customers>({.outlets = {customers}});
}
// A run when both have had a new event; `orders | customers` would be either.
VENTURI_DAG(assets_report, {.schedule = orders & customers, .is_paused_upon_creation = false}) { dag.task<report>(); }
// Each morning, and when there are new orders.
VENTURI_DAG(assets_or_time, {.schedule = AssetOrTimeSchedule{.timetable = "0 6 * * *", .assets = orders}}) {
  dag.task<report>();
}
// [end]
//   venturi dags test assets
//   success
