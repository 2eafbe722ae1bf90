"""Operators, sensors and notifiers of a DAG program's own, through server and worker."""

import json
import sqlite3
import unittest

from support.case import HomeCase
from support.smtp import Smtp


class OwnTest(HomeCase):
    programs = ("e2e_own",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.smtp = Smtp(cls.folder / "mails").start()
        cls.addClassCleanup(cls.smtp.stop)
        cls.venturi.connection("smtp_default", cls.smtp.connection)
        cls.venturi.connection("shop", "postgres://me:hush-hush@localhost/shop")
        cls.start_server("e2e_own", "e2e_own_alarms")

    def rendered(self, task_id):
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT f.rendered_fields FROM rendered_task_instance_fields AS f JOIN task_instance AS t ON t.no = "
                              "f.task_instance_no WHERE t.task_id = ?", (task_id,)).fetchall()
        return [json.loads(row[0]) for row in rows]

    def notes(self, folder):
        path = folder / "notes"
        return sorted(path.read_text().splitlines()) if path.exists() else []

    def test_operators_and_sensors(self):
        folder = self.temporary_folder()
        self.venturi.cli("dags", "trigger", "e2e_own", "--run-id", "one", "--conf", json.dumps({"folder": str(folder)}))
        logs = ("tasks", "logs", "e2e_own", "is_open", "one")
        self.venturi.wait_until(lambda: self.venturi.run(*logs).stdout.count("is it open?") >= 2, 30, "a second poke")
        # Neither the sensor nor its slot is lost when the server dies between two pokes.
        self.venturi.process.kill()
        self.venturi.process.wait()
        self.venturi.start()
        poked = self.venturi.run(*logs).stdout.count("is it open?")
        self.venturi.wait_until(lambda: self.venturi.run(*logs).stdout.count("is it open?") > poked, 30, "a poke of the next server")
        (folder / "open").touch()
        self.assertEqual(self.venturi.wait_for_run("e2e_own", "one"), "failed", "by the task bad alone")
        states = {task: (row["state"], row["try_number"]) for task, row in self.venturi.states("e2e_own", "one").items()}
        self.assertEqual(states, {"tables": ("success", 1), "archive": ("success", 1), "bad": ("failed", 2), "is_open": ("success", 1),
                                  "arrived": ("success", 1), "open": ("success", 1), "soft": ("skipped", 1), "ticks": ("success", 1)})
        self.assertIn(f"found {folder}/open", self.task_log("e2e_own", "one", "open"))
        self.assert_parts(self.task_log("e2e_own", "one", "soft"), "marking task as UP_FOR_RESCHEDULE", "exceeds the specified timeout of 0.3.")
        # What another task gave is data, and not rendered, as in Airflow.
        self.assertIn("archiving orders {{ params.unit }} to one/*** by archive, as-is {{ ds }}", self.task_log("e2e_own", "one", "archive"))
        self.assertEqual(self.rendered("archive"), [{"target": "one/***", "tables": ["orders", "{{ params.unit }}"], "labels": {"by": "archive"}}])
        self.assertEqual(self.venturi.states("e2e_own", "one")["bad"]["why"],
                         'field target, "{{ nothing }}": UndefinedError: \'nothing\' is undefined (template of target, line 1)')

    def test_notifiers_and_on_kill(self):
        folder = self.temporary_folder()
        self.assertEqual(self.venturi.trigger("e2e_own_alarms", "two", "--conf", json.dumps({"folder": str(folder)})), "failed")
        self.assertEqual(self.venturi.states("e2e_own_alarms", "two")["late"]["try_number"], 1, "a time-out spends no retry")
        self.venturi.wait_until(lambda: len(self.notes(folder)) >= 4 and self.smtp.mails(), 30, "notes and a mail")
        notes = self.notes(folder)
        self.assertEqual(notes[0], "killed was ended, a gift")
        self.assertRegex(notes[1], r"late: Sensor has timed out; run duration of 0\.[0-9]+ seconds exceeds the specified timeout of 0\.2\.")
        self.assertEqual(notes[2], "on_kill of killed")
        self.assertEqual(notes[3], "the run two failed, last killed of e2e_own_alarms")
        mail = self.smtp.mails()[0].read_text()
        self.assert_parts(mail, "late@example.com", "e2e_own_alarms two", "Sensor has timed out", "a gift", str(folder))


if __name__ == "__main__":
    unittest.main()
