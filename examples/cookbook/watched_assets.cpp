// An asset that is watched: each file that appears under this name starts a run, and is deleted.
#include <venturi/dag.h>
#include <venturi/event_triggers.h>

using namespace venturi;

// [whole]
const Asset inbox{"file:///tmp/inbox/orders.csv",
                  {{.name = "inbox", .trigger = FileDeleteTrigger{.filepath = "/tmp/inbox/orders.csv"}}}};

void import_orders(const Context& context) {
  for (const AssetEvent& event : context.triggering_asset_events())
    context.log().info(event.extra.get_string("payload"), " came at ", format_time(event.timestamp));
}

VENTURI_DAG(watched_assets, {.schedule = inbox}) { dag.task<import_orders>(); }
// [end]
//   venturi dags test watched_assets
//   success
