"""Runs that are to begin later (run_after), on a real server that is killed before their time."""

import datetime

from support.api import Api
from support.case import HomeCase

DAG = """
dag_id: {dag_id}
is_paused_upon_creation: false
tasks:
  first: {{{task}}}
"""
FAR = "2090-01-02T03:04:05Z"


def text(time):
    return time.isoformat().replace("+00:00", "Z")


class RunAfterTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tasks = {"plain": "operator: EmptyOperator",
                 "starts": f'operator: TriggerDagRunOperator, trigger_dag_id: plain, run_after: "{FAR}"',
                 "starts_wrong": "operator: TriggerDagRunOperator, trigger_dag_id: plain, run_after: soon"}
        for dag_id, task in tasks.items():
            (cls.venturi.home / "dags" / f"{dag_id}.yaml").write_text(DAG.format(dag_id=dag_id, task=task))
        cls.start_server(*tasks)
        cls.api = Api(cls.venturi)

    def in_seconds(self, seconds):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)

    def run_of(self, run_id, dag_id="plain"):
        return self.api.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")

    def post(self, **body):
        return self.api("POST", "/api/v2/dags/plain/dagRuns", {"logical_date": None, **body})

    def test_it_begins_at_its_time_though_the_server_was_killed(self):
        at = self.in_seconds(6)
        status, made = self.post(dag_run_id="soon", run_after=text(at))
        self.assertEqual(status, 200, made)
        self.assertEqual((made["state"], made["run_after"], made["start_date"]), ("queued", text(at), None))
        why = self.venturi.rows("tasks", "why", "plain", "first", "soon")
        self.assertIn(f"the run is queued: its run_after is {text(at)}, and it starts then", str(why))
        self.venturi.process.kill()
        self.venturi.process.wait()
        self.venturi.start()
        type(self).api = Api(self.venturi)
        self.assertEqual(self.run_of("soon")["state"], "queued")
        self.assertEqual(self.venturi.wait_for_run("plain", "soon"), "success")
        self.assertGreaterEqual(self.run_of("soon")["start_date"], text(at))

    def test_by_hand(self):
        row, = self.venturi.rows("dags", "trigger", "plain", "--run-after", "2090-05-06T00:00:00+00:00")
        self.assertEqual((row["dag_run_id"], row["state"], row["run_after"]),
                         ("manual__2090-05-06T00:00:00+00:00", "queued", "2090-05-06T00:00:00Z"))
        again = self.venturi.run("dags", "trigger", "plain", "--run-after", "2090-05-06T00:00:00+00:00")
        self.assert_failed(again, "there is a run manual__2090-05-06T00:00:00+00:00 already", "give another run id")
        # Others do not wait for it.
        self.assertEqual(self.venturi.trigger("plain", "at_once"), "success")

    def test_what_is_no_time(self):
        status, body = self.post(run_after="soon")
        self.assertEqual(status, 422, body)
        self.assertIn("run_after", str(body))

    def test_by_a_task(self):
        self.assertEqual(self.venturi.trigger("starts", "s1"), "success")
        made, = [run for run in self.api.get("/api/v2/dags/plain/dagRuns")["dag_runs"] if run["run_type"] == "operator_triggered"]
        self.assertEqual((made["state"], made["run_after"], made["logical_date"]), ("queued", FAR, None))
        self.assertRegex(made["dag_run_id"], r"^manual__2090-01-02T03:04:05\+00:00_[a-z]{8}$")
        self.assertEqual(self.venturi.trigger("starts_wrong", "s2"), "failed")
        self.assertIn("the argument run_after must be a date and time like 2026-01-31T00:00:00+00:00, or None, not 'soon'",
                      self.task_log("starts_wrong", "s2", "first"))
