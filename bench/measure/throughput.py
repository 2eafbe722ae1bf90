"""Rows about many tasks."""

import os
import statistics
import threading
import time

from .home import THROUGHPUT, BenchHome, Wrong
from .table import percentile

BASH_COMMAND = "echo $$ $EPOCHREALTIME >> ~/ledger; true"  # of dags/bash.cpp


def lines_of(tasks):
    return [(task.task_id, task.pid, task.began) for task in tasks]


def result(seconds, tasks, limit, counted):
    rate = tasks / seconds
    return {"value": rate, "limit": limit, "ratio": rate / limit if limit else None, "batches": counted["batches"]}


def isolated(bench):
    home = BenchHome(bench.fresh("isolated"), ["bench_noop_1000"], THROUGHPUT)
    with home.running():
        seconds = home.run_dag("bench_noop_1000")
    tasks = home.tasks("bench")
    counted = home.check("bench_noop_1000", 1000, own_lines=lines_of(tasks))
    if len({task.pid for task in tasks}) != 1000:
        raise Wrong(f"1,000 tasks ran in {len({task.pid for task in tasks})} processes (home {home.home})")
    return {"isolated_tasks_per_s": result(seconds, 1000, bench.limits["forks_per_s"], counted)}


def light(bench):
    home = BenchHome(bench.fresh("light"), ["bench_light_1000"], THROUGHPUT)
    with home.running():
        seconds = home.run_dag("bench_light_1000")
    tasks = home.tasks("bench")
    counted = home.check("bench_light_1000", 1000, own_lines=lines_of(tasks))
    if len({task.pid for task in tasks}) != 1:
        raise Wrong(f"light tasks ran in {len({task.pid for task in tasks})} processes (home {home.home})")
    return {"light_1000_tasks_per_s": result(seconds, 1000, bench.limits["group_commit_tasks_per_s"], counted)}


def mapped(bench):
    items = 1000 if bench.quick else 10_000
    dag = f"bench_mapped_{items}"
    home = BenchHome(bench.fresh("mapped"), [dag], {**THROUGHPUT, "VENTURI__CORE__MAX_MAP_LENGTH": str(items)})
    with home.running():
        seconds = home.run_dag(dag)
    tasks = home.tasks("bench")
    counted = home.check(dag, items + 2, xcoms=items + 2, logs=items)
    if len({task.pid for task in tasks}) != len(tasks) or len(tasks) != items:
        raise Wrong(f"{len(tasks)} of {items} items ran in {len({task.pid for task in tasks})} processes (home {home.home})")
    return {"mapped_10000_items_per_s": result(seconds, items, bench.limits["forks_per_s"], counted)}


def bash(bench):
    home = BenchHome(bench.fresh("bash"), ["bench_bash"], THROUGHPUT)
    with home.running():
        seconds = home.run_dag("bench_bash")
    lines = (home.user / "ledger").read_text().splitlines()
    counted = home.check("bench_bash", 1000, xcoms=home.count("bench_bash")["xcoms"], own_lines=lines)
    return {"bash_tasks_per_s": result(seconds, 1000, bench.limits["bash_spawns_per_s"], counted)}


def builtin(bench):
    home = BenchHome(bench.fresh("builtin"), ["bench_builtin"], THROUGHPUT)
    with home.running():
        seconds = home.run_dag("bench_builtin")
    counted = home.check("bench_builtin", 10_000, xcoms=10_000, logs=0)  # a constant says nothing
    return {"builtin_tasks_per_s": result(seconds, 10_000, bench.limits["group_commit_tasks_per_s"], counted)}


def engine(bench):
    home = BenchHome(bench.fresh("engine"), ["bench_empty"], THROUGHPUT)
    with home.running():
        seconds = home.run_dag("bench_empty")
    counted = home.check("bench_empty", 10_000, logs=0)
    return {"engine_tasks_per_s": result(seconds, 10_000, None, counted)}


def runs(bench):
    home = BenchHome(bench.fresh("runs"), ["bench_ten"], THROUGHPUT)
    ids = [f"run_{i}" for i in range(100)]
    with home.running():
        from_ = home.begin_runs("bench_ten", ids)
        seconds = home.wait_for_runs("bench_ten", ids) - from_
    lines = [(run_id, *line) for run_id in ids for line in lines_of(home.tasks(run_id))]
    home.check("bench_ten", 1000, own_lines=lines)
    return {"runs_100x10_s": {"value": seconds}}


def growth(bench):
    many = 1000 if bench.quick else 10_000
    home = BenchHome(bench.fresh("growth"), ["bench_noop_100", f"bench_noop_{many}"], THROUGHPUT)
    with home.running():
        home.run_dag("bench_noop_100", "first")  # the program's warm process is there from here on
        small = statistics.median(home.run_dag("bench_noop_100", f"run_{i}") for i in range(3)) / 100
        large = home.run_dag(f"bench_noop_{many}") / many
    home.check("bench_noop_100", 400)
    home.check(f"bench_noop_{many}", many, own_lines=lines_of(home.tasks("bench")))
    return {"growth": {"value": large / small, "limit": 1, "ratio": large / small, "tasks": many, "ms_a_task": large * 1e3, "ms_a_task_of_100": small * 1e3}}


def under_load(bench):
    """A small DAG is triggered four times a second while the large runs go on; with the settings as shipped: what is asked is
    how long one waits, and a try that has a slot waits for those that the worker took before it."""
    load, size = ("bench_noop_1000", 1000) if bench.quick else ("bench_noop_10000", 10_000)
    loads = [f"load_{i}" for i in range(10)]
    home = BenchHome(bench.fresh("load"), [load, "bench_small"])
    small = []
    with home.running():
        home.run_dag("bench_small", "first")
        home.begin_runs(load, loads)
        ended = threading.Event()

        def trigger():
            while not ended.wait(0.25):
                run_id = f"small_{len(small)}"
                home.begin_runs("bench_small", [run_id])
                small.append(run_id)

        thread = threading.Thread(target=trigger)
        thread.start()
        try:
            last_end = home.wait_for_runs(load, loads, seconds=600, interval=0.1)
        finally:
            ended.set()
            thread.join()
        home.wait_for_runs("bench_small", small)
    gaps = []
    for run_id in small:
        tasks = sorted(home.tasks(run_id), key=lambda task: task.began)
        if len(tasks) != 3:
            raise Wrong(f"run {run_id} of the small DAG has {len(tasks)} tasks instead of 3")
        gaps += [1e3 * (after.began - before.ended) for before, after in zip(tasks, tasks[1:]) if after.began < last_end]
    home.check(load, 10 * size, own_lines=[(run_id, *line) for run_id in loads for line in lines_of(home.tasks(run_id))])
    if not gaps:
        raise Wrong("the load was over before the small DAG ran")
    return {"small_dag_under_load_p99_ms": {"value": percentile(gaps, 0.99), "median": statistics.median(gaps), "gaps": len(gaps), "load_tasks": 10 * size}}


def syncs(bench):
    """fdatasyncs of all processes together for each task, in runs of their own: strace slows what it looks at."""
    found = {}
    for name, dag, tasks in (("isolated_tasks_per_s", "bench_noop_1000", 1000), ("bash_tasks_per_s", "bench_bash", 1000),
                             ("builtin_tasks_per_s", "bench_builtin", 10_000), ("engine_tasks_per_s", "bench_empty", 10_000),
                             ("chain_gap_median_ms", "bench_chain", 100)):
        if not bench.wanted(name) or (bench.quick and tasks > 1000):
            continue
        home = BenchHome(bench.fresh("syncs"), [dag], THROUGHPUT)
        trace = home.user / "syncs"
        home.wrapper = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", str(trace)]
        with home.running():
            before = trace.stat().st_size
            home.run_dag(dag)
            with open(trace) as f:
                f.seek(before)
                calls = sum("sync(" in line for line in f)
        found[name] = calls / tasks
    return found


def file_system(folder):
    """Of the folder: its type and its mount point."""
    best = ("", "?")
    with open("/proc/self/mounts") as f:
        for line in f:
            device, point, kind = line.split()[:3]
            if (str(folder) + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best[0]):
                best = (point, f"{kind} on {device}")
    return best[1]


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((line.partition(":")[2].strip() for line in f if line.startswith("model name")), "?")
    return f"{os.cpu_count()} × {model}, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f} at the start, {time.strftime('%Y-%m-%d %H:%M')}"
