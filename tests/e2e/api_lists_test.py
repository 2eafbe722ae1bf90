"""Lists of the REST API on a server with some history: filters, orders, pages, and what is no request at all."""

import socket
import unittest
import urllib.parse

from support.api import Api
from support.case import HomeCase

DAG = """
dag_id: {dag_id}
tags: [{dag_id}]
tasks:
  - task_id: first
    operator: EmptyOperator
  - task_id: second
    operator: BashOperator
    bash_command: "test {{{{ dag_run.conf.get('fails', 0) }}}} = 0"
    upstream: [first]
  - task_id: items
    operator: BashOperator
    expand:
      bash_command: ["true", "exit 1", "true"]
"""
RUNS, OF_ANY = "/api/v2/dags/{}/dagRuns", "/api/v2/dags/~/dagRuns/~/taskInstances"


class ApiListsTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for dag_id in ("shop", "stock"):
            (cls.venturi.home / "dags" / f"{dag_id}.yaml").write_text(DAG.format(dag_id=dag_id))
        cls.start_server("shop", "stock")
        cls.api = Api(cls.venturi)
        cls.runs = []
        for number in range(6):
            dag_id = "shop" if number % 3 else "stock"
            status, run = cls.api("POST", RUNS.format(dag_id), {"dag_run_id": f"run_{number}", "logical_date": f"2026-11-0{9 - number}T00:00:00Z",
                                                                "conf": {"fails": number % 2}})
            assert status == 200, run
            cls.runs.append((dag_id, run["dag_run_id"]))
        for dag_id, run_id in cls.runs:
            cls.venturi.wait_for_run(dag_id, run_id)

    def ids(self, path, **query):
        page = self.api.get(f"{path}?{urllib.parse.urlencode(query, doseq=True)}")
        name = "task_instances" if "taskInstances" in path else "dag_runs"
        return [(row["dag_run_id"], row["task_id"], row["map_index"]) if "task_id" in row else row["dag_run_id"] for row in page[name]], page["total_entries"]

    def test_runs(self):
        shop, every = RUNS.format("shop"), RUNS.format("~")
        self.assertEqual(self.ids(every), ([f"run_{i}" for i in range(6)], 6))
        self.assertEqual(self.ids(shop, order_by="-logical_date"), (["run_1", "run_2", "run_4", "run_5"], 4))
        self.assertEqual(self.ids(shop, order_by=["state", "-run_id"], limit=3, offset=1)[1], 4)
        self.assertEqual(self.ids(every, logical_date_gt="2026-11-05T00:00:00Z", logical_date_lte="2026-11-08T00:00:00Z"), (["run_1", "run_2", "run_3"], 3))
        self.assertEqual(self.ids(every, run_type="manual", dag_version=[1, 2], limit=2), (["run_0", "run_1"], 6))
        self.assertEqual(self.ids(every, run_type=["scheduled", "backfill"]), ([], 0))
        self.assertEqual(self.ids(every, conf_contains='"fails":1', dag_id_prefix_pattern="sho"), (["run_1", "run_5"], 2))
        self.assertEqual(self.ids(every, run_id_pattern="N_4|RUN_5"), (["run_4", "run_5"], 2))
        self.assertEqual(self.ids(every, duration_gte=3600)[1], 0)
        self.assertEqual(self.ids(every, limit=0), ([], 6))
        self.assertEqual(self.ids(every, offset=1_000_000), ([], 6))
        self.assertEqual(self.ids(every, limit=1_000_000)[1], 6)

    def test_task_instances(self):
        run = RUNS.format("shop") + "/run_1/taskInstances"
        all_of_run = {("run_1", "first", -1), ("run_1", "second", -1), ("run_1", "items", 0), ("run_1", "items", 1), ("run_1", "items", 2)}
        rows, total = self.ids(run)
        self.assertEqual((set(rows), total), (all_of_run, 5))
        self.assertEqual(self.ids(run, order_by="-map_index", limit=2), ([("run_1", "items", 2), ("run_1", "items", 1)], 5))
        self.assertEqual(self.ids(run, operator="EmptyOperator"), ([("run_1", "first", -1)], 1))
        self.assertEqual(self.ids(run, pool="another"), ([], 0))
        self.assertEqual(self.ids(run, state="failed", order_by=["operator", "map_index"]), ([("run_1", "second", -1), ("run_1", "items", 1)], 2))
        self.assertEqual(self.ids(f"{run}/items/listMapped", map_index=[0, 2]), ([("run_1", "items", 0), ("run_1", "items", 2)], 2))
        self.assertEqual(self.ids(OF_ANY)[1], 30)
        self.assertEqual(self.ids(OF_ANY, state="failed", task_id="items", order_by="-logical_date", limit=2), ([("run_0", "items", 1), ("run_1", "items", 1)], 6))
        self.assertEqual(self.ids(OF_ANY, state=["running", "queued", "none"])[1], 0)
        self.assertEqual(self.ids("/api/v2/dags/stock/dagRuns/~/taskInstances", task_display_name_pattern="SECO", run_after_lte="2100-01-01T00:00:00Z"),
                         ([("run_0", "second", -1), ("run_3", "second", -1)], 2))
        one, of_list = self.api.get(run + "/first"), self.api.get(f"{run}?task_id=first")["task_instances"][0]
        self.assertEqual(one, of_list)

    def test_a_run_is_shown_alike_alone_and_in_a_list(self):
        self.api("PATCH", RUNS.format("shop") + "/run_2", {"note": "looked at"})
        one = self.api.get(RUNS.format("shop") + "/run_2")
        self.assertEqual(one["note"], "looked at")
        self.assertIn(one, self.api.get(RUNS.format("shop"))["dag_runs"])
        dag = self.api.get("/api/v2/dags/shop")
        self.assertIn(dag, self.api.get("/api/v2/dags")["dags"])
        self.assertEqual(self.api.get("/api/v2/dags?tags=shop")["dags"], [dag])

    def test_what_is_asked_wrongly(self):
        for path, status, text in [(RUNS.format("shop") + "?order_by=nothing", 400, "Ordering with 'nothing' is disallowed"),
                                   (RUNS.format("shop") + "?state=dead", 422, "Invalid value for state"),
                                   (RUNS.format("shop") + "?start_date_gte=yesterday", 422, "valid datetime"),
                                   (RUNS.format("shop") + "?duration_lt=long", 422, "valid number"),
                                   (RUNS.format("shop") + "?dag_version=new", 422, "valid integer"),
                                   (RUNS.format("shop") + "?limit=-1", 422, "greater than or equal to 0"),
                                   (RUNS.format("shop") + "?limit=99999999999999999999", 422, "valid integer"),
                                   (RUNS.format("nobody"), 404, "nobody"),
                                   (RUNS.format("shop") + "/nothing/taskInstances", 404, "nothing"),
                                   (OF_ANY + "?order_by=task_id", 400, "Ordering with 'task_id' is disallowed"),
                                   (OF_ANY + "?map_index=x", 422, "valid integer"),
                                   (RUNS.format("shop") + "?run_id_pattern=%FF", 400, "UTF-8"),
                                   (RUNS.format("shop") + "?run_id_pattern=%C3%28", 400, "UTF-8"),
                                   (RUNS.format("%FF%FE"), 404, "not found")]:
            found, body = self.api("GET", path)
            self.assertEqual(found, status, (path, body))
            self.assertIn(text, str(body), path)

    def raw(self, text):
        with socket.create_connection(("127.0.0.1", int(self.api.url.rpartition(":")[2])), timeout=20) as client:
            client.sendall(text)
            answer = b""
            while more := client.recv(65536):
                answer += more
            return answer.decode("utf-8")

    def test_what_is_no_request(self):
        head = b"POST /api/v2/dags/shop/dagRuns HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + self.api.token.encode() + b"\r\n"
        self.assertRegex(self.raw(b"\x00\x01\x02\r\n\r\n"), "^HTTP/1.1 400")
        self.assertRegex(self.raw(head + b"Content-Length: 99999999\r\n\r\n"), "^HTTP/1.1 413")
        bad = b'{"logical_date": null, "conf": {"a": "\xff\xfe"}}'
        self.assertRegex(self.raw(head + b"Content-Length: %d\r\n\r\n%s" % (len(bad), bad)), "^HTTP/1.1 400(.|\\n)*error parsing the body", "as in Airflow: what is no UTF-8 is no JSON that is wrong")
        self.assertRegex(self.raw(head + b"Content-Length: 5\r\n\r\n{\"a\":"), "^HTTP/1.1 422")
        self.assertEqual(self.api("GET", "/api/v2/version")[0], 200)


if __name__ == "__main__":
    unittest.main()
