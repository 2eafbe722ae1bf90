"""A Venturi home with the ledger's DAG, whose processes a test kills, and the processes of its worker."""

import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from crash.ledger import Judge
from support.venturi import BIN, Venturi

DAGS = pathlib.Path(os.environ["VENTURI_DAGS"])


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come true within {seconds} s")
        time.sleep(0.01)
    return result


class Process:
    """One of /proc. `key` tells it from a later one with the same pid."""

    def __init__(self, pid):
        self.pid = int(pid)
        folder = pathlib.Path("/proc") / str(pid)
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        self.state, self.parent, self.key = fields[0], int(fields[1]), (self.pid, int(fields[19]))
        self.words = [word for word in (folder / "cmdline").read_bytes().decode(errors="replace").split("\0") if word]
        self.program = pathlib.Path(self.words[0]).name if self.words else ""

    def alive(self):
        try:
            now = Process(self.pid)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return now.key == self.key and now.state not in "ZX"

    def is_warm(self):
        """A task looks like the warm process that made it, but has no control socket as its stdin."""
        if "--venturi-warm" not in self.words or self.program == "venturi-operators":
            return False
        try:
            return os.readlink(f"/proc/{self.pid}/fd/0").startswith("socket:")
        except OSError:
            return False

    def kill(self, with_signal=signal.SIGKILL):
        if self.alive():
            os.kill(self.pid, with_signal)


def all_processes():
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                yield Process(entry)
            except (FileNotFoundError, ProcessLookupError):
                continue


class Workers:
    """The worker's processes as they are now: keeper → supervisor → warm processes, tasks, guards → operator hosts, light processes."""

    def __init__(self, home):
        processes = list(all_processes())
        self.children = {}
        for p in processes:
            self.children.setdefault(p.parent, []).append(p)
        keepers = [p for p in processes if p.program == "venturi-worker" and str(home) in p.words]
        self.keeper = keepers[0] if keepers else None
        below = self.below(self.keeper.pid) if self.keeper else []
        supervisors = [p for p in below if p.program == "venturi-worker-supervisor" and p.parent == self.keeper.pid]
        self.supervisor = supervisors[0] if supervisors else None
        self.warm = [p for p in below if self.supervisor and p.parent == self.supervisor.pid and p.is_warm()]
        self.light = [p for p in below if any(word.startswith("--venturi-light=") for word in p.words)]
        self.hosts = [p for p in below if p.program == "venturi-operators" and "--venturi-warm" in p.words]

    def below(self, pid):
        found = []
        for child in self.children.get(pid, []):
            found += [child, *self.below(child.pid)]
        return found


class Rig(Venturi):
    """A server of it may be dead; commands work with and without one."""

    def __init__(self, test, program="crash_ledger", dags=("crash_ledger",)):
        folder = tempfile.TemporaryDirectory(prefix="venturi_crash_", ignore_cleanup_errors=True)
        test.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        super().__init__(self.folder / "home", VENTURI__CORE__PARALLELISM="64", VENTURI__WORKER__PARALLELISM="64",
                         VENTURI__CORE__MAX_XCOM_IN_METADATA="20000")
        test.addCleanup(self.end)
        self.ledger = self.folder / "ledger"
        self.csv = self.folder / "rows.csv"
        self.csv.write_text("id,name\n1,one\n2,two\n3,three\n")
        self.cli("db", "migrate")
        shutil.copy(DAGS / program, self.home / "dags" / program)
        self.first_environment = dict(self.environment)
        self.answered = set()
        self.start()
        for dag in dags:
            self.wait_for_dag(dag)
        self.stop()

    def start_with(self, **environment):
        """A server with more variables, which its worker inherits where it starts one."""
        self.environment = {**self.first_environment, **environment}
        try:
            return self.start()
        finally:
            self.environment = dict(self.first_environment)

    def dead(self):
        return self.process is None or self.process.poll() is not None

    def wait_for_server(self):
        """Until it has answered something: only then it knows what to do with SIGTERM."""
        def listens():
            self.check_server()
            with socket.socket(socket.AF_UNIX) as s:
                return s.connect_ex(str(self.home / "run" / "server.sock")) == 0
        wait_until(listens, 20, "that the server listens")
        self.cli("variables", "set", "crash_test", "it answers")

    def stop(self):
        self.wait_for_server()
        super().stop()

    def kill_server(self):
        self.process.kill()
        self.process.wait()

    def conf(self):
        return json.dumps({"ledger": str(self.ledger), "csv": str(self.csv)})

    def begin_trigger(self, run_id, dag_id="crash_ledger"):
        words = ["dags", "trigger", dag_id, "-r", run_id, "--conf", self.conf()]
        return run_id, subprocess.Popen([BIN / "venturi", *words], env=self.environment, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def end_trigger(self, begun):
        """Whether it was answered; what it said where it was not."""
        run_id, process = begun
        with process:
            said = process.stderr.read()
        if process.returncode == 0:
            self.answered.add(run_id)
        return process.returncode == 0, said

    def trigger_again(self, run_id):
        """As a user does who got no answer: until there is one. That the run exists already is one too."""
        end = time.monotonic() + 30
        while run_id not in self.answered:
            done, said = self.end_trigger(self.begin_trigger(run_id))
            if not done and "already" in said:
                self.answered.add(run_id)
            elif not done and time.monotonic() > end:
                raise TimeoutError(f"run {run_id} is not answered: {said}\n{self.log.read_text()[-2000:]}")

    def unfinished(self):
        """How many runs have no final state, by the file."""
        database = sqlite3.connect(f"file:{self.home}/venturi.db?mode=ro", uri=True)
        try:
            return database.execute("SELECT count(*) FROM dag_run WHERE state NOT IN ('success', 'failed')").fetchone()[0]
        finally:
            database.close()

    def drain(self, seconds=60):
        """All runs end, whatever they need; then server and worker do."""
        if self.dead():
            self.start_with()
        try:
            self.wait_until(lambda: not self.unfinished(), seconds, "the end of all runs")
        except TimeoutError as e:
            raise AssertionError(f"{e}\n{self.what_hangs()}") from None
        self.stop()

    def what_hangs(self):
        database = sqlite3.connect(f"file:{self.home}/venturi.db?mode=ro", uri=True)
        try:
            rows = database.execute("SELECT r.run_id, t.task_id, t.try_number, t.state, t.token_sequence FROM dag_run r JOIN task_instance t "
                                    "ON t.run_no = r.no WHERE r.state NOT IN ('success', 'failed')").fetchall()
        finally:
            database.close()
        return "\n".join(map(str, rows[:40])) + "\n" + self.log.read_text()[-3000:]

    def judge(self):
        return Judge(self.ledger, self.home, self.answered)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.kill_server()
        for p in all_processes():
            if p.program == "venturi-worker" and str(self.home) in p.words:
                for below in [p, *Workers(self.home).below(p.pid)]:
                    below.kill()
