"""How tasks end and how that is told; time-outs, retries, callbacks, what is around a task, and runs by schedule."""

import collections
import datetime
import json
import os
import pathlib
import unittest

from support.case import HomeCase


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class ProcessesTest(HomeCase):
    programs = ("e2e_processes", "e2e_schedules")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.folder / "files"
        cls.files.mkdir()
        cls.venturi.cli("variables", "set", "folder", cls.files)
        # What must not come to a task.
        cls.venturi.environment |= {"AIRFLOW_CONN_FROM_OUTSIDE": "postgres://u:outside@h/d", "VENTURI__CORE__PARALLELISM": "16", "EDITOR": "ed"}
        cls.start_server("ends", "catching_up")

    def lines(self, name):
        path = self.files / name
        return path.read_text().splitlines() if path.exists() else []

    def test_ends_are_told_apart(self):
        self.assertEqual(self.venturi.trigger("ends", "one"), "failed")
        rows = self.venturi.states("ends", "one")
        self.assertEqual({task: row["state"] for task, row in rows.items()},
                         {"fine": "success", "throws": "failed", "exits": "failed", "aborts": "failed", "killed": "failed", "skips": "skipped",
                          "fails_for_good": "failed"})
        self.assertEqual(rows["fails_for_good"]["try_number"], 1)
        for task, why in {"throws": "the sky is falling", "exits": "exit code 7", "aborts": "killed by signal 6 (SIGABRT)",
                          "killed": "killed by signal 9 (SIGKILL)", "fails_for_good": "no use in trying again"}.items():
            self.assertIn(why, rows[task]["why"], task)
        self.assertIn("nothing to do today", self.task_log("ends", "one", "skips"))
        self.assertIn("the sky is falling", self.task_log("ends", "one", "throws"))

    def test_a_time_out_ends_the_whole_process_group(self):
        self.assertEqual(self.venturi.trigger("time_out", "one"), "failed")
        row = self.venturi.states("time_out", "one")["never_ends"]
        self.assertEqual(row["state"], "failed")
        self.assert_parts(row["why"], "execution_timeout", "1 s")
        pids = self.lines("group.pids")
        self.assertEqual(len(pids), 4)
        self.venturi.wait_until(lambda: not any(map(is_alive, pids)), 10, "the end of the process group")
        self.assertEqual(self.states("time_out", "one")["fine"], "success")

    def test_retries_wait_as_long_as_they_were_told(self):
        self.assertEqual(self.venturi.trigger("retries", "one"), "success")
        for task, shortest, longest in (("steady", (1, 1), (3, 3)), ("growing", (1, 2), (4, 5))):
            self.assertEqual(self.venturi.states("retries", "one")[task]["try_number"], 3)
            times = []
            for number in (1, 2, 3):
                lines = [json.loads(line) for line in self.task_log("retries", "one", task, "--try", number, "-o", "json").splitlines()]
                own, = [line for line in lines if line["event"] == f"this is try {number}"]
                times.append(moment(own["timestamp"]))
            for i in (0, 1):
                gap = (times[i + 1] - times[i]).total_seconds()
                self.assertGreaterEqual(gap, shortest[i] - 0.01, (task, i))
                self.assertLess(gap, longest[i], (task, i))

    def test_callbacks_run_once_each(self):
        self.assertEqual(self.venturi.trigger("callbacks", "one"), "failed")
        self.assertEqual(self.venturi.trigger("good_callbacks", "one"), "success")
        wanted = collections.Counter([
            "callbacks fine execute 1", "callbacks fine success 1", "callbacks throws execute 1", "callbacks throws failure 1",
            "callbacks killed execute 1", "callbacks killed failure 1", "callbacks skips execute 1", "callbacks skips skipped 1",
            "callbacks at_second_try execute 1", "callbacks at_second_try retry 1", "callbacks at_second_try execute 2",
            "callbacks at_second_try success 2", "callbacks the DAG failure", "good_callbacks the DAG success"])
        self.venturi.wait_until(lambda: len(self.lines("ledger")) >= sum(wanted.values()), what="the callbacks")
        found = collections.Counter(line.partition(": ")[0] for line in self.lines("ledger"))
        text = "\n".join(self.lines("ledger"))
        self.assertEqual(found, wanted, text)
        self.assertIn("callbacks throws failure 1: the sky is falling", text)
        self.assertRegex(text, "callbacks killed failure 1: .*(SIGKILL|signal 9)")

    def test_a_task_finds_nothing_of_ours_around_it(self):
        self.assertEqual(self.venturi.trigger("around", "one"), "success")
        lines = [json.loads(line)["event"] for line in self.task_log("around", "one", "surroundings", "-o", "json").splitlines()]
        found = collections.defaultdict(list)
        for line in lines:
            kind, _, rest = line.partition(" ")
            found[kind].append(rest)
        passed_on = [f"{name}={os.environ[name]}" for name in ("PATH", "HOME", "LANG", "TZ", "USER") if name in os.environ]
        self.assertEqual(sorted(found["environment"]), sorted([*passed_on, f"VENTURI_WORKER={self.venturi.home}"]))
        # stdin (nothing), stdout, stderr, the log, and the task's requests.
        self.assertEqual(found["file"], ["0", "1", "2", "3", "4"])
        self.assertEqual(found["limit"], ["core 0 0", "nofile 4096 4096", "as -1 -1", "cpu -1 -1"])
        self.assertEqual(found["group"], ["true"])

    def runs(self, dag_id, state="success"):
        return sorted(row["run_id"] for row in self.venturi.rows("dags", "list-runs", dag_id) if row["state"] == state)

    def test_runs_by_schedule(self):
        self.venturi.wait_until(lambda: len(self.runs("catching_up")) >= 3, what="three runs of catching_up")
        self.assertEqual(self.runs("catching_up"), [f"scheduled__2026-01-0{day}T00:00:00+00:00" for day in (1, 2, 3)])
        self.venturi.wait_until(lambda: len(self.runs("in_tokyo")) >= 2, what="two runs of in_tokyo")
        self.assertEqual(self.runs("in_tokyo"), ["scheduled__2026-02-28T21:30:00+00:00", "scheduled__2026-03-01T21:30:00+00:00"])
        self.venturi.wait_until(lambda: self.runs("once"), what="the run of once")
        self.assertEqual(self.runs("once"), ["scheduled__2026-01-01T00:00:00+00:00"])
        self.venturi.wait_until(lambda: self.runs("only_the_last"), what="the run of only_the_last")
        self.assertEqual(len(self.runs("only_the_last")), 1)
        self.venturi.wait_until(lambda: len(self.runs("every_second")) >= 3, what="three runs of every_second")
        self.assertEqual(self.venturi.rows("dags", "list-runs", "stays_paused"), [])


if __name__ == "__main__":
    unittest.main()
