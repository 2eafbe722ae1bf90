"""Rows about the REST API: Airflow's pages at full load, with a token that is checked each time, while something is written."""

import contextlib
import json
import os
import statistics
import subprocess
import threading

from support.api import Api
from support.venturi import BIN

from . import history, processes
from .client import Client
from .home import BenchHome, Wrong
from .table import percentile

CONNECTIONS = 8
LOAD = BIN.parent / "bench" / "bench_http"
# 12 DAGs.
PROGRAMS = ["bench_ten", "bench_noop_1000", *(f"bench_idle_{number}" for number in range(1, 11))]
ONE_CORE = ["taskset", "-c", "0"]


def load(home, api, path, seconds, requests=0, method="GET", body=None, connections=CONNECTIONS):
    before = processes.cpu_seconds([home.process.pid])
    words = [LOAD, api.url.rpartition(":")[2], str(connections), str(seconds), str(requests), method, path, *([json.dumps(body)] if body else [])]
    # The client's own work is not what is measured.
    done = subprocess.run(["taskset", "-c", str((os.cpu_count() or 1) - 1), *words], input=api.token + "\n", capture_output=True, text=True)
    if done.returncode != 0:
        raise Wrong(f"{method} {path}: {done.stderr}")
    found = json.loads(done.stdout)
    cpu = processes.cpu_seconds([home.process.pid]) - before
    return {**found, "per_cpu_s": found["requests"] / max(cpu, 0.01)}


@contextlib.contextmanager
def writing(home, dag_id="bench_idle_1"):
    """One write each second, which shows in the answers."""
    ended = threading.Event()

    def write():
        paused = False
        while not ended.wait(1):
            paused = not paused
            with Client(home.home) as client:
                client.command("dags pause" if paused else "dags unpause", dag_id=dag_id, user="bench")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def served(bench, name, programs, filled, wrapper=()):
    """A server with this history: (DAG, runs, tasks) of each."""
    home = BenchHome(bench.fresh(name), programs)
    with home.running():
        home.wait_until(lambda: home.read("SELECT count(*) FROM dag_run WHERE state NOT IN ('success', 'failed')")[0][0] == 0, what="the end of the first runs")
    seconds = [history.fill(home.home / "venturi.db", *rows) for rows in filled]
    os.sync()
    home.wrapper = list(wrapper)
    with home.running():
        yield home, Api(home), sum(seconds)


def value(found, rate_row, late_row=None):
    rows = {rate_row: {"value": found["per_s"], **found}}
    if late_row:
        rows[late_row] = {"value": found["p99_ms"]}
    return rows


def pages(bench):
    seconds = 1.5 if bench.quick else 5
    with served(bench, "api", PROGRAMS, [("bench_ten", 100, 10), ("bench_noop_1000", 100, 1000)], ONE_CORE) as (home, api, _):
        run_id = api.get("/api/v2/dags/bench_noop_1000/dagRuns?limit=1")["dag_runs"][0]["dag_run_id"]
        check_page(api, "/api/v2/dags?limit=100", "dags", 12, 12)
        check_page(api, "/api/v2/dags/bench_ten/dagRuns?limit=100", "dag_runs", 100, 100)
        check_page(api, f"/api/v2/dags/bench_noop_1000/dagRuns/{run_id}/taskInstances?limit=100", "task_instances", 100, 1000)
        with writing(home):
            return {**value(load(home, api, "/api/v2/version", seconds), "api_version_per_s"),
                    **value(load(home, api, "/api/v2/dags?limit=100", seconds), "api_dags_per_s", "api_dags_p99_ms"),
                    **value(load(home, api, "/api/v2/dags/bench_ten/dagRuns?limit=100", seconds), "api_dag_runs_per_s", "api_dag_runs_p99_ms"),
                    **value(load(home, api, "/api/v2/dags/bench_noop_1000/dagRuns?limit=100", seconds), "api_dag_runs_of_1000_per_s"),
                    **value(load(home, api, f"/api/v2/dags/bench_noop_1000/dagRuns/{run_id}/taskInstances?limit=100", seconds),
                            "api_task_instances_per_s", "api_task_instances_p99_ms")}


def check_page(api, path, name, rows, total):
    page = api.get(path)
    if (len(page[name]), page["total_entries"]) != (rows, total):
        raise Wrong(f"{path}: {len(page[name])} rows of {page['total_entries']} instead of {rows} of {total}")


def growth(bench):
    """The same pages of a DAG with 100 task instances a run: 100 runs, and 100,000."""
    seconds, many = (1, 1000) if bench.quick else (4, 100_000)
    found, fill_seconds = [], 0
    for runs in (100, many):
        with served(bench, f"api_{runs}", ["bench_noop_100"], [("bench_noop_100", runs, 100)], ONE_CORE) as (home, api, took):
            fill_seconds = took
            run_id = api.get(f"/api/v2/dags/bench_noop_100/dagRuns?limit=1&offset={runs // 2}")["dag_runs"][0]["dag_run_id"]
            of_dag = "/api/v2/dags/bench_noop_100/dagRuns"
            paths = {"dags": ("/api/v2/dags?limit=100", "dags", 1, 1), "runs": (f"{of_dag}?limit=100", "dag_runs", 100, runs),
                     "newest runs": (f"{of_dag}?limit=100&order_by=-start_date", "dag_runs", 100, runs),
                     "failed runs": ("/api/v2/dags/~/dagRuns?limit=100&state=failed", "dag_runs", min(100, runs // 100), runs // 100),
                     "task instances": (f"{of_dag}/{run_id}/taskInstances?limit=100", "task_instances", 100, 100),
                     "all task instances": ("/api/v2/dags/~/dagRuns/~/taskInstances?limit=100", "task_instances", 100, runs * 100)}
            for path in paths.values():
                check_page(api, *path)
            found.append({name: load(home, api, path[0], seconds) for name, path in paths.items()})
    compared = [name for name in found[0] if name != "failed runs"]  # there is but one of them in the short history
    ratios = {name: found[1][name]["p50_ms"] / found[0][name]["p50_ms"] for name in compared}
    return {"api_history_growth": {"value": max(ratios.values()), "limit": 1, "ratio": max(ratios.values()), "ratios": ratios,
                                   "cpu_ratios": {name: found[0][name]["per_cpu_s"] / found[1][name]["per_cpu_s"] for name in compared},
                                   "p50_ms": {name: one["p50_ms"] for name, one in found[1].items()},
                                   "task_instances": many * 100, "fill_s": fill_seconds}}


def trigger(bench):
    home = BenchHome(bench.fresh("api_trigger"), ["bench_ten"])
    with home.running():
        api = Api(home)
        found = load(home, api, "/api/v2/dags/bench_ten/dagRuns", 0, 100, "POST", {"logical_date": None, "conf": {"ledger": str(home.ledger("all"))}})
        home.wait_until(lambda: home.read("SELECT count(*) FROM dag_run WHERE state = 'success'")[0][0] == 100, what="the end of the 100 runs")
    home.check("bench_ten", 1000)
    return {"api_trigger_100_s": {"value": found["seconds"], **found}}


def gaps_of(home, run_ids):
    found = []
    for run_id in run_ids:
        tasks = home.tasks(run_id)
        found += [1e3 * (after.began - before.ended) for before, after in zip(tasks, tasks[1:])]
    return found


def beside(bench):
    """Chains while nobody asks, and while the API answers as much as it can, in turns."""
    turns = 2 if bench.quick else 5
    quiet, loaded = [], []
    with served(bench, "api_beside", ["bench_chain", *PROGRAMS], [("bench_ten", 100, 10)]) as (home, api, _):
        home.run_dag("bench_chain", "first")
        for turn in range(turns):
            home.run_dag("bench_chain", f"quiet_{turn}")
            quiet.append(f"quiet_{turn}")
            words = ["nice", "-n", "19", LOAD, api.url.rpartition(":")[2], str(CONNECTIONS), "0.6", "0", "GET", "/api/v2/dags/bench_ten/dagRuns?limit=100"]
            with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
                client.stdin.write(api.token + "\n")
                client.stdin.close()
                home.run_dag("bench_chain", f"loaded_{turn}")
                answered = json.loads(client.stdout.read())
            loaded.append(f"loaded_{turn}")
    before, after = gaps_of(home, quiet), gaps_of(home, loaded)
    ratio = statistics.median(after) / statistics.median(before)
    return {"chain_gap_beside_api": {"value": ratio, "limit": 1, "ratio": ratio, "quiet_ms": statistics.median(before), "loaded_ms": statistics.median(after),
                                     "quiet_p99_ms": percentile(before, 0.99), "loaded_p99_ms": percentile(after, 0.99), "answers_per_s": answered["per_s"]}}
