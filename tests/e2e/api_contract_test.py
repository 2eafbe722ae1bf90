"""Every endpoint of the REST API, called at least once on a real server: each answer is what Airflow's document says of it."""

import datetime
import json
import unittest

from support.api import Api
from support.case import HomeCase
from support.schemas import OPERATIONS, answer_problems

SHOP = """
dag_id: shop
tags: [orders]
params: {limit: {default: 3, type: integer, minimum: 1}}
tasks:
  - task_id: first
    operator: BashOperator
    bash_command: "echo hello; echo {{ params.limit }}"
  - task_id: second
    operator: EmptyOperator
    upstream: [first]
  - task_id: slow
    operator: BashOperator
    bash_command: "sleep {{ dag_run.conf.get('sleep', 0) }}"
  - task_id: parts
    operator: BashOperator
    expand: {bash_command: ["echo 1", "echo 2"]}
task_groups:
  both:
    tasks:
      one: {operator: EmptyOperator}
      two: {operator: EmptyOperator}
"""
MAKER = """
dag_id: maker
schedule: "@daily"
start_date: 2024-01-01
tasks:
  - task_id: make
    operator: EmptyOperator
    outlets: [{name: orders, uri: "file:///orders"}]
  - task_id: nowhere
    operator: BashOperator
    bash_command: "true"
    pool: not_there
"""
TAKER = """
dag_id: taker
schedule: [{name: orders, uri: "file:///orders"}, {name: other, uri: "file:///other"}]
tasks:
  - {task_id: take, operator: EmptyOperator}
"""
DAYS = """
dag_id: days
schedule: {timetable: PartitionedAssetTimetable, assets: [{name: days, uri: "file:///days"}]}
tasks:
  - {task_id: load, operator: EmptyOperator}
"""
# Airflow's query parameters that are refused with 400.
NOT_SERVED = {
    "get_dag_runs": ["bundle_version",  # bundles have no versions
                     "consuming_asset_pattern", "cursor"],
    "get_dags": [f"dag_run_{name}" for name in ("state", *(f"{date}_date_{bound}" for date in ("start", "end") for bound in ("gte", "gt", "lte", "lt")))],
    "get_event_logs": ["try_number"],  # they name none
    "get_extra_links": ["try_number"],  # there are no extra links
    "get_task_instances": ["cursor", "task_group_id"],
}


class ContractTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false", "VENTURI__API__EXPOSE_CONFIG": "True"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.called = set()
        for name, text in (("shop", SHOP), ("maker", MAKER), ("taker", TAKER)):
            (cls.venturi.home / "dags" / f"{name}.yaml").write_text(text)
        cls.start_server("shop", "maker", "taker")
        (cls.venturi.home / "dags" / "broken.yaml").write_text("dag_id: broken\ntasks: 7\n")
        cls.api = Api(cls.venturi)

    def ask(self, operation, body=None, query="", raw=False, headers=(), **path):
        """The answer's body, checked; `path`: what stands in braces there."""
        declared = OPERATIONS[operation]
        url = declared["path"]
        for name, value in path.items():
            url = url.replace("{%s}" % name, str(value))
        self.assertNotIn("{", url, operation)
        status, answer = self.api(declared["method"], url + (f"?{query}" if query else ""), body, raw=raw, headers=headers)
        self.assertEqual(answer_problems(operation, status, answer) if not raw else [], [], answer)
        type(self).called.add(operation)
        return answer

    def finished_run(self, **body):
        run = self.ask("trigger_dag_run", {"logical_date": None, **body}, dag_id="shop")
        at = {"dag_id": "shop", "dag_run_id": run["dag_run_id"]}
        self.venturi.wait_until(lambda: self.ask("get_dag_run", **at)["state"] in ("success", "failed"))
        return at

    def test_1_dags(self):
        shop = {"dag_id": "shop"}
        self.assertEqual([d["dag_id"] for d in self.ask("get_dags", query="order_by=-dag_id")["dags"]], ["taker", "shop", "maker"])
        self.assertEqual([d["dag_id"] for d in self.ask("get_dags", query="has_asset_schedule=true")["dags"]], ["taker"])
        self.assertEqual([d["dag_id"] for d in self.ask("get_dags", query="asset_dependency=orders")["dags"]], ["taker"])
        self.assertEqual([d["dag_id"] for d in self.ask("get_dags", query="tags=orders&tags=x&tags_match_mode=all")["dags"]], [])
        self.assertEqual([d["dag_id"] for d in self.ask("get_dags", query="dag_id_prefix_pattern=sh|ta")["dags"]], ["shop", "taker"])
        token = self.ask("get_dag", **shop)["file_token"]
        self.ask("favorite_dag", **shop)
        self.assertEqual([d["dag_id"] for d in self.ask("get_dags", query="is_favorite=true")["dags"]], ["shop"])
        self.assertTrue(self.ask("get_dag_details", **shop)["is_favorite"])
        self.ask("unfavorite_dag", **shop)
        self.assertEqual(self.api("POST", "/api/v2/dags/shop/unfavorite"), (409, {"detail": "Dag is not marked as favorite"}))
        self.ask("patch_dag", {"is_paused": True}, **shop)
        self.assertEqual([d["dag_id"] for d in self.ask("get_dags", query="paused=true")["dags"]], ["shop"])
        self.assertEqual(self.ask("patch_dags", {"is_paused": False})["total_entries"], 0, "without a pattern none is meant")
        patched = self.ask("patch_dags", {"is_paused": False}, query="dag_id_pattern=%25op")
        self.assertEqual([(d["dag_id"], d["is_paused"]) for d in patched["dags"]], [("shop", False)])
        self.assertEqual(self.ask("get_dag_tags")["tags"], ["orders"])
        self.assertEqual(self.ask("get_dag_source", **shop)["content"], SHOP)
        self.assertEqual(self.ask("get_dag_source", raw=True, headers={"accept": "text/plain"}.items(), **shop), SHOP)
        self.ask("get_dag_versions", **shop)
        self.assertEqual(self.ask("get_dag_versions", dag_id="~")["total_entries"], 3)
        self.ask("get_dag_version", version_number=1, **shop)
        self.ask("reparse_dag_file", file_token=token)
        self.assertEqual(self.api("PUT", "/api/v2/parseDagFile/" + token[:-2])[0], 404)
        warning, = self.ask("list_dag_warnings")["dag_warnings"]
        self.assertEqual((warning["dag_id"], warning["message"]), ("maker", "Dag 'maker' references non-existent pools: ['not_there']"))
        error, = self.venturi.wait_until(lambda: self.ask("get_import_errors", query="filename_pattern=BROKEN")["import_errors"])
        self.assertEqual(self.ask("get_import_error", import_error_id=error["import_error_id"])["filename"], "broken.yaml")
        self.ask("get_tasks", query="order_by=-task_id", **shop)
        self.ask("get_task", task_id="first", **shop)

    def test_2_runs(self):
        run = self.finished_run(conf={"limit": 7}, note="by hand")
        listed = self.ask("get_dag_runs", dag_id="shop")
        batch = self.ask("get_list_dag_runs_batch", {"dag_ids": ["shop", "maker", "nope"], "order_by": "-run_after", "page_limit": 5}, dag_id="~")
        self.assertEqual([r["dag_run_id"] for r in batch["dag_runs"] if r["dag_id"] == "shop"][:1], [listed["dag_runs"][-1]["dag_run_id"]])
        self.ask("patch_dag_run", {"note": "looked at"}, **run)
        self.ask("clear_dag_run", {"dry_run": True}, **run)
        self.ask("clear_dag_run", {"dry_run": False}, **run)
        lines = self.ask("wait_dag_run_until_finished", query="interval=0.1&result=first&result=parts", raw=True, **run)
        self.assertEqual(json.loads(lines.splitlines()[-1]), {"state": "success", "results": {"first": "7", "parts": ["1", "2"]}})
        self.ask("get_upstream_asset_events", **run)
        stats, = (d for d in self.ask("get_dag_stats")["dags"] if d["dag_id"] == "shop")
        self.assertEqual([s["state"] for s in stats["stats"]], ["queued", "running", "success", "failed"])
        self.ask("delete_dag_run", **self.finished_run())
        some = [self.finished_run()["dag_run_id"] for _ in range(2)]
        self.assertEqual(self.ask("clear_dag_runs", {"dag_runs": [{"dag_run_id": r} for r in some]}, dag_id="shop")["total_entries"], 14)
        cleared = self.ask("clear_dag_runs", {"dag_runs": [{"dag_run_id": r, "dag_id": "shop"} for r in some], "dry_run": False}, dag_id="~")
        self.assertEqual(cleared["total_entries"], 2)
        for r in some:
            self.venturi.wait_until(lambda: self.ask("get_dag_run", dag_id="shop", dag_run_id=r)["state"] == "success")
        done = self.bulk("bulk_dag_runs", ("update", [{"dag_run_id": some[0], "state": "failed", "note": "no"}], {}),
                         ("delete", [some[1], {"dag_run_id": "nope"}], {"action_on_non_existence": "skip"}), dag_id="shop")
        self.assertEqual((done["update"]["success"], done["delete"]["success"]), ([f"shop.{some[0]}"], [f"shop.{some[1]}"]))
        self.assertEqual(self.ask("get_dag_run", dag_id="shop", dag_run_id=some[0])["note"], "no")

    def test_3_task_instances(self):
        run = self.finished_run()
        first = {**run, "task_id": "first"}
        self.ask("get_task_instances", **run)
        batch = self.ask("get_task_instances_batch", {"dag_ids": ["shop"], "dag_run_ids": [run["dag_run_id"]], "task_ids": ["first", "slow"]},
                         dag_id="~", dag_run_id="~")
        self.assertEqual(sorted(ti["task_id"] for ti in batch["task_instances"]), ["first", "slow"])
        self.assertEqual(self.ask("get_task_instance", **first)["rendered_fields"]["bash_command"], "echo hello; echo 3")
        self.ask("get_mapped_task_instances", task_id="parts", **run)
        part = {**run, "task_id": "parts", "map_index": 1}
        self.ask("get_mapped_task_instance", **part)
        self.ask("get_task_instance_tries", **first)
        self.ask("get_mapped_task_instance_tries", **part)
        self.ask("get_task_instance_try_details", task_try_number=1, **first)
        self.ask("get_mapped_task_instance_try_details", task_try_number=1, **part)
        self.assertEqual(self.ask("get_task_instance_dependencies", **first), {"dependencies": []})
        self.ask("get_task_instance_dependencies_by_map_index", **part)
        self.ask("get_extra_links", **first)
        self.ask("get_log", try_number=1, **first)
        self.assertEqual(self.api("GET", f"/api/v2/dags/shop/dagRuns/{run['dag_run_id']}/taskInstances/first/externalLogUrl/1")[0], 400)
        for operation in ("patch_task_instance", "patch_task_instance_dry_run"):
            self.ask(operation, {"new_state": "success"}, **first)
        for operation in ("patch_task_instance_by_map_index", "patch_task_instance_dry_run_by_map_index"):
            self.ask(operation, {"new_state": "success"}, **part)
        for operation in ("patch_task_group_instances_dry_run", "patch_task_group_instances"):
            marked = self.ask(operation, {"new_state": "skipped"}, group_id="both", **run)
            self.assertEqual(sorted(ti["task_id"] for ti in marked["task_instances"]), ["both.one", "both.two"])
        self.assertEqual({ti["state"] for ti in marked["task_instances"]}, {"skipped"})
        self.assertEqual(self.ask("patch_task_group_instances", {"note": "left out"}, group_id="both", **run)["task_instances"][0]["note"], "left out")
        self.assertEqual(self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run['dag_run_id']}/taskGroupInstances/nope", {"note": "x"}),
                         (404, {"detail": "Task group 'nope' not found in DAG 'shop'"}))
        done = self.bulk("bulk_task_instances", ("update", [{"task_id": "first", "new_state": "failed"}, {"task_id": "parts", "map_index": 0, "note": "odd"}], {}),
                         ("update", [{"task_id": "nope", "note": "x"}], {}), ("create", [{"task_id": "first"}], {}), **run)
        self.assertEqual(done["update"]["success"], [f"shop.{run['dag_run_id']}.first[-1]", f"shop.{run['dag_run_id']}.parts[0]"])
        self.assertEqual([error["status_code"] for action in ("update", "create") for error in done[action]["errors"]], [404, 405])
        self.ask("post_clear_task_instances", {"dag_run_id": run["dag_run_id"], "only_failed": False}, dag_id="shop")

    def test_4_a_running_try_s_log_goes_on_by_its_token(self):
        run = self.ask("trigger_dag_run", {"logical_date": None, "conf": {"sleep": 60}}, dag_id="shop")
        at = {"dag_id": "shop", "dag_run_id": run["dag_run_id"], "task_id": "slow"}
        self.venturi.wait_until(lambda: self.ask("get_task_instance", **at)["state"] == "running")
        log = self.ask("get_log", try_number=1, **at)
        self.assertIsNotNone(log["continuation_token"])
        self.ask("patch_dag_run", {"state": "failed"}, dag_id="shop", dag_run_id=run["dag_run_id"])
        def rest():
            more = self.ask("get_log", query="token=" + log["continuation_token"], try_number=1, **at)
            return more if more["continuation_token"] is None else None
        rest = self.venturi.wait_until(rest)
        whole = self.ask("get_log", try_number=1, **at)
        self.assertEqual(log["content"] + rest["content"], whole["content"])
        self.assertEqual(self.api("GET", f"/api/v2/dags/shop/dagRuns/{run['dag_run_id']}/taskInstances/slow/logs/1?token=forged"),
                         (400, {"detail": "Bad Signature. Please use only the tokens provided by the API."}))

    def test_5_xcoms(self):
        at = {**self.finished_run(), "task_id": "first"}
        self.assertEqual([x["key"] for x in self.ask("get_xcom_entries", **at)["xcom_entries"]], ["return_value"])
        self.ask("create_xcom_entry", {"key": "mine", "value": {"a": [1]}}, **at)
        status, body = self.api("POST", OPERATIONS["create_xcom_entry"]["path"].format(**at), {"key": "mine", "value": 1})
        self.assertEqual((status, body), (409, {"detail": "The XCom with key: `mine` with mentioned task instance already exists."}))
        self.ask("update_xcom_entry", {"value": "other"}, xcom_key="mine", **at)
        self.assertEqual(self.ask("get_xcom_entry", xcom_key="mine", **at)["value"], "other")
        self.assertEqual(self.api("GET", OPERATIONS["get_xcom_entry"]["path"].format(xcom_key="mine", **at) + "?deserialize=true"),
                         (400, {"detail": "XCom deserialization is disabled in configuration."}))
        self.assertEqual(self.ask("get_xcom_entries", query="xcom_key_pattern=MI", **{**at, "dag_id": "~", "dag_run_id": "~", "task_id": "~"})["total_entries"], 1)
        self.ask("delete_xcom_entry", xcom_key="mine", **at)
        self.assertEqual(self.api("GET", OPERATIONS["get_xcom_entry"]["path"].format(xcom_key="mine", **at))[0], 404)

    def test_5_state_stores_of_tasks(self):
        run = self.finished_run()
        at = {**run, "task_id": "first"}
        path = OPERATIONS["list_task_state_store"]["path"].format(**at)
        self.assertEqual(self.ask("list_task_state_store", **at), {"task_state_store": [], "total_entries": 0})
        self.ask("set_task_state_store", {"value": {"job": [1, 2]}}, key="job", **at)
        self.assertEqual(self.api("PUT", path + "/a%2Fb%20c", {"value": "kept", "expires_at": None})[0], 204)
        self.assertEqual(self.api("PUT", path + "/until", {"value": 0, "expires_at": "2999-01-01T00:00:00+01:00"})[0], 204)
        listed = self.ask("list_task_state_store", **at)
        self.assertEqual([(s["key"], s["value"]) for s in listed["task_state_store"]], [("a/b c", "kept"), ("job", {"job": [1, 2]}), ("until", 0)])
        by_itself = datetime.datetime.fromisoformat(self.ask("get_task_state_store", key="job", **at)["expires_at"].replace("Z", "+00:00"))
        days = (by_itself - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 86400
        self.assertAlmostEqual(days, 30, delta=0.1)
        self.assertEqual([s["expires_at"] for s in listed["task_state_store"]][::2], [None, "2998-12-31T23:00:00Z"])
        self.ask("patch_task_state_store", {"value": 7}, key="until", **at)
        patched = self.ask("get_task_state_store", key="until", **at)
        self.assertEqual((patched["value"], patched["expires_at"]), (7, "2998-12-31T23:00:00Z"), "its time stays")
        page = self.ask("list_task_state_store", query="limit=1&offset=1", **at)
        self.assertEqual(([s["key"] for s in page["task_state_store"]], page["total_entries"]), (["job"], 3))
        self.ask("delete_task_state_store", key="job", **at)
        self.ask("delete_task_state_store", key="job", **at)  # none is no error
        self.assertEqual(self.api("GET", path + "/job"), (404, {"detail": "Task state store key 'job' not found"}))
        self.assertEqual(self.api("PATCH", path + "/job", {"value": 1}), (404, {"detail": "Task state store key 'job' not found"}))
        # Each instance of a mapped task has its own.
        parts = {**run, "task_id": "parts"}
        for index in (0, 1):
            self.ask("set_task_state_store", {"value": index}, query=f"map_index={index}", key="k", **parts)
        self.assertEqual(self.ask("get_task_state_store", query="map_index=1", key="k", **parts)["value"], 1)
        status, body = self.api("PUT", OPERATIONS["list_task_state_store"]["path"].format(**parts) + "/k", {"value": 1})
        self.assertEqual((status, body["detail"]), (404, f"Task instance not found for dag_id='shop', run_id='{run['dag_run_id']}', task_id='parts', map_index=-1"))
        self.ask("clear_task_state_store", query="map_index=0", **parts)
        self.assertEqual([self.ask("list_task_state_store", query=f"map_index={index}", **parts)["total_entries"] for index in (0, 1)], [0, 1])
        self.ask("clear_task_state_store", query="all_map_indices=true", **parts)
        self.assertEqual(self.ask("list_task_state_store", query="map_index=1", **parts)["total_entries"], 0)
        self.ask("clear_task_state_store", **at)
        self.assertEqual(self.ask("list_task_state_store", **at)["total_entries"], 0)
        # They go with their run, and a run of the same name begins without.
        self.ask("set_task_state_store", {"value": 1}, key="k", **at)
        self.ask("delete_dag_run", **run)
        self.assertEqual(self.ask("list_task_state_store", **at)["total_entries"], 0)
        self.ask("trigger_dag_run", {"logical_date": None, "dag_run_id": run["dag_run_id"]}, dag_id="shop")
        self.assertEqual(self.ask("list_task_state_store", **at)["total_entries"], 0)

    def test_5_a_task_instance_is_deleted(self):
        run = self.finished_run()
        at = {**run, "task_id": "first"}
        path = OPERATIONS["get_task_instance"]["path"].format(**at)
        gone = (404, {"detail": f"The Task Instance with dag_id: `shop`, run_id: `{run['dag_run_id']}`, task_id: `first`, and map_index: `-1` was not found"})
        self.ask("patch_task_instance", {"note": "mine"}, **at)
        self.ask("set_task_state_store", {"value": 1}, key="k", **at)
        logs = self.venturi.home / "logs" / "dag_id=shop" / f"run_id={run['dag_run_id']}" / "task_id=first"
        self.assertTrue(logs.exists())
        self.assertIsNone(self.ask("delete_task_instance", **at))
        self.assertEqual(self.api("DELETE", path), gone)
        self.assertEqual(self.api("GET", path)[0], 404)
        self.assertFalse(logs.exists())
        self.assertEqual(self.ask("get_xcom_entries", **at)["total_entries"], 0)
        self.assertEqual(self.ask("list_task_state_store", **at)["total_entries"], 0)
        self.assertEqual(self.ask("get_task_instances", **run)["total_entries"], 6)
        self.assertEqual(self.ask("get_dag_run", **run)["state"], "success", "the run stays as it was")
        parts = OPERATIONS["get_task_instance"]["path"].format(**{**run, "task_id": "parts"})
        self.assertEqual(self.api("DELETE", parts)[0], 404, "it has none without an index")
        status, body = self.api("DELETE", parts + "?map_index=0")
        self.assertEqual((status, "mapped task cannot be deleted" in body["detail"]), (400, True), body)
        # What is below it waits for one that is not there, as in Airflow, and everything else runs.
        self.ask("clear_dag_run", {"dry_run": False, "only_failed": False}, **run)
        self.venturi.wait_until(lambda: self.ask("get_dag_run", **run)["state"] in ("success", "failed"))
        states = {ti["task_id"]: ti["state"] for ti in self.ask("get_task_instances", **run)["task_instances"]}
        self.assertNotIn("first", states)
        self.assertEqual((states["slow"], states["parts"], states["both.one"]), ("success", "success", "success"))
        self.assertNotEqual(states["second"], "success")
        active = self.ask("trigger_dag_run", {"logical_date": None, "conf": {"sleep": 60}}, dag_id="shop")["dag_run_id"]
        self.venturi.wait_until(lambda: self.ask("get_task_instance", dag_id="shop", dag_run_id=active, task_id="first")["state"] == "success")
        self.assertEqual(self.api("DELETE", OPERATIONS["get_task_instance"]["path"].format(dag_id="shop", dag_run_id=active, task_id="first"))[0], 409)
        self.ask("patch_dag_run", {"state": "failed"}, dag_id="shop", dag_run_id=active)
        self.venturi.wait_until(lambda: self.ask("get_dag_run", dag_id="shop", dag_run_id=active)["state"] == "failed")

    def test_5_state_stores_of_assets(self):
        asset, = (a for a in self.ask("get_assets")["assets"] if a["name"] == "orders")
        at = {"asset_id": asset["id"]}
        self.ask("set_asset_state_store", {"value": {"cursor": 7}}, key="watermark", **at)
        self.ask("set_asset_state_store", {"value": [1]}, key="other", **at)
        self.ask("set_asset_state_store", {"value": {"cursor": 8}}, key="watermark", **at)
        self.assertEqual([(s["key"], s["value"]) for s in self.ask("list_asset_state_store", **at)["asset_state_store"]], [("other", [1]), ("watermark", {"cursor": 8})])
        state = self.ask("get_asset_state_store", key="watermark", **at)
        self.assertEqual((state["value"], state["last_updated_by"]["kind"]), ({"cursor": 8}, "api"))
        self.ask("delete_asset_state_store", key="watermark", **at)
        self.assertEqual(self.ask("list_asset_state_store", query="limit=5", **at)["total_entries"], 1)
        self.ask("clear_asset_state_store", **at)
        self.assertEqual(self.ask("list_asset_state_store", **at), {"asset_state_store": [], "total_entries": 0})
        self.assertEqual(self.api("GET", f"/api/v2/assets/{asset['id']}/state-store/none"), (404, {"detail": "Asset state store key 'none' not found"}))
        events = [row["event"] for row in self.ask("get_event_logs", query="event_pattern=state_store&order_by=-id")["event_logs"]]
        self.assertEqual(events[:2], ["clear_asset_state_store", "delete_asset_state_store"])

    def bulk(self, operation, *actions, **path):
        return self.ask(operation, {"actions": [{"action": action, "entities": entities, **more} for action, entities, more in actions]}, **path)

    def test_6_pools(self):
        self.ask("post_pool", {"name": "etl", "slots": 2})
        self.ask("get_pool", pool_name="etl")
        self.ask("patch_pool", {"slots": 5, "include_deferred": True}, pool_name="etl")
        done = self.bulk("bulk_pools",
                         ("create", [{"name": "a", "slots": 1}, {"name": "etl", "slots": 1}], {}),
                         ("create", [{"name": "a", "slots": 1}, {"name": "etl", "slots": 1}], {"action_on_existence": "skip"}),
                         ("update", [{"name": "a", "slots": 4, "description": "kept out"}], {"update_mask": ["slots"]}),
                         ("delete", ["nope"], {}), ("delete", ["nope", "a"], {"action_on_non_existence": "skip"}))
        self.assertEqual(done["create"], {"success": ["a"], "errors": [{"error": "The pools with these pool names: {'etl'} already exist.", "status_code": 409}]})
        self.assertEqual(done["update"], {"success": ["a"], "errors": []})
        self.assertEqual(done["delete"], {"success": ["a"], "errors": [{"error": "The pools with these pool names: {'nope'} were not found.", "status_code": 404}]})
        self.assertEqual([p["name"] for p in self.ask("get_pools", query="order_by=-name&pool_name_pattern=%25")["pools"]], ["etl", "default_pool"])
        self.ask("delete_pool", pool_name="etl")

    def test_6_variables(self):
        self.ask("post_variable", {"key": "shop", "value": {"name": "x", "password": "s3cret"}})
        self.ask("patch_variable", {"key": "shop", "value": {"name": "y", "password": "***"}}, variable_key="shop")
        self.assertEqual(json.loads(self.venturi.cli("variables", "get", "shop")), {"name": "y", "password": "s3cret"})
        self.ask("get_variable", variable_key="shop")
        servers = [{"host": host, "login": {"password": f"s3cret of {host}"}} for host in "ab"]
        self.ask("post_variable", {"key": "servers", "value": servers})
        shown = json.loads(self.ask("get_variable", variable_key="servers")["value"])
        self.ask("patch_variable", {"key": "servers", "value": [shown[1], {"host": "c"}]}, variable_key="servers")
        self.assertEqual(json.loads(self.venturi.cli("variables", "get", "servers")), [servers[1], {"host": "c"}])
        self.ask("delete_variable", variable_key="servers")
        done = self.bulk("bulk_variables", ("create", [{"key": "shop", "value": "new"}], {"action_on_existence": "overwrite"}), ("delete", [{"key": "shop", "value": ""}], {}))
        self.assertEqual((done["create"]["success"], done["update"], done["delete"]["success"]), (["shop"], None, ["shop"]))
        self.assertEqual(self.ask("get_variables")["total_entries"], 0)
        self.ask("post_variable", {"key": "gone", "value": "1"})
        self.ask("delete_variable", variable_key="gone")

    def test_6_connections(self):
        self.ask("post_connection", {"connection_id": "db", "conn_type": "postgres", "host": "h", "password": "s3cret"})
        self.ask("patch_connection", {"connection_id": "db", "conn_type": "postgres", "host": "other"}, connection_id="db")
        self.ask("get_connection", connection_id="db")
        done = self.bulk("bulk_connections", ("update", [{"connection_id": "db", "conn_type": "postgres", "port": 5433}], {}),
                         ("create", [{"connection_id": "not allowed!\n", "conn_type": "http"}], {}))
        self.assertEqual((done["update"]["success"], done["create"]["success"], done["create"]["errors"][0]["status_code"]), (["db"], [], 400))
        connection, = self.ask("get_connections", query="connection_id_pattern=DB")["connections"]
        self.assertEqual((connection["host"], connection["port"], connection["password"]), ("other", 5433, "***"))
        status, body = self.api("POST", "/api/v2/connections/test", {"connection_id": "db", "conn_type": "postgres"})
        self.assertEqual((status, body["detail"][:31]), (403, "Testing connections is disabled"))
        self.ask("delete_connection", connection_id="db")

    def test_7_assets(self):
        self.venturi.wait_until(lambda: self.ask("get_assets")["total_entries"] == 2)
        orders, other = self.ask("get_assets", query="order_by=name")["assets"]
        asset = {"asset_id": orders["id"]}
        self.ask("get_asset", **asset)
        self.assertEqual(self.ask("get_assets", query="name_pattern=ORD&dag_ids=taker")["total_entries"], 1)
        self.ask("get_asset_aliases")
        self.ask("create_asset_event", {"asset_id": orders["id"]})
        self.ask("get_asset_events", query="order_by=-timestamp&name_pattern=orders")
        self.ask("get_asset_queued_events", **asset)
        self.ask("get_dag_asset_queued_events", dag_id="taker")
        self.ask("get_dag_asset_queued_event", dag_id="taker", **asset)
        self.ask("delete_dag_asset_queued_event", dag_id="taker", **asset)
        self.assertEqual(self.api("DELETE", f"/api/v2/assets/{orders['id']}/queuedEvents")[0], 404, "nothing is queued")
        for operation, path in (("delete_asset_queued_events", asset), ("delete_dag_asset_queued_events", {"dag_id": "taker"})):
            self.ask("create_asset_event", {"asset_id": orders["id"]})
            self.ask(operation, **path)
        run = self.ask("materialize_asset", {}, **asset)
        self.assertEqual((run["dag_id"], run["run_type"], run["dag_run_id"][:23]), ("maker", "asset_materialization", "asset_materialization__"))
        self.assertEqual(self.api("POST", f"/api/v2/assets/{other['id']}/materialize", {}), (404, {"detail": f"No Dag materializes asset with ID: {other['id']}"}))

    def test_7_backfills(self):
        wanted = {"dag_id": "maker", "from_date": "2024-02-01T00:00:00Z", "to_date": "2024-02-03T00:00:00Z"}
        self.assertEqual(self.ask("create_backfill_dry_run", wanted)["total_entries"], 3)
        at = {"backfill_id": self.ask("create_backfill", wanted)["id"]}
        self.ask("list_backfills", query="dag_id=maker")
        for operation in ("get_backfill", "pause_backfill", "unpause_backfill", "cancel_backfill"):
            self.ask(operation, **at)

    def test_8_event_logs_tell_who_changed_what(self):
        self.ask("post_connection", {"connection_id": "logged", "conn_type": "http", "password": "s3cret", "extra": '{"a": "s3cret"}'})
        self.venturi.cli("variables", "set", "by_hand", "s3cret")
        self.api("POST", "/api/v2/pools", {"name": "no/slash", "slots": 1})
        logs = self.ask("get_event_logs", query="order_by=-event_log_id&included_events=post_connection&included_events=cli_variables_set&limit=2")["event_logs"]
        self.assertEqual([(row["event"], row["owner"]) for row in logs[1:]], [("post_connection", "admin")])
        self.assertEqual(logs[0]["event"], "cli_variables_set")
        self.assertIn("logged", logs[1]["extra"])
        self.assertNotIn("s3cret", json.dumps(self.ask("get_event_logs")))
        self.assertEqual([row for row in self.ask("get_event_logs", query="event=post_pool")["event_logs"] if "no/slash" in row["extra"]], [], "what was refused is none")
        self.assertEqual(self.api("GET", "/api/v2/eventLogs?order_by=event&order_by=-when")[0], 400, "not ignored")
        self.assertEqual(self.ask("get_event_log", event_log_id=logs[0]["event_log_id"]), logs[0])
        of_dag = self.ask("get_event_logs", query="dag_id_pattern=SHO&excluded_events=patch_dag&owner_prefix_pattern=adm&after=2024-01-01T00:00:00Z")
        self.assertTrue(all(row["dag_id"] == "shop" for row in of_dag["event_logs"]))
        self.assertIn("trigger_dag_run", {row["event"] for row in of_dag["event_logs"]})

    def test_8_the_server(self):
        self.ask("get_version")
        health = self.ask("get_health")
        self.assertEqual({part: said["status"] for part, said in health.items()},
                         dict.fromkeys(("metadatabase", "scheduler", "triggerer", "dag_processor", "worker", "disk"), "healthy"))
        sections = {s["name"]: {o["key"]: o["value"] for o in s["options"]} for s in self.ask("get_config")["sections"]}
        self.assertEqual(sections["api"]["expose_config"], "True")
        self.assertIn("[core]\n", self.ask("get_config", query="section=core", raw=True, headers={"accept": "text/plain"}.items()))
        self.assertEqual(self.ask("get_config_value", section="api", option="host")["sections"][0]["options"], [{"key": "host", "value": "127.0.0.1"}])
        self.assertEqual({job["job_type"] for job in self.ask("get_jobs", query="is_alive=true")["jobs"]}, {"SchedulerJob", "TriggererJob", "DagProcessorJob"})
        self.assertIn("venturi-providers-postgres", [p["package_name"] for p in self.ask("get_providers")["providers"]])
        self.ask("get_plugins")
        self.ask("import_errors")
        self.assertEqual(self.ask("get_plugins")["plugins"], [])

    def test_9_a_dag_is_deleted(self):
        self.api("PATCH", "/api/v2/dags/taker", {"is_paused": True})
        (self.venturi.home / "dags" / "taker.yaml").unlink()
        self.venturi.wait_until(lambda: self.ask("get_dags", query="exclude_stale=false&dag_id_pattern=taker")["dags"][0]["is_stale"])
        self.assertEqual(self.ask("get_dags", query="dag_id_pattern=taker")["total_entries"], 0)
        self.assertEqual(self.ask("patch_dags", {"is_paused": False}, query="dag_id_pattern=taker")["dags"], [], "whose file is gone")
        self.assertEqual(self.api("PATCH", "/api/v2/dags?dag_id_pattern=taker&exclude_stale=false", {"is_paused": False})[0], 400, "not ignored")
        self.ask("delete_dag", dag_id="taker", raw=True)
        self.assertEqual(self.api("DELETE", "/api/v2/dags/nope"), (404, {"detail": "Dag with id: nope was not found"}))
        run = self.ask("trigger_dag_run", {"logical_date": None, "conf": {"sleep": 60}}, dag_id="shop")
        self.assertEqual(self.api("DELETE", "/api/v2/dags/shop"), (409, {"detail": "Task instances of dag with id: 'shop' are still running"}))
        self.ask("patch_dag_run", {"state": "failed"}, dag_id="shop", dag_run_id=run["dag_run_id"])
        self.venturi.wait_until(lambda: self.api("DELETE", "/api/v2/dags/shop")[0] == 204)
        self.assertEqual(self.ask("get_dag_runs", dag_id="shop")["total_entries"], 0, "its file is there: so is the DAG, without a past")

    def test_9_runs_of_a_partition(self):
        (self.venturi.home / "dags" / "days.yaml").write_text(DAYS)
        self.venturi.wait_for_dag("days", others_may_fail=True)
        runs = [self.ask("trigger_dag_run", {"logical_date": None, "partition_key": key}, dag_id="days")["dag_run_id"] for key in ("a", "a|b", "a")]
        for run in runs:
            self.venturi.wait_until(lambda: self.ask("get_dag_run", dag_id="days", dag_run_id=run)["state"] == "success")
        clear = lambda **body: self.ask("clear_dag_runs", body, dag_id="days")
        self.assertEqual([ti["dag_run_id"] for ti in clear(partition_key="a")["task_instances"]], [runs[0], runs[2]])
        self.assertEqual([run["dag_run_id"] for run in clear(partition_key="a|b", dry_run=False)["dag_runs"]], [runs[1]])
        self.assertEqual(clear(partition_key="c")["total_entries"], 0)
        self.assertEqual(clear(partition_date_start="2999-01-01T00:00:00Z")["total_entries"], 0)
        self.assertEqual(self.ask("get_dag_runs", query="partition_date_gte=2999-01-01T00:00:00Z", dag_id="days")["total_entries"], 0)
        self.assertEqual(self.ask("get_dag_runs", query="partition_key_prefix_pattern=a|x", dag_id="days")["total_entries"], 3)
        path = "/api/v2/dags/{}/clearDagRuns"
        self.assertEqual(self.api("POST", path.format("days"), {"partition_key": "a", "dag_runs": [{"dag_run_id": runs[0]}]})[0], 422)
        self.assertEqual(self.api("POST", path.format("~"), {"partition_key": "a"})[0], 400, "of which DAG")
        self.assertEqual(self.api("POST", path.format("nope"), {"partition_key": "a"})[0], 404)
        forget = lambda **body: tuple(self.ask("clear_dag_run_partitions", body, dag_id="days")[name] for name in ("dag_runs_cleared", "task_instances_cleared", "dry_run"))
        keys = lambda: [self.ask("get_dag_run", dag_id="days", dag_run_id=run)["partition_key"] for run in runs]
        self.venturi.wait_until(lambda: self.ask("get_dag_run", dag_id="days", dag_run_id=runs[1])["state"] == "success")
        self.assertEqual(forget(partition_key="a"), (2, 0, True), "it only says what it would do")
        self.assertEqual(forget(partition_key="a", clear_task_instances=True), (2, 2, True))
        self.assertEqual(keys(), ["a", "a|b", "a"])
        self.assertEqual(forget(partition_key="a", dry_run=False), (2, 0, False))
        self.assertEqual(keys(), [None, "a|b", None])
        self.assertEqual(forget(run_id=runs[1], dry_run=False, clear_task_instances=True), (1, 1, False))
        self.venturi.wait_until(lambda: self.ask("get_dag_run", dag_id="days", dag_run_id=runs[1])["state"] == "success")
        self.assertEqual(keys(), [None, None, None])
        self.assertEqual(forget(partition_key="a"), (0, 0, True))
        path = "/api/v2/dags/{}/clearPartitions"
        for body in ({}, {"run_id": "a", "partition_key": "a"}, {"partition_date_start": "2026-01-02T00:00:00Z", "partition_date_end": "2026-01-01T00:00:00Z"}, {"run_id": 7}):
            self.assertEqual(self.api("POST", path.format("days"), body)[0], 422, body)
        self.assertEqual(self.api("POST", path.format("nope"), {"partition_key": "a"})[0], 404)
        self.assertEqual(self.api("POST", path.format("days"), {"run_id": "nope"})[0], 404)

    def test_z_every_parameter_of_airflow_is_taken(self):
        taken = {operation["operationId"]: {of["name"] for of in operation["parameters"] if of["in"] == "query"}
                 for path in self.api("GET", "/openapi.json", token=None)[1]["paths"].values() for operation in path.values()}
        missing = {(operation, name) for operation, names in taken.items() for name in OPERATIONS.get(operation, {}).get("query", ()) if name not in names}
        self.assertEqual(missing, {(operation, name) for operation, names in NOT_SERVED.items() for name in names})

    def test_z_every_endpoint_was_called(self):
        served = {operation["operationId"] for path in self.api("GET", "/openapi.json", token=None)[1]["paths"].values() for operation in path.values()}
        ours = {"openapi", "post_pause_backfill", "post_unpause_backfill", "post_cancel_backfill"}  # not Airflow's
        elsewhere = {"create_token", "create_token_cli", "login", "logout", "get_external_log_url", "get_asset_alias", "test_connection", "metrics"}  # api_test, bad input, upkeep
        self.assertEqual(served - ours - elsewhere - self.called, set(), "an endpoint that nobody checks")


if __name__ == "__main__":
    unittest.main()
