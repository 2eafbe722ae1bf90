"""The REST API of a real server, over HTTP: Airflow's paths, bodies, statuses and texts."""

import gzip
import http.client
import json
import os
import pathlib
import signal
import time
import unittest

from support.api import Api
from support.case import HomeCase
from support.schemas import SCHEMAS, problems

DAG = """
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
"""


class ApiTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.venturi.home / "dags" / "shop.yaml").write_text(DAG)
        cls.start_server("shop")
        cls.api = Api(cls.venturi)

    def trigger(self, **body):
        status, run = self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": None, **body})
        self.assertEqual(status, 200, run)
        self.assert_members("DAGRunResponse", run)
        return run["dag_run_id"]

    def run_of(self, run_id):
        return self.api.get(f"/api/v2/dags/shop/dagRuns/{run_id}")

    def wait_for(self, run_id, *states):
        return self.venturi.wait_until(lambda: (run := self.run_of(run_id))["state"] in (states or ("success", "failed")) and run)

    def tasks_of(self, run_id):
        return {ti["task_id"]: ti for ti in self.api.get(f"/api/v2/dags/shop/dagRuns/{run_id}/taskInstances")["task_instances"]}

    def assert_members(self, schema, body):
        self.assertEqual(problems(body, SCHEMAS[schema]), [], schema)

    def test_what_needs_no_token(self):
        self.assertEqual(self.api("GET", "/api/v2/version", token=None)[0], 200)
        status, health = self.api("GET", "/api/v2/monitor/health", token=None)
        self.assertEqual((status, health["scheduler"]["status"], health["metadatabase"]["status"]), (200, "healthy", "healthy"))
        self.assertIn("/api/v2/dags/{dag_id}/dagRuns", self.api("GET", "/openapi.json", token=None)[1]["paths"])

    def test_tokens(self):
        self.assertEqual(self.api("GET", "/api/v2/dags", token=None), (401, {"detail": "Not authenticated"}))
        self.assertEqual(self.api("GET", "/api/v2/dags", token="nonsense"), (403, {"detail": "Invalid JWT token"}))
        self.assertEqual(self.api("GET", "/api/v2/dags", token=None, headers={"authorization": "Basic YWRtaW46YWRtaW4="}.items())[0], 401)
        self.assertEqual(self.api("GET", "/api/v2/dags", token=None, headers={"cookie": f"a=b; _token={self.api.token}"}.items())[0], 200)
        self.assertEqual(self.api("POST", "/auth/token", {"username": "admin", "password": "wrong"}, token=None), (401, {"detail": "Invalid credentials"}))
        self.assertEqual(self.api("POST", "/auth/token", {"username": "admin"}, token=None), (422, {"detail": "Username and password must be provided"}))

    def test_dags(self):
        dags = self.api.get("/api/v2/dags")
        self.assertEqual(([dag["dag_id"] for dag in dags["dags"]], dags["total_entries"]), (["shop"], 1))
        self.assert_members("DAGResponse", dags["dags"][0])
        self.assert_members("DAGDetailsResponse", self.api.get("/api/v2/dags/shop/details"))
        self.assertEqual(self.api.get("/api/v2/dags?tags=other")["total_entries"], 0)
        self.assertEqual(self.api.get("/api/v2/dags?dag_id_pattern=SH%25p")["total_entries"], 1)
        tasks = self.api.get("/api/v2/dags/shop/tasks")["tasks"]
        self.assertEqual([task["task_id"] for task in tasks], ["first", "second", "slow"])
        self.assert_members("TaskResponse", tasks[0])
        self.assertEqual(self.api("GET", "/api/v2/dags/nope"), (404, {"detail": "The Dag with ID: `nope` was not found"}))
        status, dag = self.api("PATCH", "/api/v2/dags/shop", {"is_paused": True})
        self.assertEqual((status, dag["is_paused"]), (200, True))
        self.assertEqual(self.api("PATCH", "/api/v2/dags/shop", {"is_paused": False})[1]["is_paused"], False)

    def test_a_run_from_trigger_to_log(self):
        run_id = self.trigger(conf={"limit": 7}, dag_run_id="by_hand+1")
        self.assertEqual(self.wait_for("by_hand+1")["state"], "success")
        tasks = self.tasks_of("by_hand+1")
        self.assert_members("TaskInstanceResponse", tasks["first"])
        self.assertEqual([(tasks[t]["state"], tasks[t]["try_number"]) for t in ("first", "second")], [("success", 1), ("success", 1)])
        tries = self.api.get("/api/v2/dags/shop/dagRuns/by_hand%2B1/taskInstances/first/tries")
        self.assert_members("TaskInstanceHistoryResponse", tries["task_instances"][0])
        entries = self.api.get("/api/v2/dags/shop/dagRuns/by_hand+1/taskInstances/~/xcomEntries")["xcom_entries"]
        self.assertEqual([(x["task_id"], x["key"]) for x in entries], [("first", "return_value"), ("slow", "return_value")])
        self.assert_members("XComResponse", entries[0])
        entry = self.api.get("/api/v2/dags/shop/dagRuns/by_hand+1/taskInstances/first/xcomEntries/return_value")
        self.assertEqual(entry["value"], "7")
        log = self.api.get("/api/v2/dags/shop/dagRuns/by_hand+1/taskInstances/first/logs/1")
        self.assertIn("hello", [line["event"] for line in log["content"]])
        status, stream = self.api("GET", "/api/v2/dags/shop/dagRuns/by_hand+1/taskInstances/first/logs/1", headers={"accept": "application/x-ndjson"}.items(), raw=True)
        self.assertEqual((status, len(stream.splitlines())), (200, len(log["content"])))
        self.assertEqual(self.api("DELETE", "/api/v2/dags/shop/dagRuns/by_hand+1")[0], 204)
        self.assertEqual(self.api("GET", "/api/v2/dags/shop/dagRuns/by_hand+1")[0], 404)
        self.assertEqual(run_id, "by_hand+1")

    def test_runs_are_listed_and_refused(self):
        for day in (3, 1, 2):
            self.trigger(logical_date=f"2024-01-0{day}T00:00:00Z", dag_run_id=f"day{day}")
        dated = [r["dag_run_id"] for r in self.api.get("/api/v2/dags/shop/dagRuns?order_by=logical_date&logical_date_gte=2024-01-02T00:00:00Z&logical_date_lte=2024-02-01T00:00:00Z")["dag_runs"]]
        self.assertEqual(dated, ["day2", "day3"])
        page = self.api.get("/api/v2/dags/shop/dagRuns?limit=1&offset=1&order_by=-logical_date&logical_date_lte=2024-02-01T00:00:00Z")
        self.assertEqual(([r["dag_run_id"] for r in page["dag_runs"]], page["total_entries"]), (["day2"], 3))
        status, body = self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": "2024-01-01T00:00:00Z"})
        self.assertEqual((status, body["detail"]["reason"]), (409, "Unique constraint violation"))
        status, body = self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": None, "conf": {"limit": 0}})
        self.assertEqual(status, 400)
        self.assertIn("limit", body["detail"])
        self.assertEqual(self.api("POST", "/api/v2/dags/shop/dagRuns", {})[1]["detail"][0]["type"], "missing")
        self.assertEqual(self.api("POST", "/api/v2/dags/shop/dagRuns", b"{")[1]["detail"][0]["type"], "json_invalid")
        self.assertEqual(self.api("GET", "/api/v2/dags/shop/dagRuns?order_by=nope")[0], 400)
        self.assertEqual(self.api("GET", "/api/v2/dags/shop/dagRuns?limit=-1")[0], 422)
        for unserved in ("consuming_asset_pattern=orders", "cursor="):
            self.assertEqual(self.api("GET", "/api/v2/dags/shop/dagRuns?" + unserved)[0], 400, "a filter is never ignored")
        status, body = self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": None, "partition_key": "de"})
        self.assertEqual(status, 400)
        self.assertIn("Dag 'shop' is not a partitioned Dag", body["detail"])
        self.assertEqual(self.api("GET", "/api/v2/dags/..%2F..%2Fetc/dagRuns/passwd")[0], 404)

    def test_waiting_for_a_run(self):
        run_id = self.trigger()
        status, lines = self.api("GET", f"/api/v2/dags/shop/dagRuns/{run_id}/wait?interval=0.1", raw=True)
        self.assertEqual((status, json.loads(lines.splitlines()[-1])), (200, {"state": "success"}))
        self.assertEqual(self.api("GET", f"/api/v2/dags/shop/dagRuns/{run_id}/wait")[0], 422)
        self.assertEqual(self.api("GET", f"/api/v2/dags/shop/dagRuns/{run_id}/wait?interval=often")[0], 422)

    def open_stream(self, path, **headers):
        """The answer, whose pieces are read as they come, and its connection."""
        connection = http.client.HTTPConnection(self.api.url.removeprefix("http://"), timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", path, headers={"authorization": f"Bearer {self.api.token}", **headers})
        return connection.getresponse(), connection

    def test_waiting_tells_of_a_run_while_it_runs(self):
        run_id = self.trigger(conf={"sleep": 60})
        answer, _ = self.open_stream(f"/api/v2/dags/shop/dagRuns/{run_id}/wait?interval=0.1")
        self.assertEqual((answer.status, answer.getheader("transfer-encoding"), answer.getheader("content-type")), (200, "chunked", None))
        lines = [json.loads(answer.readline()) for _ in range(3)]
        self.assertEqual(lines[-1], {"state": "running"}, lines)
        self.venturi.wait_until(lambda: self.tasks_of(run_id)["slow"]["state"] == "running")
        log, _ = self.open_stream(f"/api/v2/dags/shop/dagRuns/{run_id}/taskInstances/slow/logs/1", accept="application/x-ndjson")
        self.assertIsNotNone(log.getheader("airflow-continuation-token"), "it goes on")
        log.read()
        self.assertEqual(self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run_id}", {"state": "failed"})[0], 200)
        self.assertEqual(json.loads(answer.read().splitlines()[-1]), {"state": "failed"})

    def test_waiting_ends_when_the_client_goes_or_the_run_does(self):
        run_id = self.trigger(conf={"sleep": 60})
        path = f"/api/v2/dags/shop/dagRuns/{run_id}/wait?interval=1000"
        answer, connection = self.open_stream(path)
        answer.readline()
        port = connection.sock.getsockname()[1] if connection.sock else answer.fp.raw._sock.getsockname()[1]
        answer.close()
        connection.close()
        def connections():
            rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
            return [row for row in rows if int(row[2].split(":")[1], 16) == port]  # of the server, to this client
        self.venturi.wait_until(lambda: not connections(), what="the end of the server's connection")
        answer, _ = self.open_stream(path.replace("1000", "0.1"))
        answer.readline()
        self.assertEqual(self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run_id}", {"state": "failed"})[0], 200)
        self.venturi.wait_until(lambda: self.api("DELETE", f"/api/v2/dags/shop/dagRuns/{run_id}")[0] in (204, 404))
        try:  # its end was told, or it was gone first
            answer.read()
        except http.client.IncompleteRead:
            pass

    def test_a_large_log_is_sent_in_pieces(self):
        run_id = self.trigger()
        self.wait_for(run_id)
        path = f"/api/v2/dags/shop/dagRuns/{run_id}/taskInstances/first/logs/1"
        self.venturi.wait_until(lambda: self.api.get(path)["continuation_token"] is None, what="the end of the log")
        log = next((self.venturi.home / "logs").glob(f"**/run_id={run_id}/task_id=first/attempt=1.log"))
        line = json.dumps({"timestamp": "2024-01-01T00:00:00Z", "event": "x" * 1000, "level": "info", "logger": "task"})
        with log.open("a") as file:
            file.writelines([line + "\n"] * 20_000 + ["cut off"])
        whole = log.read_bytes().decode().splitlines()
        for is_compressed in (False, True):
            if is_compressed:
                log.with_name(log.name + ".gz").write_bytes(gzip.compress(log.read_bytes(), 1))
                log.unlink()
            answer, _ = self.open_stream(path, accept="application/x-ndjson")
            self.assertEqual((answer.getheader("transfer-encoding"), answer.getheader("content-type"), answer.getheader("airflow-continuation-token")),
                             ("chunked", "application/x-ndjson", None))
            lines = answer.read().decode().splitlines()
            self.assertEqual((lines[:-1] == whole[:-1], json.loads(lines[-1])), (True, {"event": "cut off"}))
            pages, token = [], ""
            while token is not None:
                page = self.api.get(f"{path}?token={token}")
                pages.append(len(page["content"]))
                token = page["continuation_token"]
            self.assertEqual((sum(pages), len(pages)), (len(whole), 6))

    def test_notes(self):
        run_id = self.trigger(note="by hand")
        run = f"/api/v2/dags/shop/dagRuns/{run_id}"
        self.wait_for(run_id)
        self.assertEqual(self.api.get(run)["note"], "by hand")
        self.assertEqual(self.api("PATCH", run, {"note": "looked at"})[1]["note"], "looked at")
        self.assertEqual(self.api("PATCH", run, {"note": "x" * 1001})[1]["detail"][0]["type"], "string_too_long")
        several = lambda note: self.api("PATCH", run.rpartition("/")[0], {"actions": [{"action": "update", "entities": [{"dag_run_id": run_id, "note": note}]}]})[1]["update"]
        self.assertIn("at most 1000 characters", several("x" * 1001)["errors"][0]["error"])
        self.assertEqual(several("\u20ac" * 1000)["errors"], [], "characters, not bytes")
        task = f"{run}/taskInstances/first"
        status, noted = self.api("PATCH", task, {"note": "odd"})
        self.assertEqual((status, [(ti["task_id"], ti["note"]) for ti in noted["task_instances"]]), (200, [("first", "odd")]))
        self.assertEqual(self.api("PATCH", task, {})[0], 422)
        # What is cleared or marked may say why.
        self.assertEqual(self.api("POST", "/api/v2/dags/shop/clearTaskInstances", {
            "dag_run_id": run_id, "task_ids": ["first"], "only_failed": False, "dry_run": False, "note": "again"})[0], 200)
        self.wait_for(run_id)
        self.assertEqual(self.api.get(task)["note"], "again")
        self.assertEqual(self.api("PATCH", run, {"state": "failed", "note": None})[1]["note"], None)
        self.assertEqual(self.api.get(run)["state"], "failed")

    def test_clear_and_mark(self):
        run_id = self.trigger()
        self.wait_for(run_id)
        status, cleared = self.api("POST", "/api/v2/dags/shop/clearTaskInstances", {"dag_run_id": run_id, "task_ids": ["first"], "include_downstream": True, "only_failed": False})
        self.assertEqual((status, sorted(ti["task_id"] for ti in cleared["task_instances"])), (200, ["first", "second"]))
        self.assertEqual(self.run_of(run_id)["state"], "success", "a dry run, as in Airflow where nothing else is said")
        self.api("POST", "/api/v2/dags/shop/clearTaskInstances", {"dag_run_id": run_id, "task_ids": ["first"], "only_failed": False, "dry_run": False})
        self.venturi.wait_until(lambda: self.tasks_of(run_id)["first"]["try_number"] == 2)
        self.wait_for(run_id)
        status, marked = self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run_id}/taskInstances/first", {"new_state": "failed"})
        self.assertEqual((status, [ti["state"] for ti in marked["task_instances"]]), (200, ["failed"]))
        self.assertEqual(self.run_of(run_id)["state"], "success")
        self.assertEqual(self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run_id}", {"state": "failed"})[1]["state"], "failed")
        self.assertEqual(self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run_id}", {"state": "running"})[0], 422)
        self.assertEqual(self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run_id}/taskInstances/first", {"new_state": "queued"})[0], 422)

    def test_a_running_task_that_is_marked_is_killed(self):
        seconds = f"300.{os.getpid()}"  # nobody else sleeps so long
        run_id = self.trigger(conf={"sleep": seconds})
        self.venturi.wait_until(lambda: self.tasks_of(run_id).get("slow", {}).get("state") == "running")
        self.api("PATCH", f"/api/v2/dags/shop/dagRuns/{run_id}/taskInstances/slow", {"new_state": "success"})
        # What a crash follows is kept, and the process is gone all the same.
        self.venturi.process.send_signal(signal.SIGKILL)
        self.venturi.process.wait()
        self.venturi.start()
        type(self).api = Api(self.venturi)
        self.assertEqual(self.wait_for(run_id)["state"], "success")
        self.assertEqual(self.tasks_of(run_id)["slow"]["state"], "success")
        deadline = time.monotonic() + 20
        while any(f"sleep\0{seconds}".encode() in path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if path.exists()):
            self.assertLess(time.monotonic(), deadline, "the task's process is still there")
            time.sleep(0.1)

    def test_pools(self):
        self.assertEqual(self.api("POST", "/api/v2/pools", {"name": "etl", "slots": 2})[0], 201)
        pool = self.api.get("/api/v2/pools/etl")
        self.assert_members("PoolResponse", pool)
        self.assertEqual((pool["slots"], pool["open_slots"]), (2, 2))
        self.assertEqual(self.api("POST", "/api/v2/pools", {"name": "etl", "slots": 2})[0], 409)
        self.assertEqual(self.api("PATCH", "/api/v2/pools/etl", {"slots": 5, "include_deferred": True})[1]["slots"], 5)
        self.assertEqual([p["name"] for p in self.api.get("/api/v2/pools")["pools"]], ["default_pool", "etl"])
        self.assertEqual(self.api("DELETE", "/api/v2/pools/default_pool")[0], 400)
        self.assertEqual(self.api("DELETE", "/api/v2/pools/etl")[0], 204)
        self.assertEqual(self.api("GET", "/api/v2/pools/etl")[0], 404)

    def test_variables_and_connections_hide_their_secrets(self):
        self.assertEqual(self.api("POST", "/api/v2/variables", {"key": "api_key", "value": "s3cret"})[1]["value"], "***")
        self.assertEqual(self.api("POST", "/api/v2/variables", {"key": "shop", "value": {"name": "x", "password": "s3cret"}})[1]["value"],
                         '{"name":"x","password":"***"}')
        self.assertEqual(self.api("POST", "/api/v2/variables", {"key": "shop", "value": "y"}), (409, {"detail": "The Variable with key: `shop` already exists"}))
        self.api("PATCH", "/api/v2/variables/api_key", {"key": "api_key", "value": "***", "description": "kept"})
        self.assertEqual(self.venturi.cli("variables", "get", "api_key").strip(), "s3cret")
        self.assert_members("VariableResponse", self.api.get("/api/v2/variables/shop"))
        status, connection = self.api("POST", "/api/v2/connections", {"connection_id": "db", "conn_type": "postgres", "host": "h", "password": "s3cret",
                                                                      "extra": '{"token": "s3cret", "x": 1}'})
        self.assertEqual((status, connection["password"], json.loads(connection["extra"])), (201, "***", {"token": "***", "x": 1}))
        self.assert_members("ConnectionResponse", connection)
        status, connection = self.api("PATCH", "/api/v2/connections/db", {"connection_id": "db", "conn_type": "postgres", "host": "other", "password": "***",
                                                                         "extra": '{"token": "***", "x": 2}'})
        self.assertEqual((status, connection["host"]), (200, "other"))
        stored = json.loads(self.venturi.cli("connections", "get", "db", "-o", "json"))
        self.assertNotIn("s3cret", json.dumps(self.api.get("/api/v2/connections")))
        self.assertIn("other", json.dumps(stored))
        self.assertEqual(self.api("DELETE", "/api/v2/connections/db")[0], 204)
        self.assertEqual(self.api("DELETE", "/api/v2/variables/shop")[0], 204)
        self.assertEqual(self.api("GET", "/api/v2/variables/shop")[0], 404)


if __name__ == "__main__":
    unittest.main()
