"""`dags simulate` and `tasks why`: what the schedules will do, with what tasks took before, and why a task is where it is."""

import hashlib
import json
import re
import unittest

from support.case import HomeCase

SHOP = """
dag_id: shop
schedule: "0 6 * * *"
start_date: 2026-01-01
catchup: false
default_args: {pool: shop}
tasks:
  list: {operator: ConstantOperator, value: [one, two, three]}
  each: {operator: BashOperator, expand: {bash_command: {xcom: list}}}
  first: {operator: BashOperator, bash_command: "sleep 0.3"}
  second: {operator: BashOperator, bash_command: "sleep 0.3"}
  third: {operator: BashOperator, bash_command: "exit 3", upstream: [first, second]}
  fourth: {operator: BashOperator, bash_command: "true", upstream: third}
"""
PAST = """
dag_id: past
schedule: "0 6 * * *"
start_date: 2026-01-01
catchup: false
tasks:
  long: {operator: BashOperator, bash_command: "true", depends_on_past: true}
"""


class SimulateTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, text in (("shop", SHOP), ("past", PAST)):
            (cls.venturi.home / "dags" / f"{name}.yaml").write_text(text)
        cls.start_server("shop", "past")
        cls.venturi.cli("pools", "set", "shop", "1", "one after the other")

    def simulate(self, *words):
        return json.loads(self.venturi.cli("dags", "simulate", *words, "-o", "json"))

    def digest(self):
        """Of the database as it reads: without what a server writes by itself."""
        rows = [self.venturi.rows("dags", "list-runs", dag_id) for dag_id in ("shop", "past")]
        return hashlib.sha256(json.dumps([rows, self.venturi.rows("dags", "list"), self.venturi.rows("pools", "list")]).encode()).hexdigest()

    def test_a_week_with_options(self):
        before = self.digest()
        week = ("--from", "2026-02-02", "--to", "2026-02-09", "--unpause-all")
        found = self.simulate(*week, "--assume", "long=30h", "--assume", "shop.first=10m", "--assume-length", "list=5", "--fail", "second=100%")
        runs = [run for run in found["runs"] if run["dag_id"] == "shop"]
        self.assertEqual(len(runs), 7)
        self.assertEqual({run["state"] for run in runs}, {"failed"})
        self.assertEqual(runs[0]["run_after"], "2026-02-02T06:00:00+00:00")
        self.assertEqual(runs[0]["task_states"]["upstream_failed"], 2)
        self.assertEqual(sum(t["task_id"] == "each" for t in found["tries"]), 35)
        self.assertEqual({w["waited_for"] for w in found["waits"] if w["dag_id"] == "shop"}, {"pool"})
        self.assertEqual([w["waited_for"] for w in found["waits"] if w["dag_id"] == "past"], ["depends_on_past"])
        self.assertEqual((found["pools"]["shop"]["slots"], found["pools"]["shop"]["most"]), (1, 1))
        self.assertEqual(found, self.simulate(*week, "--assume", "long=30h", "--assume", "shop.first=10m", "--assume-length", "list=5", "--fail", "second=100%"))

        wide = self.simulate(*week, "--dag", "sh*", "--pool", "shop=20")
        self.assertEqual({run["dag_id"] for run in wide["runs"]}, {"shop"})
        self.assertEqual(wide["waits"], [])
        self.assertEqual(self.digest(), before)

    def test_its_forms(self):
        table = self.venturi.cli("dags", "simulate", "--from", "2026-02-02", "--to", "2026-02-03", "--unpause-all")
        for part in ("Simulated from 2026-02-02T00:00:00", "DAGs", "Waits", "Pools", "has no history" if "has no history" in table else "have no history"):
            self.assertIn(part, table)
        page = self.venturi.cli("dags", "simulate", "--from", "2026-02-02", "--to", "2026-02-03", "--unpause-all", "-o", "html")
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        self.assertIn("for pool", page)
        self.assertNotRegex(page, r"(src|href)=")
        self.assertEqual(len(re.findall("<svg", page)), len(re.findall("</svg>", page)))
        paused = self.venturi.cli("dags", "simulate", "--from", "2026-02-02", "--to", "2026-02-03")
        self.assertIn("paused, and therefore without runs: past, shop", paused)

    def test_what_is_wrong_is_said(self):
        run = self.venturi.run
        self.assert_failed(run("dags", "simulate", "--assume", "first=soon"), "--assume: 'first=soon' cannot be read", "write it like load=90m", code=2)
        self.assert_failed(run("dags", "simulate", "--assume", "secnd=1m"), "there is no task secnd", "did you mean second?")
        self.assert_failed(run("dags", "simulate", "--dag", "nothing*"), "there is no DAG to simulate")
        self.assert_failed(run("dags", "simulate", "--from", "2026-02-02", "--to", "2026-02-01"), "ends before it begins")

    def test_why(self):
        venturi = self.venturi
        venturi.cli("dags", "trigger", "shop", "-r", "held")
        row = venturi.rows("tasks", "why", "shop", "first", "held")[-1]
        self.assertEqual((row["state"], row["at"]), ("now", None))
        self.assertIn("Dag Not Paused", "".join(r["cause"] for r in venturi.rows("tasks", "why", "shop", "first", "held")))
        # From now on what is under way goes on: this run, as if the DAG were not paused.
        run = {run["run_id"]: run for run in self.simulate("--unpause-all", "--dag", "shop")["runs"]}["held"]
        self.assertEqual((run["state"], run["task_states"]["success"]), ("success", 6))
        venturi.cli("dags", "unpause", "shop")
        self.assertEqual(venturi.wait_for_run("shop", "held"), "failed")
        venturi.cli("dags", "pause", "shop")
        states = [(r["state"], r["cause"]) for r in venturi.rows("tasks", "why", "shop", "fourth", "held")]
        self.assertEqual(states, [("upstream_failed", "trigger rule all_success: upstream third failed")])
        queued = [r["cause"] for task in ("first", "second") for r in venturi.rows("tasks", "why", "shop", task, "held") if r["state"] == "queued"]
        self.assertTrue(any(re.search(r"after it had waited [\d.]+ s for pool shop \(1 slots\)", cause) for cause in queued), queued)
        self.assert_failed(venturi.run("tasks", "why", "shop", "each", "held"), "task each is mapped", "--map-index")
        self.assertEqual(venturi.rows("tasks", "why", "shop", "each", "held", "--map-index", "2")[-1]["state"], "failed")
        self.assert_failed(venturi.run("tasks", "why", "shop", "none", "held"), "no task instance of none")

        # What ran is what the simulator goes by; without a server too.
        venturi.stop()
        found = self.simulate("--from", "2026-02-02", "--to", "2026-02-03", "--unpause-all", "--dag", "shop")
        first = [t for t in found["tries"] if t["task_id"] == "first"][0]
        self.assertNotEqual(first["end_date"], first["start_date"])
        self.assertFalse(any("shop.first" in note and "no history" in note for note in found["notes"]))
        self.assertEqual(sum(t["task_id"] == "each" for t in found["tries"]), 3)
        self.assertEqual(venturi.rows("tasks", "why", "shop", "fourth", "held")[0]["state"], "upstream_failed")
        self.start_server("shop", "past")


if __name__ == "__main__":
    unittest.main()
