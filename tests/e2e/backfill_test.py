"""`backfill`: runs of a schedule for dates that lie behind, on a real server, also one that is killed in their midst."""

import json
import signal
import urllib.error
import urllib.request

from support.case import HomeCase

DAG = """
dag_id: {dag_id}
{schedule}
start_date: 2040-01-01
is_paused_upon_creation: false
tasks:
  copy: {task}
"""
EMPTY = "{operator: EmptyOperator}"
DAGS = {"daily": ('schedule: "@daily"', EMPTY),
        "minutely": ('schedule: "* * * * *"', EMPTY),
        "slow": ('schedule: "@daily"', "{operator: BashOperator, bash_command: sleep 600}"),
        "over_rest": ('schedule: "@daily"', "{operator: BashOperator, bash_command: sleep 600}"),
        "by_hand": ("description: without a schedule", EMPTY)}


class BackfillTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for dag_id, (schedule, task) in DAGS.items():
            (cls.venturi.home / "dags" / f"{dag_id}.yaml").write_text(DAG.format(dag_id=dag_id, schedule=schedule, task=task))
        cls.start_server(*DAGS)

    def create(self, dag_id, first, last, *more):
        done = self.venturi.run("backfill", "create", "--dag-id", dag_id, "--from-date", first, "--to-date", last, *more, "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = json.loads(done.stdout)
        return rows if "--dry-run" in more else rows[0]

    def get(self, backfill):
        return self.venturi.rows("backfill", "get", backfill["id"])[0]

    def dates(self, backfill):
        return self.venturi.rows("backfill", "get", backfill["id"], "--runs")

    def wait_for(self, backfill, seconds=60):
        return self.venturi.wait_until(lambda: self.get(backfill)["completed_at"], seconds, f"backfill {backfill['id']}")

    def test_range_reprocess_and_dry_run(self):
        listed = self.create("daily", "2026-01-01", "2026-01-03", "--dry-run", "--run-backwards")
        self.assertEqual([row["logical_date"][:10] for row in listed], ["2026-01-03", "2026-01-02", "2026-01-01"])
        self.assertEqual(self.venturi.rows("dags", "list-runs", "daily"), [])
        first = self.create("daily", "2026-01-01", "2026-01-03", "--dag-run-conf", '{"a": 1}')
        self.wait_for(first)
        runs = self.venturi.rows("dags", "list-runs", "daily")
        self.assertEqual(sorted(run["run_id"] for run in runs), [f"backfill__2026-01-0{day}T00:00:00+00:00" for day in (1, 2, 3)])
        self.assertEqual({run["state"] for run in runs}, {"success"})

        second = self.create("daily", "2026-01-02", "2026-01-04")
        self.wait_for(second)
        self.assertEqual([row["exception_reason"] for row in self.dates(second)], ["already exists", "already exists", None])
        self.assertEqual(self.create("daily", "2026-01-03", "2026-01-05", "--dry-run")[0]["logical_date"][:10], "2026-01-05")
        third = self.create("daily", "2026-01-03", "2026-01-04", "--reprocess-behavior", "completed")
        self.wait_for(third)
        self.assertEqual([row["state"] for row in self.dates(third)], ["success", "success"])
        self.assertEqual(self.venturi.states("daily", "backfill__2026-01-03T00:00:00+00:00")["copy"]["try_number"], 2)
        self.assertEqual(len(self.venturi.rows("backfill", "list", "--dag-id", "daily")), 3)

    def test_pause_and_cancel(self):
        backfill = self.create("slow", "2026-01-01", "2026-01-10", "--max-active-runs", "2")
        def states():
            return sorted(row["state"] for row in self.dates(backfill))
        self.venturi.wait_until(lambda: states() == ["queued"] * 8 + ["running"] * 2, 30, "two runs")
        again = self.venturi.run("backfill", "create", "--dag-id", "slow", "--from-date", "2026-01-01", "--to-date", "2026-01-02")
        self.assert_failed(again, "already a running backfill", f"venturi backfill cancel {backfill['id']}")
        self.venturi.cli("backfill", "pause", backfill["id"])
        self.assertTrue(self.get(backfill)["is_paused"])
        self.venturi.cli("backfill", "unpause", backfill["id"])
        self.venturi.cli("backfill", "cancel", backfill["id"])
        self.assertTrue(self.get(backfill)["completed_at"])
        self.assertEqual(states(), ["failed"] * 8 + ["running"] * 2)
        self.assert_failed(self.venturi.run("backfill", "cancel", backfill["id"]), "already completed")

    def test_refusals(self):
        def create(dag_id, *more):
            return self.venturi.run("backfill", "create", "--dag-id", dag_id, *more)
        self.assert_failed(create("by_hand", "--from-date", "2026-01-01", "--to-date", "2026-01-02"), "non-periodic schedule")
        self.assert_failed(create("daily", "--from-date", "2026-01-02", "--to-date", "2026-01-01"), "must not be after")
        self.assert_failed(create("daily", "--from-date", "2039-01-02", "--to-date", "2039-01-03"), "future")
        self.assert_failed(create("nowhere", "--from-date", "2026-01-02", "--to-date", "2026-01-03"), "there is no DAG nowhere")
        self.assert_failed(create("daily", "--from-date", "2026-01-02"), "--to-date is missing", code=2)
        self.assert_failed(self.venturi.run("backfill", "pause", "4711"), "there is no backfill 4711")

    def api(self, method, path, body=None, token=None):
        """Status and body."""
        url = (self.venturi.home / "run" / "api_url").read_text().strip()
        request = urllib.request.Request(url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or "null")

    def test_over_rest(self):
        password = (self.venturi.home / "admin_password").read_text().strip()
        token = self.api("POST", "/auth/token", {"username": "admin", "password": password})[1]["access_token"]
        def call(method, path, body=None):
            return self.api(method, "/api/v2/backfills" + path, body, token)
        asked = {"dag_id": "over_rest", "from_date": "2026-01-01T00:00:00Z", "to_date": "2026-01-03T02:00:00+02:00", "max_active_runs": 1}
        self.assertEqual(self.api("POST", "/api/v2/backfills", asked)[0], 401)
        status, listed = call("POST", "/dry_run", asked)
        self.assertEqual((status, listed["total_entries"]), (200, 3), listed)
        self.assertEqual(listed["backfills"][0], {"logical_date": "2026-01-01T00:00:00Z", "partition_key": None, "partition_date": None})
        status, made = call("POST", "", asked)
        self.assertEqual(status, 200, made)
        self.assertEqual({key: made[key] for key in ("dag_id", "dag_display_name", "from_date", "reprocess_behavior", "is_paused", "completed_at")},
                         {"dag_id": "over_rest", "dag_display_name": "over_rest", "from_date": "2026-01-01T00:00:00Z", "reprocess_behavior": "none",
                          "is_paused": False, "completed_at": None})
        self.assertEqual(call("POST", "", asked), (409, {"detail": "There is already a running backfill for dag over_rest"}))
        path = f"/{made['id']}"
        self.assertTrue(call("PUT", path + "/pause")[1]["is_paused"])
        self.assertFalse(call("POST", path + "/unpause")[1]["is_paused"])
        self.assertEqual(call("GET", "?dag_id=over_rest")[1]["total_entries"], 1)
        self.assertEqual(call("GET", path)[1]["id"], made["id"])
        self.assertTrue(call("PUT", path + "/cancel")[1]["completed_at"])
        self.assertEqual(call("PUT", path + "/cancel")[0], 409)
        self.assertEqual(call("GET", "/4711"), (404, {"detail": "Backfill not found"}))
        self.assertEqual(call("GET", "/x")[0], 422)
        self.assertEqual(call("POST", "", {**asked, "dag_id": "nowhere"})[0], 404)
        self.assertEqual(call("POST", "", {**asked, "dag_id": "by_hand"})[0], 422)
        self.assertEqual(call("POST", "", {**asked, "to_date": "2025-01-01T00:00:00Z"})[0], 422)
        self.assertEqual(call("POST", "", {**asked, "reprocess_behavior": "some"})[0], 422)

    def test_killed_in_the_midst(self):
        """Some thousand runs; the server dies three times while they are made."""
        backfill = self.create("minutely", "2026-01-01T00:00:00", "2026-01-02T09:19:00", "--max-active-runs", "4")
        for part in (100, 500, 1000):
            self.venturi.wait_until(lambda: len(self.dates(backfill)) >= part, 30, f"{part} runs")
            self.venturi.process.send_signal(signal.SIGKILL)
            self.venturi.process.wait()
            self.venturi.start()
        self.wait_for(backfill, 240)
        dates = self.dates(backfill)
        self.assertEqual([row["sort_ordinal"] for row in dates], list(range(1, 2001)))
        self.assertEqual({row["state"] for row in dates}, {"success"})
        self.assertEqual(len({row["logical_date"] for row in dates}), 2000)
        self.assertEqual(len({row["run_id"] for row in dates}), 2000)
