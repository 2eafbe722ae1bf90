"""A kill -9 at each of the named places of docs/architecture/one-task.md, several times, while runs go through. What died is
started again, all runs end, and the ledger is judged. One test for each place; each prints how often it was hit."""

import pathlib
import re
import tempfile
import unittest

from crash.ledger import read
from crash.rig import Rig, wait_until
from support.venturi import ROOT

# At which passage of the place the process dies: one round for each.
SERVER_PASSAGES = (1, 2, 3, 4, 6, 9, 13, 20)
WORKER_PASSAGES = (1, 2, 9)
WITHOUT_SERVER = ("worker.before_journal", "worker.after_journal")  # passed only while there is no server, so once is sure
WITHOUT_SERVER_PASSAGES = (1, 1)
RUNS_A_ROUND = 40


def documented():
    text = (ROOT / "docs" / "architecture" / "one-task.md").read_text()
    section = text.split("## Kill points", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE)


def in_the_code():
    names = set()
    for path in (ROOT / "src").rglob("*.cpp"):
        if not path.name.endswith("_test.cpp"):
            names |= set(re.findall(r'\bkill_point\("([^"]+)"\)', path.read_text()))
    return names


class Round:
    """One process that dies at the n-th passage of a place: the server's or its worker's."""

    def __init__(self, rig, point, n):
        self.rig = rig
        self.log = pathlib.Path(tempfile.mkdtemp(dir=rig.folder)) / "hits"
        rig.start_with(VENTURI_KILL_POINT=f"{point}:{n}", VENTURI_KILL_LOG=str(self.log))

    def hit(self):
        return self.log.exists() and self.log.read_text() != ""


class KillPointsTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(self)
        self.begun = 0

    def test_the_table_is_the_code(self):
        self.assertEqual(sorted(documented()), sorted(in_the_code()))

    def next_run(self):
        self.begun += 1
        return f"run_{self.begun}"

    def check_point(self, point):
        if point.startswith("server."):
            hits = sum(self.server_round(point, n) for n in SERVER_PASSAGES)
        elif point in WITHOUT_SERVER:
            hits = sum(self.round_without_server(point, n) for n in WITHOUT_SERVER_PASSAGES)
        else:
            hits = sum(self.worker_round(point, n) for n in WORKER_PASSAGES)
        self.rig.drain()
        judge = self.rig.judge()
        print(f"{point}: {hits} hits; {judge.summary()}", flush=True)
        judge.check(self)
        self.assertGreater(hits, 0)
        self.assertGreater(judge.count("success"), 0)

    def server_round(self, point, n):
        """The server dies, under the load of triggers; its worker lives on."""
        this = Round(self.rig, point, n)
        unanswered = []
        for _ in range(RUNS_A_ROUND):
            if self.rig.dead():
                break
            run_id = self.next_run()
            if not self.rig.end_trigger(self.rig.begin_trigger(run_id))[0]:
                unanswered.append(run_id)
        wait_until(self.rig.dead, 20, f"death at {point}:{n}")
        self.assertTrue(this.hit(), self.rig.log.read_text()[-2000:])
        for run_id in unanswered:
            self.rig.trigger_again(run_id)
        return 1

    def worker_round(self, point, n):
        """The supervisor dies; its keeper starts the next one."""
        this = Round(self.rig, point, n)
        for _ in range(RUNS_A_ROUND):
            if this.hit():
                break
            self.rig.trigger_again(self.next_run())
        wait_until(this.hit, 20, f"death at {point}:{n}")
        self.rig.stop()
        return 1

    def round_without_server(self, point, n):
        """The server is killed while tasks run: their outcomes come to a worker that can only write them down."""
        this = Round(self.rig, point, n)
        runs = {self.next_run() for _ in range(2)}
        for run_id in runs:
            self.rig.trigger_again(run_id)
        wait_until(lambda: self.running(runs), 20, "that a task runs")
        self.rig.kill_server()
        wait_until(this.hit, 20, f"death at {point}:{n}")
        self.rig.start_with()
        self.rig.stop()
        return 1

    def running(self, runs):
        """In each of them a task works that ends a while later."""
        lines = read(self.rig.ledger)
        return runs <= {run for (_, run, task, _), count in lines.items() if task == "work" and count["body"] and not count["end"]}


for _point in documented():
    def _test(self, point=_point):
        self.check_point(point)
    setattr(KillPointsTest, "test_" + _point.replace(".", "_"), _test)


if __name__ == "__main__":
    unittest.main()
