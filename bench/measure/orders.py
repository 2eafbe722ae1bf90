"""Rows about a million orders."""

import statistics
import subprocess
import threading
import time

from support.postgres import Postgres

from . import processes
from .home import BenchHome, Wrong

COUNT = 1_000_000
TABLE = f"""create table orders as select i as id, (i * 7919) % 100000 as customer_id, (100 + (i * 104729) % 99900) / 100.0::float8 as amount,
 (array['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'pending', 'shipped', 'error'])[1 + (i * 31 % 10)::int] as status,
 timestamp '2026-01-01' + i * interval '7 seconds' as created_at from generate_series(0::bigint, {COUNT - 1}) as i"""


class Data:
    """The database and the file, made once for all rounds."""

    def __init__(self, folder):
        self.database = Postgres(folder / "postgres").start()
        self.csv = folder / "orders.csv"
        try:
            self.database.sql(TABLE)
            self.database.sql("vacuum analyze orders")
            with self.csv.open("wb") as f:
                self.database.sql("copy orders to stdout (format csv, header)", stdout=f)
        except BaseException:
            self.database.stop()
            raise

    def stop(self):
        self.database.stop()

    def copy_seconds(self):
        with open("/dev/null", "wb") as nowhere:
            return seconds_of(lambda: self.database.sql("copy orders to stdout", stdout=nowhere))

    def wc_seconds(self):
        return seconds_of(lambda: subprocess.run(["wc", "-l", self.csv], check=True, stdout=subprocess.DEVNULL))


def seconds_of(call, times=3):
    took = []
    for _ in range(times):
        from_ = time.perf_counter()
        call()
        took.append(time.perf_counter() - from_)
    return statistics.median(took)


class PeakMemory:
    """The most that all processes which a run brought had together, and all of the home's, looked at every 10 ms. With `also`
    processes of that name count as if the run had brought them."""

    def __init__(self, home, also=None):
        self.before = {pid for pid in processes.family(home.home) if processes.name(pid) != also}
        self.of_run = self.of_all = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.ended.wait(0.01):
            pss = {pid: processes.pss_kib(pid) for pid in processes.with_descendants(self.before)}
            self.of_run = max(self.of_run, sum(kib for pid, kib in pss.items() if pid not in self.before) / 1024)
            self.of_all = max(self.of_all, sum(pss.values()) / 1024)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def million(bench, dag, tasks, limit, ratio_row, memory_row, settings=(), **conf):
    home = BenchHome(bench.fresh(dag), [dag])
    if settings:
        home.cli("db", "migrate")
        home.connection(*settings)
    with home.running():
        seconds = home.run_dag(dag, "timed", **conf)
        with PeakMemory(home) as peak:
            home.run_dag(dag, "watched", **conf)
        durations = dict(home.read("SELECT task_id, (end_date - start_date) / 1e6 FROM task_instance ORDER BY no LIMIT ?", tasks))
        counted = dict(home.read("SELECT run_id, value FROM xcom JOIN dag_run ON no = run_no WHERE task_id = 'count'"))
    if set(counted.values()) != {'{"all":1000000,"in_error":100000}'} and set(counted.values()) != {'{"all": 1000000, "in_error": 100000}'}:
        raise Wrong(f"{dag}: counted {counted} (home {home.home})")
    home.check(dag, 2 * tasks, xcoms=2 * tasks)
    return {ratio_row: {"value": seconds / limit, "limit": limit, "ratio": seconds / limit, "seconds": seconds, "task_seconds": durations},
            memory_row: {"value": peak.of_run, "all_processes_mib": peak.of_all}}


def postgres(bench):
    data = bench.data()
    return million(bench, "bench_postgres", 2, data.copy_seconds(), "postgres_1m_vs_copy", "postgres_1m_mib", ("bench_db", data.database.connection))


def csv(bench):
    data = bench.data()
    return million(bench, "bench_csv", 1, data.wc_seconds(), "csv_1m_vs_wc", "csv_1m_mib", csv=str(data.csv))


def csv_file(bench):
    data = bench.data()
    return million(bench, "bench_csv_file", 3, data.wc_seconds(), "csv_1m_file_vs_wc", "csv_1m_file_mib", csv=str(data.csv))
