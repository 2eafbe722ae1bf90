"""Timetables of a DAG program's own: what they say is followed, and what is wrong with them holds up nobody else."""

import json
import signal
from datetime import datetime, timedelta, timezone

from support.api import Api
from support.case import HomeCase

WORKDAYS = [f"2026-03-{day:02}T00:00:00+00:00" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]


class TimetablesTest(HomeCase):
    programs = ("e2e_timetables",)
    environment = {"VENTURI__DAG_PROCESSOR__ANSWER_TIMEOUT_S": "1"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("e2e_workdays", "e2e_future")

    def runs(self, dag_id):
        rows = self.venturi.rows("dags", "list-runs", dag_id)
        return sorted((row["logical_date"], row["state"]) for row in rows if row["run_id"].startswith("scheduled"))

    def wait_for_runs(self, dag_id, dates):
        expected = [(date, "success") for date in dates]
        self.venturi.wait_until(lambda: self.runs(dag_id) == expected, 60, f"the runs of {dag_id}")

    def restart(self, number=signal.SIGKILL):
        self.venturi.process.send_signal(number)
        self.venturi.process.wait()
        self.venturi.start()
        self.venturi.wait_for_dag("e2e_workdays", others_may_fail=True)

    def test_1_what_is_missing_is_made_up_for_also_by_another_server(self):
        self.restart()  # in the midst of it, with open questions
        self.wait_for_runs("e2e_workdays", WORKDAYS)
        self.wait_for_runs("e2e_talkative", WORKDAYS[:3])
        row = next(row for row in self.venturi.rows("dags", "list-runs", "e2e_workdays") if row["logical_date"] == WORKDAYS[4])
        self.assertEqual(row["run_id"], "scheduled__2026-03-07T00:00:00+00:00")
        self.restart(signal.SIGTERM)
        self.assertEqual(len(self.runs("e2e_workdays")), len(WORKDAYS), "nothing is run twice")
        # Without catchup there is the newest alone, or, after a weekend, the one to come.
        self.assertLessEqual(len(self.runs("e2e_newest")), 1)
        coming = self.venturi.cli("dags", "next-execution", "e2e_newest").strip()
        self.assertGreaterEqual(datetime.fromisoformat(coming) + timedelta(days=2), datetime.now(timezone.utc))

    def test_2_what_is_wrong_is_an_import_error_and_holds_up_nobody_else(self):
        text = self.import_error("e2e_timetables", "e2e_calendar", "e2e_hanging", "e2e_dying", "e2e_backward", seconds=60)
        self.assert_parts(text, "dag e2e_calendar, CalendarTimetable.next_dagrun_info: std::runtime_error: there is no calendar.txt",
                          "dag e2e_hanging, HangingTimetable: the program hangs: asked for what its own classes say it did not answer within 1 s",
                          "dag e2e_dying, DyingTimetable: the program crashed when asked for what its own classes say: killed by signal 6",
                          "dag e2e_backward, BackwardTimetable.next_dagrun_info: after the data interval 2026-03-02T00:00:00Z to "
                          "2026-03-03T00:00:00Z it gives 2026-03-01T00:00:00Z to 2026-03-03T00:00:00Z, which does not start later")
        self.assertEqual(len(self.runs("e2e_backward")), 1, "the run before it went back")
        refused = self.venturi.run("dags", "trigger", "e2e_calendar", "--logical-date", "2026-03-09T12:00:00Z")
        self.assert_failed(refused, "CalendarTimetable.infer_manual_data_interval", "there is no calendar.txt")
        self.assert_failed(self.venturi.run("dags", "next-execution", "e2e_hanging"), "the program hangs")
        self.assert_failed(self.venturi.run("backfill", "create", "--dag-id", "e2e_calendar", "--from-date", "2026-01-01",
                                            "--to-date", "2026-02-01"), "there is no calendar.txt")
        # The next server asks again, and finds it well.
        (self.venturi.home / "dags" / "calendar.txt").touch()
        self.restart()
        self.wait_for_runs("e2e_calendar", WORKDAYS)
        text = self.import_error("e2e_timetables", "e2e_hanging", "e2e_dying", "e2e_backward", seconds=60)
        self.assertNotIn("e2e_calendar", text)

    def test_3_manual_runs_backfills_previews_and_simulation(self):
        api = Api(self.venturi)
        self.assertEqual(self.venturi.trigger("e2e_future", "mine", "--logical-date", "2026-03-09T12:00:00Z"), "success")
        details = api.get("/api/v2/dags/e2e_future/dagRuns/mine")
        self.assertEqual((details["data_interval_start"], details["data_interval_end"]), ("2026-03-06T00:00:00Z", "2026-03-07T00:00:00Z"),
                         "of the last working day that was over on that Monday")

        dag = api.get("/api/v2/dags/e2e_workdays")
        self.assertEqual((dag["timetable_summary"], dag["timetable_periodic"]), ("working days in Berlin", True))
        self.assertEqual(api.get("/api/v2/dags/e2e_future")["next_dagrun_run_after"], "2030-01-02T00:00:00Z")

        listed = self.venturi.cli("dags", "next-execution", "e2e_future", "-n", "5").split()
        self.assertEqual([date[:10] for date in listed], ["2030-01-01", "2030-01-02", "2030-01-03", "2030-01-04", "2030-01-07"])
        self.assertEqual(self.venturi.run("dags", "next-execution", "e2e_workdays").stdout, "")

        # Of a backfill that is only asked about, in more questions than one.
        asked = ("backfill", "create", "--dag-id", "e2e_future", "--from-date", "2024-01-01", "--to-date", "2026-01-06", "--dry-run")
        dates = [row["logical_date"] for row in json.loads(self.venturi.cli(*asked, "-o", "json"))]
        self.assertEqual((len(dates), dates[0], dates[-1]), (527, "2024-01-01T00:00:00Z", "2026-01-06T00:00:00Z"))
        backwards = json.loads(self.venturi.cli(*asked, "--run-backwards", "-o", "json"))
        self.assertEqual([row["logical_date"] for row in backwards], dates[::-1])
        status, body = api("POST", "/api/v2/backfills/dry_run", {"dag_id": "e2e_future", "from_date": "2026-01-01T00:00:00Z",
                                                                       "to_date": "2026-01-06T00:00:00Z"})
        self.assertEqual((status, [entry["logical_date"][:10] for entry in body["backfills"]]),
                         (200, ["2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06"]), body)
        self.assert_failed(self.venturi.run("backfill", "create", "--dag-id", "e2e_future", "--from-date", "2026-01-03",
                                            "--to-date", "2026-01-04", "--dry-run"), "no runs to create")
        self.assert_failed(self.venturi.run("backfill", "create", "--dag-id", "e2e_hanging", "--from-date", "2026-01-01",
                                            "--to-date", "2026-02-01", "--dry-run"), "HangingTimetable", "the program hangs")

        made = json.loads(self.venturi.cli("backfill", "create", "--dag-id", "e2e_future", "--from-date", "2026-01-01",
                                           "--to-date", "2026-01-11", "-o", "json"))[0]["id"]
        self.venturi.wait_until(lambda: self.venturi.rows("backfill", "get", made)[0]["completed_at"], 60, "the backfill")
        dates = sorted(row["logical_date"][:10] for row in self.venturi.rows("dags", "list-runs", "e2e_future")
                       if row["run_id"].startswith("backfill"))
        self.assertEqual(dates, [f"2026-01-{day:02}" for day in (1, 2, 5, 6, 7, 8, 9)])

        again = json.loads(self.venturi.cli("backfill", "create", "--dag-id", "e2e_future", "--from-date", "2025-12-30",
                                            "--to-date", "2026-01-02", "--dry-run", "-o", "json"))
        self.assertEqual([row["logical_date"][:10] for row in again], ["2025-12-30", "2025-12-31"], "those that have runs are left alone")

        found = json.loads(self.venturi.cli("dags", "simulate", "--dag", "e2e_future", "--from", "2030-03-01", "--to", "2030-03-12", "-o", "json"))
        self.assertEqual([run["run_after"][:10] for run in found["runs"]],
                         [f"2030-03-{day:02}" for day in (1, 2, 5, 6, 7, 8, 9, 12)])
        found = json.loads(self.venturi.cli("dags", "simulate", "--dag", "e2e_every_day", "--from", "2030-03-01", "--to", "2030-03-04", "-o", "json"))
        self.assertEqual([run["run_after"][:10] for run in found["runs"]], [f"2030-03-0{day}" for day in (1, 2, 3, 4)])

    def test_4_which_run_is_the_latest(self):
        def state_of_work(run_id):
            return self.venturi.states("e2e_latest", run_id)["work"]["state"]
        newest = self.venturi.wait_until(lambda: [row for row in self.venturi.rows("dags", "list-runs", "e2e_latest")
                                                  if row["run_id"].startswith("scheduled") and row["state"] == "success"], 30, "its run")
        self.assertEqual(state_of_work(newest[0]["run_id"]), "success")
        self.venturi.cli("backfill", "create", "--dag-id", "e2e_latest", "--from-date", "2026-02-01", "--to-date", "2026-02-01")
        run_id = "backfill__2026-02-01T01:00:00+00:00"
        self.assertEqual(self.venturi.wait_for_run("e2e_latest", run_id), "success")
        self.assertEqual(state_of_work(run_id), "skipped")
        self.assertIn("left_window: 2026-02-01T00:00:00Z right_window: 2026-02-01T02:00:00Z", self.task_log("e2e_latest", run_id, "latest"))

    def test_5_without_a_server(self):
        self.venturi.stop()
        dates = json.loads(self.venturi.cli("backfill", "create", "--dag-id", "e2e_future", "--from-date", "2025-02-03",
                                            "--to-date", "2025-02-10", "--dry-run", "-o", "json"))
        self.assertEqual([row["logical_date"][8:10] for row in dates], ["03", "04", "05", "06", "07", "10"])
        self.venturi.cli("dags", "trigger", "e2e_future", "--run-id", "alone", "--logical-date", "2026-03-10T12:00:00Z")
        self.venturi.start()
        self.assertEqual(self.venturi.wait_for_run("e2e_future", "alone"), "success")
