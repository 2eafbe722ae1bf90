"""A Venturi home and the programs that work on it.

VENTURI_BIN names the folder with the programs (default: build/release/bin of the checkout).
"""

import json
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("VENTURI_BIN", ROOT / "build" / "release" / "bin"))


class CommandFailed(Exception):
    pass


class Venturi:
    def __init__(self, home, **environment):
        """`environment`: more variables for the commands and the server, such as VENTURI__CORE__PARALLELISM="8"."""
        self.home = pathlib.Path(home)
        self.log = self.home.with_name(self.home.name + ".log")
        self.process = None
        if not (BIN / "venturi").exists():
            raise SystemExit(f"there is no {BIN}/venturi (build it: make build)")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "VENTURI_"))}
        self.environment = {**inherited, "VENTURI_HOME": str(self.home), "VENTURI__API__PORT": "0", **environment}

    def run(self, *words, **more):
        """The finished command with its exit code, stdout and stderr, whatever they are."""
        return subprocess.run([BIN / "venturi", *map(str, words)], env=self.environment, text=True, capture_output=True,
                              **{"stdin": subprocess.DEVNULL, **({} if "input" not in more else {"stdin": None}), **more})

    def cli(self, *words, **more):
        """What the command wrote; CommandFailed where it failed."""
        done = self.run(*words, **more)
        if done.returncode != 0:
            raise CommandFailed(f"venturi {' '.join(map(str, words))} ended with {done.returncode}\n{done.stderr}")
        return done.stdout

    def rows(self, *words):
        return json.loads(self.cli(*words, "-o", "json"))

    def connection(self, conn_id, text):
        """By stdin: arguments can be read by everybody on the machine."""
        if conn_id in {row["conn_id"] for row in self.rows("connections", "list")}:
            self.cli("connections", "delete", conn_id)
        self.cli("connections", "add", conn_id, "--conn-uri", "-", input=text)

    def start(self, command="standalone"):
        """The server. It is there when it answers a command."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen([BIN / "venturi", command], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=log)
        return self

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.process = None

    def kill_operator_hosts(self):
        """By SIGKILL, and with them whatever waits in them."""
        killed = 0
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                is_host = os.readlink(process / "exe") == str(BIN / "venturi-operators")
                if is_host and any(e.endswith(f"={self.home}".encode()) for e in (process / "environ").read_bytes().split(b"\0")):
                    os.kill(int(process.name), signal.SIGKILL)
                    killed += 1
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue  # it has ended meanwhile
        if killed == 0:
            raise CommandFailed("no operator host runs")

    def check_server(self):
        if self.process is not None and self.process.poll() is not None:
            raise CommandFailed(f"the server ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")

    def wait_until(self, condition, seconds=60, what="the condition"):
        end = time.monotonic() + seconds
        while not (result := condition()):
            self.check_server()
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not come true within {seconds} s")
            time.sleep(0.05)
        return result

    def import_errors(self):
        """File → its error."""
        done = self.run("dags", "list-import-errors", "-o", "json")
        if done.returncode not in (0, 1) or not done.stdout:
            raise CommandFailed(f"venturi dags list-import-errors ended with {done.returncode}\n{done.stderr}")
        return {row["filepath"]: row["error"] for row in json.loads(done.stdout)}

    def wait_for_dag(self, dag_id, seconds=120, others_may_fail=False):
        """`others_may_fail`: whether other files in the DAGs folder may have errors."""
        def there():
            if dag_id in {row["dag_id"] for row in self.rows("dags", "list")}:
                return True
            if not others_may_fail and (errors := self.import_errors()):
                raise CommandFailed("\n".join(f"{path}: {error}" for path, error in errors.items()))
            return False
        self.wait_until(there, seconds, f"DAG {dag_id}")

    def wait_for_run(self, dag_id, run_id, seconds=120):
        """The run's final state."""
        def state():
            done = self.run("dags", "state", dag_id, run_id)
            text = done.stdout.strip().partition(",")[0]  # behind it stands the run's conf, where it has one
            return text if done.returncode == 0 and text in ("success", "failed") else None
        return self.wait_until(state, seconds, f"the end of run {run_id} of {dag_id}")

    def trigger(self, dag_id, run_id, *more):
        self.cli("dags", "trigger", dag_id, "-r", run_id, *more)
        return self.wait_for_run(dag_id, run_id)

    def states(self, dag_id, run_id):
        """task_id → its row (state, try_number, start_date, end_date, why)."""
        return {row["task_id"]: row for row in self.rows("tasks", "states-for-dag-run", dag_id, run_id)}
