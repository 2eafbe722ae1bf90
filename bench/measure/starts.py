"""Rows about starting, and about doing nothing."""

import os
import statistics
import subprocess
import time

from support.venturi import BIN

from . import processes
from .home import BenchHome, Wrong


def cold_start(bench):
    home = BenchHome(bench.fresh("cold"), [])
    try:
        seconds = home.start_and_wait()
    finally:
        home.kill()
    return {"cold_start_s": {"value": seconds}}


def first_run(bench):
    """From exec to the end of the first run, its trigger sent as soon as the server answers."""
    home = BenchHome(bench.fresh("first"), ["bench_noop_1"])
    from_ = time.time()
    with home.running():
        home.begin_runs("bench_noop_1", ["first"])
        end = home.wait_for_runs("bench_noop_1", ["first"], interval=0.005)
    home.check("bench_noop_1", 1, own_lines=home.tasks("first"))
    return {"first_run_s": {"value": end - from_}}


def idle(bench, name, programs, dags, memory_row, cpu_row):
    home = BenchHome(bench.fresh(name), programs)
    with home.running():
        home.wait_until(lambda: home.read("SELECT count(*) FROM dag")[0][0] >= dags, what=f"the {dags} DAGs")
        # A schedule that began in the past has one run at once.
        home.wait_until(lambda: home.read("SELECT count(*) FROM dag_run WHERE state IN ('success', 'failed')")[0][0] >= dags, what="the first runs")
        home.wait_until(lambda: is_quiet(home), what="the end of all that is under way")
        pids = processes.family(home.home)
        cpu, wakeups, from_ = processes.cpu_seconds(pids), processes.wakeups(pids), time.monotonic()
        time.sleep(4 if bench.quick else 60)
        minutes = (time.monotonic() - from_) / 60
        after = processes.family(home.home)
        cpu, wakeups = processes.cpu_seconds(pids) - cpu, processes.wakeups(pids) - wakeups
        memory = processes.pss_mib(after)
        parts = {f"{processes.name(pid)} {pid}": round(processes.pss_kib(pid) / 1024, 1) for pid in sorted(after)}
    if pids != after:
        raise Wrong(f"processes came or went while the server was idle: {pids ^ after} (home {home.home})")
    return {memory_row: {"value": memory, "processes": parts}, cpu_row: {"value": cpu / minutes, "wakeups_per_min": round(wakeups / minutes)}}


def is_quiet(home, seconds=2.0):
    """Whether for so long no process came or went and none used more than 5 ms."""
    pids = processes.family(home.home)
    cpu = processes.cpu_seconds(pids)
    time.sleep(seconds)
    return processes.family(home.home) == pids and processes.cpu_seconds(pids) - cpu < 0.005


def idle_10(bench):
    return idle(bench, "idle", [f"bench_idle_{i}" for i in range(1, 11)], 10, "idle_memory_mib", "idle_cpu_s_per_min")


def idle_1000(bench):
    return idle(bench, "schedules", ["bench_schedules"], 1000, "idle_memory_1000_dags_mib", "idle_cpu_1000_dags_s_per_min")


def cli(bench):
    home = BenchHome(bench.fresh("cli"), [])
    home.cli("db", "migrate")
    command = [str(BIN / "venturi"), "dags", "list"]
    wall, cpu = [], []
    for _ in range(10 if bench.quick else 40):
        from_, before = time.perf_counter(), os.times()
        done = subprocess.run(command, env=home.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wall.append(1e3 * (time.perf_counter() - from_))
        after = os.times()
        cpu.append(1e3 * (after.children_user - before.children_user + after.children_system - before.children_system))
        if done.returncode != 0:
            raise Wrong(f"venturi dags list ended with {done.returncode}")
    return {"cli_start_ms": {"value": statistics.median(wall), "cpu_ms": statistics.mean(cpu)}}
