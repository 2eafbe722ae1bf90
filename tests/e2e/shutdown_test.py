"""How server and worker end: draining, at once, and by kill -9."""

import os
import signal
import unittest

from support.case import HomeCase, processes_of


class ShutdownTest(HomeCase):
    programs = ("e2e_processes",)

    def setUp(self):
        self.files = self.folder / self._testMethodName
        self.files.mkdir()
        self.venturi.cli("variables", "set", "folder", self.files)
        self.said_before = len(self.said())
        self.start_server("waiting", "waiting_once")

    def tearDown(self):
        """Nothing stays that another test could trip over."""
        for name in ("first", "second", "alone", "again"):
            (self.files / f"{name}.go").touch()
        self.venturi.stop()
        self.venturi.wait_until(lambda: not processes_of(self.venturi.home), 20, "the end of all processes")

    def begin(self, dag_id, run_id, *tasks):
        self.venturi.cli("dags", "trigger", dag_id, "-r", run_id)
        for task in tasks:
            self.venturi.wait_until((self.files / f"{task}.pid").exists, what=f"the start of {task}")

    def tell(self, number):
        self.venturi.process.send_signal(number)

    said_before = 0

    def said(self):
        """In this test."""
        return self.venturi.log.read_text()[self.said_before:] if self.venturi.log.exists() else ""

    def supervisor(self):
        """The worker's process whose children the tasks are."""
        task = int((self.files / "alone.pid").read_text().split()[0])
        with open(f"/proc/{task}/stat") as f:
            return int(f.read().rsplit(")", 1)[1].split()[1])

    def test_a_signal_drains(self):
        self.begin("waiting", "drained", "first")
        self.tell(signal.SIGTERM)
        self.venturi.wait_until(lambda: "stopping: running tasks may end; a second signal ends them at once" in self.said(), what="the word of it")
        (self.files / "first.go").touch()
        self.assertEqual(self.venturi.process.wait(30), 0)
        self.assertFalse(processes_of(self.venturi.home))
        self.assertEqual(self.states("waiting", "drained")["first"], "success")
        self.assertFalse((self.files / "second.pid").exists())
        # The next server goes on where this one stopped.
        (self.files / "second.go").touch()
        self.venturi.start()
        self.assertEqual(self.venturi.wait_for_run("waiting", "drained"), "success")

    def test_a_second_signal_ends_at_once_and_says_what(self):
        self.begin("waiting", "cut_short", "first")
        self.tell(signal.SIGINT)
        self.venturi.wait_until(lambda: "a second signal ends them at once" in self.said(), what="the word of it")
        self.tell(signal.SIGTERM)
        self.assertEqual(self.venturi.process.wait(20), 1)
        self.venturi.process = None
        self.venturi.wait_until(lambda: not processes_of(self.venturi.home), 10, "the end of all processes")
        last = self.said().splitlines()[-3:]
        self.assertTrue(any("waiting" in line and "cut_short" in line and "first" in line for line in last), last)
        self.venturi.start()
        self.assertEqual(self.venturi.wait_for_run("waiting", "cut_short"), "failed")

    def test_two_signals_one_after_the_other_are_two(self):
        self.begin("waiting", "in_a_hurry", "first")
        self.tell(signal.SIGINT)
        self.tell(signal.SIGTERM)
        self.assertEqual(self.venturi.process.wait(20), 1)
        self.assertIn("waiting.first, run in_a_hurry", self.said())

    def test_running_tasks_outlive_the_server(self):
        self.begin("waiting", "orphaned", "first")
        pid = int((self.files / "first.pid").read_text())
        self.tell(signal.SIGKILL)
        self.venturi.process.wait(10)
        self.assertTrue(os.path.exists(f"/proc/{pid}"))
        self.venturi.start()
        for name in ("first", "second"):
            (self.files / f"{name}.go").touch()
        self.assertEqual(self.venturi.wait_for_run("waiting", "orphaned"), "success")
        rows = self.venturi.states("waiting", "orphaned")
        self.assertEqual([row["try_number"] for row in rows.values()], [1, 1])
        self.assertEqual((self.files / "first.pid").read_text().split(), [str(pid)])

    def test_a_lost_worker(self):
        self.begin("waiting_once", "lost", "alone", "again")
        os.kill(self.supervisor(), signal.SIGKILL)
        (self.files / "again.go").touch()
        self.assertEqual(self.venturi.wait_for_run("waiting_once", "lost"), "failed")
        rows = self.venturi.states("waiting_once", "lost")
        self.assertEqual((rows["alone"]["state"], rows["alone"]["try_number"]), ("failed", 1))
        self.assertIn("lost with its worker", rows["alone"]["why"])
        # retries_on_loss = 1
        self.assertEqual((rows["again"]["state"], rows["again"]["try_number"]), ("success", 2))


if __name__ == "__main__":
    unittest.main()
