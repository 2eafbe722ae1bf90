"""Airflow itself, beside which a row is measured: its components with a metadata database in the bench's PostgreSQL, as
docs/benchmarks.md describes them. scripts/install-airflow installs it."""

import contextlib
import datetime
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request

from support.postgres import free_port

from .home import Wrong
from .orders import million

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".cache" / "airflow" / "bin" / "airflow"
DAG = ROOT / "bench" / "airflow" / "bench_etl_pg_records.py"
COMPONENTS = ("api-server", "scheduler", "dag-processor")


class Airflow:
    def __init__(self, folder, database):
        """`database`: the cluster that has the orders; the metadata go into a database of their own there."""
        subprocess.run([ROOT / "scripts" / "install-airflow"], check=True)
        self.folder, self.port, self.token = folder, free_port(), None
        (folder / "dags").mkdir(parents=True)
        shutil.copy(DAG, folder / "dags" / DAG.name)
        database.sql("drop database if exists airflow", database="postgres")
        database.sql("create database airflow", database="postgres")
        server = f"postgres:{database.password}@127.0.0.1:{database.port}"
        url = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "VENTURI", "PYTHON"))}
        self.environment = {
            **inherited, "AIRFLOW_HOME": str(folder), "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "AIRFLOW_CONN_BENCH_PG": f"postgresql://{server}/test_db",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor", "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{server}/airflow",
            "AIRFLOW__API__HOST": "127.0.0.1", "AIRFLOW__API__PORT": str(self.port), "AIRFLOW__API__BASE_URL": url,
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(), "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex()}

    @contextlib.contextmanager
    def running(self):
        subprocess.run([PROGRAM, "db", "migrate"], check=True, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        processes = []
        try:
            for component in COMPONENTS:
                with (self.folder / f"{component}.log").open("w") as log:
                    processes.append(subprocess.Popen([PROGRAM, component], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                      start_new_session=True))
            self.wait_until(lambda: self.ask("GET", "/api/v2/dags/bench_etl_pg_records"), "the DAG", 120)
            yield self
        finally:
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def ask(self, method, path, body=None):
        """The answer; None where it is not there yet."""
        try:
            if self.token is None and path != "/auth/token":
                self.token = self.ask("GET", "/auth/token")["access_token"]
            headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method, headers=headers,
                                             data=json.dumps(body).encode() if body is not None else None)
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except (OSError, TypeError):
            return None

    def wait_until(self, condition, what, seconds):
        end = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > end:
                raise Wrong(f"{what} did not come within {seconds} s (Airflow in {self.folder})")
            time.sleep(0.25)
        return found

    def run(self, run_id):
        """Seconds from the trigger to the end of the run, and what its task returned."""
        path = "/api/v2/dags/bench_etl_pg_records/dagRuns"
        from_ = time.time()
        if self.ask("POST", path, {"dag_run_id": run_id, "logical_date": None}) is None:
            raise Wrong(f"Airflow does not trigger a run (its logs are in {self.folder})")

        def ended():
            run = self.ask("GET", f"{path}/{run_id}")
            return run if run and run["state"] in ("success", "failed") else None

        run = self.wait_until(ended, f"the end of {run_id}", 300)
        if run["state"] != "success":
            raise Wrong(f"Airflow: {run_id} failed (its logs are in {self.folder})")
        value = self.ask("GET", f"{path}/{run_id}/taskInstances/count/xcomEntries/return_value")["value"]
        value = json.loads(value) if isinstance(value, str) else value
        return datetime.datetime.fromisoformat(run["end_date"]).timestamp() - from_, value


def etl(bench):
    """A million orders: rows in a second, and memory of the task. Each gets the run before as its warm-up."""
    data = bench.data()
    peer = Airflow(bench.fresh("airflow"), data.database)
    with peer.running():
        peer.run("warm_up")
        seconds, value = peer.run("timed")
    if (value["all"], value["in_error"]) != (1_000_000, 100_000):
        raise Wrong(f"Airflow counted {value}")
    ours = million(bench, "bench_postgres", 2, seconds, "rows", "memory", ("bench_db", data.database.connection))
    ratio = seconds / ours["rows"]["seconds"]
    memory = ours["memory"]["value"] / value["peak_mib"]
    return {"etl_pg_records_vs_airflow": {"value": ratio, "limit": 1, "ratio": ratio, "seconds": ours["rows"]["seconds"], "airflow_seconds": seconds},
            "etl_pg_records_mib_vs_airflow": {"value": memory, "limit": 1, "ratio": memory, "mib": ours["memory"]["value"], "airflow_mib": value["peak_mib"]}}
