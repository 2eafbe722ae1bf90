"""Who ends what, as docs/architecture/one-task.md has it, seen from a grandchild in a session of its own that appends to a file
for ever; tasks that outlive their server; lines that were written while the worker stood still."""

import json
import os
import signal
import time
import unittest

from crash.rig import Process, Rig, Workers, wait_until

SECRET = "correct-horse-battery"


class OrphansTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(self, "crash_orphan", ("crash_beat", "crash_tell"))
        self.work = self.rig.folder / "work"
        self.work.mkdir()
        self.rig.start()
        self.rig.wait_for_server()

    def begin(self, dag_id):
        """A run whose task waits now; the task's process."""
        self.dag_id = dag_id
        self.rig.cli("dags", "trigger", dag_id, "-r", "r", "--conf", json.dumps({"folder": str(self.work)}))
        self.rig.wait_until((self.work / "began").exists, 20, "that the task runs")
        task = Process((self.work / "began").read_text())
        self.addCleanup(self.end_beats)
        return task

    def beats(self):
        path = self.work / "beats"
        return path.stat().st_size if path.exists() else 0

    def end_beats(self):
        """It writes until its file cannot grow: so it is found by that file."""
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    if any(os.readlink(f"/proc/{entry}/fd/{fd}") == str(self.work / "beats") for fd in os.listdir(f"/proc/{entry}/fd")):
                        os.kill(int(entry), signal.SIGKILL)
                except OSError:
                    continue

    def beating(self):
        before = self.beats()
        wait_until(lambda: self.beats() > before, 5, "that the grandchild writes")

    def assert_silent(self, since):
        """From 1 s after `since` on."""
        time.sleep(max(0, since + 1 - time.monotonic()))
        before = self.beats()
        time.sleep(0.2)
        self.assertEqual(self.beats(), before)

    def assert_ended_as(self, state, why=None):
        self.assertEqual(self.rig.wait_for_run(self.dag_id, "r"), "success" if state == "success" else "failed")
        row, = self.rig.states(self.dag_id, "r").values()
        self.assertEqual(row["state"], state)
        if why:
            self.assertIn(why, row["why"])

    def test_the_supervisor_dies(self):
        task = self.begin("crash_beat")
        self.beating()
        Workers(self.rig.home).supervisor.kill()
        killed = time.monotonic()
        self.assert_silent(killed)
        self.assertFalse(task.alive())
        self.assert_ended_as("failed", "lost")

    def test_the_keeper_dies(self):
        task = self.begin("crash_beat")
        self.beating()
        workers = Workers(self.rig.home)
        workers.keeper.kill()
        killed = time.monotonic()
        self.assert_silent(killed)
        self.assertFalse(task.alive())
        self.assertFalse(workers.supervisor.alive())
        self.assert_ended_as("failed", "lost")  # by the next worker, which the server starts

    def test_keeper_and_supervisor_die_together(self):
        task = self.begin("crash_beat")
        self.beating()
        workers = Workers(self.rig.home)
        workers.supervisor.kill(signal.SIGSTOP)  # it must not see the keeper's end
        workers.keeper.kill()
        workers.supervisor.kill()
        wait_until(lambda: not task.alive(), 1, "the task's end, which the kernel brings")
        wait_until(lambda: (next_one := Workers(self.rig.home).supervisor) and next_one.key != workers.supervisor.key, 10, "a new worker")
        self.assert_silent(time.monotonic())
        self.assert_ended_as("failed", "lost")

    def test_the_warm_process_dies(self):
        task = self.begin("crash_beat")
        warm, = Workers(self.rig.home).warm
        warm.kill()
        wait_until(lambda: not warm.alive(), 5, "the end of the warm process")
        self.beating()
        self.assertTrue(task.alive())
        (self.work / "go").touch()
        self.assert_ended_as("success")

    def test_the_server_dies(self):
        task = self.begin("crash_beat")
        worker = Workers(self.rig.home).supervisor
        self.rig.kill_server()
        self.beating()
        (self.work / "go").touch()
        wait_until(lambda: (self.rig.home / "worker" / "journal").stat().st_size > 0, 10, "that the worker keeps the outcome")
        self.assertTrue(task.alive())  # it is told that it succeeded when that is durable
        self.rig.start()
        self.assert_ended_as("success")
        self.assertEqual(Workers(self.rig.home).supervisor.key, worker.key)

    def test_the_worker_of_an_earlier_server_is_looked_after(self):
        self.begin("crash_beat")
        self.rig.kill_server()
        self.rig.start()
        self.rig.wait_for_server()
        workers = Workers(self.rig.home)
        workers.keeper.kill()
        self.assert_ended_as("failed", "lost")  # which takes a new worker
        self.assertNotEqual(Workers(self.rig.home).keeper.key, workers.keeper.key)
        last = Workers(self.rig.home).keeper
        self.rig.stop()  # drains that one, too
        self.assertFalse(last.alive())

    def test_an_earlier_worker_is_drained(self):
        self.begin("crash_beat")
        keeper = Workers(self.rig.home).keeper
        self.rig.kill_server()
        self.rig.start()
        self.rig.wait_for_server()
        self.rig.process.send_signal(signal.SIGTERM)
        (self.work / "go").touch()
        self.rig.process.wait(30)
        wait_until(lambda: not keeper.alive(), 5, "the end of the worker")
        self.rig.process = None
        self.rig.start()
        self.assert_ended_as("success")

    def test_what_is_written_while_the_worker_stands_still_is_in_the_log(self):
        self.rig.cli("variables", "set", "api_password", "-", input=SECRET)
        for who_dies in ("task", "supervisor"):
            with self.subTest(who_dies):
                for name in ("began", "go", "written"):
                    (self.work / name).unlink(missing_ok=True)
                self.dag_id, run = "crash_tell", f"run_{who_dies}"
                self.rig.cli("dags", "trigger", "crash_tell", "-r", run, "--conf", json.dumps({"folder": str(self.work)}))
                self.rig.wait_until((self.work / "began").exists, 20, "that the task runs")
                task = Process((self.work / "began").read_text())
                supervisor = Workers(self.rig.home).supervisor
                supervisor.kill(signal.SIGSTOP)
                (self.work / "go").touch()
                wait_until((self.work / "written").exists, 10, "that the task wrote")
                if who_dies == "task":
                    task.kill()
                    supervisor.kill(signal.SIGCONT)
                else:
                    supervisor.kill()
                self.assertEqual(self.rig.wait_for_run("crash_tell", run), "failed")
                log = self.rig.cli("tasks", "logs", "crash_tell", "tell", run)
                self.assertIn("logged while nobody read: ***", log)
                self.assertIn("printed while nobody read: ***", log)
                files = b"".join(path.read_bytes() for path in (self.rig.home / "logs").rglob("*") if path.is_file())
                self.assertNotIn(SECRET.encode(), files)


if __name__ == "__main__":
    unittest.main()
