"""kill -9 at random moments of everything that has a name, while runs are triggered all the time; then the ledger is judged.

VENTURI_CRASH_SECONDS (60) says for how long, VENTURI_CRASH_SEED repeats a seed that was printed: the same order of kills and
pauses, though not the same moments of the processes.
"""

import collections
import os
import random
import signal
import time
import unittest

from crash.rig import Rig, Workers, wait_until

KINDS = ("server", "supervisor", "keeper", "warm process", "light process", "operator host", "server and worker")
UNFINISHED = 12  # runs at once: enough that every process is always busy, few enough that they end
TRIGGERS = 3  # commands at once


class CrashLoopTest(unittest.TestCase):
    def setUp(self):
        self.seconds = float(os.environ.get("VENTURI_CRASH_SECONDS", "60"))
        self.seed = int(os.environ.get("VENTURI_CRASH_SEED") or random.SystemRandom().randrange(1 << 31))
        print(f"seed {self.seed} (repeat it: VENTURI_CRASH_SEED={self.seed}), {self.seconds:g} s", flush=True)
        self.random = random.Random(self.seed)
        self.rig = Rig(self)
        self.kills = collections.Counter()
        self.started = 0
        self.triggers = []
        self.unanswered = []
        self.server_due = 0.0

    def test_nothing_is_lost_and_nothing_doubled(self):
        self.rig.start_with()
        end = time.monotonic() + self.seconds
        kill_due = time.monotonic() + self.random.expovariate(3)
        wanted = []
        while time.monotonic() < end or self.missing():
            self.assertLess(time.monotonic(), end + 60, f"never met: {self.missing()}")
            self.keep_a_server()
            self.keep_triggering()
            if time.monotonic() >= kill_due:
                if not wanted:
                    wanted = self.random.sample(KINDS, len(KINDS))
                if self.kill(wanted[-1]):
                    self.kills[wanted.pop()] += 1
                    kill_due = time.monotonic() + self.random.expovariate(3)
            time.sleep(0.005)
        for begun in self.triggers:
            self.finish(begun)
        if self.rig.dead():
            self.rig.start_with()
        for run_id in self.unanswered:
            self.rig.trigger_again(run_id)
        self.rig.drain(90)
        judge = self.rig.judge()
        print(", ".join(f"{kind}: {self.kills[kind]}" for kind in KINDS) + "\n" + judge.summary(), flush=True)
        judge.check(self, f", seed {self.seed}")
        self.assertGreater(judge.count("success"), 0)

    def missing(self):
        return [kind for kind in KINDS if not self.kills[kind]]

    def keep_a_server(self):
        if not self.rig.dead():
            return
        now = time.monotonic()
        if self.server_due == 0:
            self.assertEqual(self.rig.process.returncode, -signal.SIGKILL, self.rig.log.read_text()[-3000:])
            self.server_due = now + self.random.choice((0, 0.1, 0.5))
        if now >= self.server_due:
            self.server_due = 0
            self.rig.start_with()

    def keep_triggering(self):
        for begun in [t for t in self.triggers if t[1].poll() is not None]:
            self.triggers.remove(begun)
            self.finish(begun)
        if len(self.triggers) < TRIGGERS and self.rig.unfinished() < UNFINISHED:
            self.started += 1
            self.triggers.append(self.rig.begin_trigger(f"run_{self.started}"))

    def finish(self, begun):
        done, said = self.rig.end_trigger(begun)
        if not done:
            self.assertNotIn("Traceback", said)
            self.unanswered.append(begun[0])

    def kill(self, kind):
        """Whether there was one."""
        workers = Workers(self.rig.home)
        server = [] if self.rig.dead() else [self.rig.process]
        if kind == "server":
            victims = server
        elif kind == "supervisor":
            victims = [workers.supervisor]
        elif kind == "keeper":
            victims = [workers.keeper]
        elif kind == "warm process":
            victims = workers.warm[:1]
        elif kind == "light process":
            victims = workers.light[:1]
        elif kind == "operator host":
            victims = workers.hosts[:1]
        else:
            victims = server + [workers.keeper, workers.supervisor]
        if not victims or None in victims:
            return False
        for victim in victims:
            victim.kill()
        wait_until(lambda: all(self.gone(v) for v in victims), 10, f"the end of the {kind}")
        return True

    def gone(self, victim):
        return victim.poll() is not None if victim is self.rig.process else not victim.alive()


if __name__ == "__main__":
    unittest.main()
