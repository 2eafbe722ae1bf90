"""What tasks read and say of events of assets, aliases and partitions, with DAGs in C++ on a real server that is killed in between."""

import signal

from support.api import Api
from support.case import HomeCase

PROGRAM = r"""
#include <venturi/dag.h>
using namespace venturi;

const Asset orders{"s3://lake/orders"};
const AssetAlias files{"incoming_files"};

void load(const Context& context) {
  context.outlet_events(orders).set_extra(Object{{"rows", 1200}});
  context.outlet_events(files).add(Asset("s3://in/a"), Object{{"rows", 7}});
}
VENTURI_DAG(loads, {.is_paused_upon_creation = false}) { dag.task<load>({.outlets = {orders, files}}); }

Value told(const std::vector<AssetEvent>& events) {
  Array list;
  for (const AssetEvent& e : events)
    list.push_back(Object{{"uri", e.asset.uri}, {"rows", e.extra.get_int("rows")}, {"by", e.source_dag_id + "." + e.source_task_id},
                          {"run", e.source_run_id}, {"led_to", e.created_dagruns.size()}, {"key", e.partition_key.value_or("")}});
  return list;
}
Value read(const Context& context) {
  return Object{{"triggering", told(context.triggering_asset_events())},
                {"by_alias", told(context.triggering_asset_events(files))},
                {"inlet", told(context.inlet_events(orders, {.ascending = false, .limit = 1}))},
                {"inlet_alias", told(context.inlet_events(files))}};
}
VENTURI_DAG(reads, {.schedule = files, .is_paused_upon_creation = false}) { dag.task<read>({.inlets = {orders, files}}); }

VENTURI_DAG(parts, {.schedule = PartitionedAtRuntime{}, .is_paused_upon_creation = false}) {
  dag.task("make", [](const Context& c) { c.log().info("key ", c.partition_key().value_or("none")); },
           {.outlets = {Asset("s3://lake/parts")}});
}
std::string part(const Context& context) {
  const auto events = context.triggering_asset_events();
  return context.partition_key().value_or("none") + " of " + std::to_string(events.size());
}
VENTURI_DAG(both_parts, {.schedule = PartitionedAssetTimetable{
                             .assets = Asset("s3://lake/parts"),
                             .default_partition_mapper = RollupMapper(FixedKeyMapper("all"), SegmentWindow({"eu", "us"}))},
                         .is_paused_upon_creation = false}) {
  dag.task<part>();
}
"""
TEMPLATES = """
dag_id: shows
is_paused_upon_creation: false
schedule: [{alias: incoming_files}]
tasks:
  show:
    operator: BashOperator
    inlets: [s3://lake/orders, {alias: incoming_files}]
    bash_command: >-
      echo "{% for asset, events in triggering_asset_events.items() %}{{ asset.name }}={{ events[0].extra.rows }}
      {% endfor %}| {{ inlet_events[0][0].extra.rows }}
      | {{ inlet_events.for_asset_alias(name='incoming_files').limit(1)[0].asset.uri }}
      | {{ (triggering_asset_events.values() | first | first).source_dag_run.dag_id }}"
"""


class AssetEventsTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.venturi.home / "dags" / "events.cpp").write_text(PROGRAM)
        (cls.venturi.home / "dags" / "shows.yaml").write_text(TEMPLATES)
        cls.start_server("loads", "reads", "shows", "parts", "both_parts")
        cls.api = Api(cls.venturi)

    def runs(self, dag_id, count):
        def there():
            rows = self.venturi.rows("dags", "list-runs", dag_id)
            return rows if len(rows) >= count and all(row["state"] in ("success", "failed") for row in rows) else None

        rows = self.venturi.wait_until(there, 60, f"{count} runs of {dag_id}")
        self.assertEqual({row["state"] for row in rows}, {"success"}, rows)
        return sorted(rows, key=lambda row: row["run_id"])

    def result(self, dag_id, run_id, task_id):
        return self.api.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value")["value"]

    def test_an_alias_and_what_tasks_read(self):
        self.assertEqual(self.venturi.trigger("loads", "first"), "success")
        run, = self.runs("reads", 1)
        orders = {"uri": "s3://lake/orders", "rows": 1200, "by": "loads.load", "run": "first", "led_to": 0, "key": ""}
        found = {"uri": "s3://in/a", "rows": 7, "by": "loads.load", "run": "first", "led_to": 0, "key": ""}
        self.assertEqual(self.result("reads", run["run_id"], "read"),
                         {"triggering": [found], "by_alias": [found], "inlet": [orders], "inlet_alias": [found | {"led_to": 2}]})
        show, = self.runs("shows", 1)
        log = self.venturi.cli("tasks", "logs", "shows", "show", show["run_id"])
        self.assertIn("s3://in/a=7 incoming_files=7 | 1200 | s3://in/a | loads", " ".join(log.split()))

        # What the alias stands for is there after a server that was killed.
        alias, = self.venturi.rows("assets", "list", "--alias")
        self.assertEqual((alias["name"], alias["group"]), ("incoming_files", "asset"))
        self.venturi.process.send_signal(signal.SIGKILL)
        self.venturi.process.wait()
        self.venturi.start()
        type(self).api = Api(self.venturi)
        self.assertEqual(self.venturi.trigger("loads", "second"), "success")
        self.runs("reads", 2)
        details, = self.venturi.rows("assets", "details", "--alias", "--name", "incoming_files")
        self.assertEqual(details["assets"], "s3://in/a")
        self.assert_failed(self.venturi.run("assets", "details", "--alias", "--uri", "x"), "an asset alias has no uri", code=2)
        body = self.api.get("/api/v2/assets/aliases")
        self.assertEqual(body, {"asset_aliases": [{"id": alias["id"], "name": "incoming_files", "group": "asset"}], "total_entries": 1})
        self.assertEqual(self.api.get(f"/api/v2/assets/aliases/{alias['id']}")["name"], "incoming_files")
        asset, = self.api.get("/api/v2/assets?uri_pattern=s3://in/a&only_active=false")["assets"]
        self.assertEqual([a["name"] for a in asset["aliases"]], ["incoming_files"])
        events = self.api.get(f"/api/v2/dags/reads/dagRuns/{run['run_id']}/upstreamAssetEvents")["asset_events"]
        self.assertEqual([(e["uri"], sorted(r["dag_id"] for r in e["created_dagruns"])) for e in events],
                         [("s3://in/a", ["reads", "shows"])])

    def test_a_run_for_a_partition(self):
        done = self.venturi.run("dags", "trigger", "loads", "--partition-key", "eu")
        self.assert_failed(done, "not a partitioned Dag")
        self.assertEqual(self.venturi.trigger("parts", "one", "--partition-key", "eu"), "success")
        self.assertIn("key eu", self.venturi.cli("tasks", "logs", "parts", "make", "one"))
        self.assertEqual(self.venturi.rows("dags", "list-runs", "both_parts"), [])
        status, body = self.api("POST", "/api/v2/dags/parts/dagRuns",
                                    {"dag_run_id": "two", "logical_date": None, "partition_key": "us"})
        self.assertEqual((status, body["partition_key"]), (200, "us"), body)
        run, = self.runs("both_parts", 1)
        self.assertEqual(self.result("both_parts", run["run_id"], "part"), "all of 2")
        body = self.api.get(f"/api/v2/dags/both_parts/dagRuns/{run['run_id']}")
        self.assertEqual((body["partition_key"], body["partition_date"], body["logical_date"]), ("all", None, None))
        events = self.api.get(f"/api/v2/dags/both_parts/dagRuns/{run['run_id']}/upstreamAssetEvents")["asset_events"]
        self.assertEqual([e["partition_key"] for e in events], ["eu", "us"])
        self.assertEqual([r["run_id"] for e in events for r in e["created_dagruns"]], [run["run_id"]] * 2)
