"""Rows about tasks one after the other."""

import statistics

from .home import BenchHome, Wrong
from .table import percentile


def gaps(bench):
    home = BenchHome(bench.fresh("chain"), ["bench_chain"])
    ids = [f"run_{i}" for i in range(3)]
    with home.running():
        for run_id in ids:
            home.run_dag("bench_chain", run_id)
    found, lines = [], []
    for run_id in ids:
        tasks = home.tasks(run_id)
        lines += [(run_id, task.task_id, task.pid) for task in tasks]
        found += [1e3 * (after.began - before.ended) for before, after in zip(tasks, tasks[1:])]
    home.check("bench_chain", 300, own_lines=lines)
    base = bench.limits["chain_base_ms"]
    return {name: {"value": value, "limit": base, "ratio": value / base, "gaps": len(found)}
            for name, value in (("chain_gap_median_ms", statistics.median(found)), ("chain_gap_p99_ms", percentile(found, 0.99)))}


def forty_runs(home, dag):
    """How long each of three runs took, and the processes of their tasks."""
    with home.running():
        seconds = [home.run_dag(dag, f"run_{i}") for i in range(3)]
    tasks = [(i, task) for i in range(3) for task in home.tasks(f"run_{i}")]
    home.check(dag, 120, xcoms=120, own_lines=[(i, task.task_id) for i, task in tasks])
    return seconds, {task.pid for _, task in tasks}


def forty(bench):
    home = BenchHome(bench.fresh("forty"), ["bench_fibonacci"])
    seconds, pids = forty_runs(home, "bench_fibonacci")
    if len(pids) != 120:
        raise Wrong(f"120 tasks ran in {len(pids)} processes (home {home.home})")
    limit = 40 * 3 * bench.limits["chain_base_ms"] / 1e3
    value = statistics.median(seconds)
    return {"chain_40_s": {"value": value, "limit": limit, "ratio": value / limit, "first_run_s": seconds[0]}}


def light_forty(bench):
    home = BenchHome(bench.fresh("light_forty"), ["bench_light_fibonacci"])
    seconds, pids = forty_runs(home, "bench_light_fibonacci")
    if len(pids) != 1:
        raise Wrong(f"light tasks ran in {len(pids)} processes (home {home.home})")
    return {"light_chain_40_s": {"value": statistics.median(seconds), "first_run_s": seconds[0]}}
