// Assets that a task finds while it runs; what a run was made for, and what came before.
#include <venturi/dag.h>
using namespace venturi;

// [alias]
const AssetAlias incoming{"incoming_files"};

void fetch(const Context& context) {
  for (const char* name : {"orders.csv", "customers.csv"})
    context.outlet_events(incoming).add(Asset(std::string("file:///in/") + name), Object{{"rows", 1200}});
}
VENTURI_DAG(asset_events) { dag.task<fetch>({.outlets = {incoming}}); }
// [end]

// [events]
void load(const Context& context) {
  for (const AssetEvent& event : context.triggering_asset_events())
    context.log().info(event.asset.uri, " has ", event.extra.get_int("rows"), " rows, of run ", event.source_run_id);
  for (const AssetEvent& last : context.inlet_events(incoming, {.ascending = false, .limit = 1}))
    context.log().info("the last file of all came at ", format_time(last.timestamp));
}
// A run when any asset came through the alias.
VENTURI_DAG(asset_events_load, {.schedule = incoming, .is_paused_upon_creation = false}) {
  dag.task<load>({.inlets = {incoming}});
}
// [end]
//
//   venturi dags test asset_events
//   success
//
//   venturi dags test asset_events_load
//   success
