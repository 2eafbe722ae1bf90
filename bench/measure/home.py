"""A Venturi home for one measurement: in a fresh folder, watched by reading alone, killed and counted at the end."""

import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

from support.venturi import BIN, Venturi

from . import processes
from .client import Client

DAGS = pathlib.Path(os.environ.get("VENTURI_DAGS", BIN.parent / "dags"))
COUNT = pathlib.Path(__file__).with_name("count.py")

# What a user sets who wants throughput: enough tries under way that the worker never waits for the server's commit.
THROUGHPUT = {"VENTURI__CORE__PARALLELISM": "64", "VENTURI__WORKER__PARALLELISM": "64", "VENTURI__CORE__MAX_ACTIVE_TASKS_PER_DAG": "64"}


class Wrong(Exception):
    """Something did not work, or is not what it seemed to be."""


class Task:
    """A line of the ledger that the tasks of bench/dags write; times in seconds."""

    def __init__(self, line):
        self.task_id, try_number, pid, began, ended = line.split()
        self.try_number, self.pid = int(try_number), int(pid)
        self.began, self.ended = int(began) / 1e9, int(ended) / 1e9


class BenchHome(Venturi):
    def __init__(self, folder, dags, settings=None):
        """`folder` is fresh; the home itself is made by the server, that also finds `dags` there."""
        folder.mkdir(parents=True)
        self.dags_folder, self.user = folder / "dags", folder / "user"
        self.dags_folder.mkdir()
        self.user.mkdir()
        for dag in dags:
            if not (DAGS / dag).exists():
                raise SystemExit(f"there is no {DAGS / dag} (build it: scripts/build release bench)")
            shutil.copy(DAGS / dag, self.dags_folder / dag)
        super().__init__(folder / "home", VENTURI__CORE__DAGS_FOLDER=str(self.dags_folder), HOME=str(self.user), **(settings or {}))
        self.wrapper = []
        os.sync()  # what was written before is not written meanwhile

    def start_and_wait(self):
        """How long it took from exec to the first answer."""
        from_ = time.time()
        if self.wrapper:
            self.process = subprocess.Popen([*self.wrapper, BIN / "venturi", "standalone"], env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=self.log.open("a"))
        else:
            self.start()
        while True:
            try:
                with Client(self.home) as client:
                    client.command("ping")
                return time.time() - from_
            except OSError:  # not yet
                self.check_server()
                if time.time() > from_ + 60:
                    raise Wrong(f"the server did not answer within 60 s: {self.log}") from None
                time.sleep(0.001)

    @contextlib.contextmanager
    def running(self):
        """The server, that has read its DAGs: what is measured from here on are runs."""
        self.start_and_wait()
        try:
            self.wait_for_dags()
            yield self
        finally:
            self.kill()

    def wait_for_dags(self, seconds=60):
        end = time.time() + seconds
        expected = len(list(self.dags_folder.iterdir()))
        while self.read("SELECT count(*) FROM dag")[0][0] < expected:
            self.check_server()
            if time.time() > end:
                raise Wrong(f"the server did not read {self.dags_folder} within {seconds} s: {self.log}")
            time.sleep(0.02)

    def kill(self):
        processes.kill_all(self.home)
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    # ---- runs ----

    def ledger(self, run_id):
        return self.user / f"ledger_{run_id}"

    def begin_runs(self, dag_id, run_ids, **conf):
        """Triggers them, and says when."""
        from_ = time.time()
        with Client(self.home) as client:
            for run_id in run_ids:
                client.send("dags trigger", dag_id=dag_id, run_id=run_id, conf={"ledger": str(self.ledger(run_id)), **conf}, user="bench")
            for _ in run_ids:
                client.answer()
        return from_

    def read(self, sql, *values):
        """From a connection of its own that reads alone: it holds nobody up."""
        db = sqlite3.connect(f"file:{self.home}/venturi.db?mode=ro", uri=True)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def wait_for_runs(self, dag_id, run_ids, seconds=300, interval=0.02):
        """When the last of them ended, by the database; all must have succeeded."""
        end = time.time() + seconds
        names = ",".join("?" * len(run_ids))
        db = sqlite3.connect(f"file:{self.home}/venturi.db?mode=ro", uri=True)
        try:
            while True:
                rows = db.execute(f"SELECT run_id, state, end_date FROM dag_run WHERE dag_id = ? AND run_id IN ({names})", (dag_id, *run_ids)).fetchall()
                if len(rows) == len(run_ids) and all(state in ("success", "failed") for _, state, _ in rows):
                    break
                self.check_server()
                if time.time() > end:
                    raise Wrong(f"the runs of {dag_id} did not end within {seconds} s: {self.log}")
                time.sleep(interval)
        finally:
            db.close()
        if failed := [run_id for run_id, state, _ in rows if state != "success"]:
            raise Wrong(f"{dag_id}: failed: {failed[:3]} (home {self.home})")
        return max(end_date for _, _, end_date in rows) / 1e6

    def run_dag(self, dag_id, run_id="bench", **conf):
        """Seconds from the trigger to the durable success of the run."""
        from_ = self.begin_runs(dag_id, [run_id], **conf)
        return self.wait_for_runs(dag_id, [run_id]) - from_

    # ---- what was left behind ----

    def tasks(self, run_id):
        """What the tasks of a run wrote themselves."""
        return [Task(line) for line in self.ledger(run_id).read_text().splitlines()]

    def count(self, *dag_ids):
        done = subprocess.run([sys.executable, COUNT, self.home, *dag_ids], capture_output=True, text=True)
        if done.returncode != 0:
            raise Wrong(f"cannot count what {self.home} holds: {done.stderr}")
        return json.loads(done.stdout)

    def check(self, dag_id, tasks, xcoms=0, logs=None, own_lines=None):
        """After the kill: that all is on disk which was answered for."""
        counted = self.count(dag_id)
        wanted = {"states": {"success": tasks}, "xcoms": xcoms, "logs": tasks if logs is None else logs}
        if odd := {key: counted[key] for key, value in wanted.items() if counted[key] != value}:
            raise Wrong(f"{dag_id}: on disk are {odd} instead of {wanted} (home {self.home})")
        if own_lines is not None and (len(own_lines) != tasks or len(set(own_lines)) != tasks):
            raise Wrong(f"{dag_id}: {len(set(own_lines))} tasks wrote {len(own_lines)} lines instead of {tasks} (home {self.home})")
        return counted
