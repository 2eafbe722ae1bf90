"""Sensors in both modes through server and worker, and webhooks that tell of a failure."""

import json
import subprocess
import urllib.parse

from support.case import HomeCase
from support.venturi import ROOT


class SensorsTest(HomeCase):
    programs = ("e2e_sensors",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.folder / "files"
        cls.files.mkdir()
        cls.record = cls.folder / "requests"
        cls.server = subprocess.Popen(["/usr/bin/python3", ROOT / "tests/servers/http_server.py", "--record", cls.record],
                                      stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.server.communicate)
        cls.addClassCleanup(cls.server.terminate)
        port = cls.server.stdout.readline().strip()
        folder = urllib.parse.quote(str(cls.files), safe="")
        cls.venturi.connection("fs_default", f"fs://?path={folder}")
        cls.venturi.connection("http_default", f"http://127.0.0.1:{port}")
        hook = urllib.parse.quote(f"http://127.0.0.1:{port}/echo/hook", safe="")
        cls.venturi.connection("ops", f"slackwebhook://:{hook}@")
        cls.venturi.cli("pools", "set", "narrow", "1", "one at a time")
        cls.start_server("sensors", "deferred", "alarm")

    def test_both_modes(self):
        self.venturi.cli("dags", "trigger", "sensors", "-r", "one")
        for task in ("rescheduled", "poked"):
            self.venturi.wait_until(lambda: self.venturi.run("tasks", "logs", "sensors", task, "one").stdout.count("Poking for file") >= 2, 30, f"a second poke of {task}")
        (self.files / "here").touch()
        self.assertEqual(self.venturi.wait_for_run("sensors", "one"), "success")
        states = self.venturi.states("sensors", "one")
        self.assertEqual({task: (row["state"], row["try_number"]) for task, row in states.items()},
                         {"rescheduled": ("success", 1), "timed_out": ("skipped", 1), "poked": ("success", 1)})
        # The time-out counts from the first of several starts.
        log = self.task_log("sensors", "one", "timed_out")
        self.assertIn("marking task as UP_FOR_RESCHEDULE", log)
        self.assertIn("exceeds the specified timeout of 0.5.", log)

    def test_a_deferred_one_holds_no_slot_and_outlives_its_host(self):
        self.venturi.cli("dags", "trigger", "deferred", "-r", "one")
        waits = lambda: self.venturi.states("deferred", "one")["waits"]
        self.venturi.wait_until(lambda: self.venturi.states("deferred", "one")["works"]["state"] == "success", 30, "the other task")
        self.assertEqual(waits()["state"], "deferred")
        why = self.venturi.cli("tasks", "why", "deferred", "waits", "one")
        self.assertIn("airflow.providers.standard.triggers.file.FileTrigger", why)
        pokes = lambda: self.task_log("deferred", "one", "waits").count("Poking for file")
        self.venturi.kill_operator_hosts()
        before = pokes()
        self.venturi.wait_until(lambda: pokes() > before, 30, "a poke in another host")
        (self.files / "late").touch()
        self.assertEqual(self.venturi.wait_for_run("deferred", "one"), "success")
        self.assertEqual(waits()["try_number"], 1)
        self.assertIn("it begins to wait again", self.venturi.cli("tasks", "why", "deferred", "waits", "one"))

    def test_webhooks_tell_of_a_failure(self):
        self.assertEqual(self.venturi.trigger("alarm", "one"), "failed")
        row = self.venturi.states("alarm", "one")["fails"]
        self.assertEqual(row["try_number"], 1)  # a time-out spends no retry
        self.venturi.wait_until(lambda: len(self.record.read_text().splitlines()) >= 2 if self.record.exists() else False, 30, "two messages")
        requests = {r["target"]: r for r in map(json.loads, self.record.read_text().splitlines())}
        self.assertEqual(set(requests), {"/echo/hook", "/echo/alarm"})
        text = json.loads(requests["/echo/hook"]["body"])["text"]
        for fact in ("alarm", "one", "fails", "1 of 4", "Sensor has timed out", "attempt=1.log"):
            self.assertIn(fact, text)
        self.assertEqual(json.loads(requests["/echo/alarm"]["body"])["event"], "failure")
        keys = {r["headers"]["idempotency-key"] for r in requests.values()}
        self.assertEqual(len(keys), 2)
