"""Rows about copying ten million orders out of PostgreSQL, back, and from table to table, and about CSV files that are harder to read."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from .home import BenchHome, Wrong
from .orders import TABLE, PeakMemory, million, seconds_of

COUNT = 10_000_000


class LargeData:
    """Ten times the orders, in the same database."""

    def __init__(self, data, folder, rows):
        self.database, self.rows = data.database, rows
        self.csv, self.ours = folder / "orders_large.csv", folder / "ours.csv"
        self.database.sql(f"drop table if exists large, target; {TABLE.replace('table orders', 'table large').replace('999999', str(rows - 1))}")
        self.database.sql("create table target (like large)")
        self.database.sql("vacuum analyze large")

    def prepare(self, statement=None):
        if statement:
            self.database.sql(statement)
        self.database.sql("checkpoint")  # what was written before is not written meanwhile

    def write_csv(self):
        self.database.sql(rf"\copy (select * from large) to '{self.csv}' csv header")

    def read_csv(self):
        self.database.sql(rf"\copy target from '{self.csv}' csv header")

    def pipe(self):
        read, write = os.pipe()
        with os.fdopen(read, "rb") as rows, os.fdopen(write, "wb") as sink, ThreadPoolExecutor() as other:
            done = other.submit(self.database.sql, "copy target from stdin (format binary)", stdin=rows)
            self.database.sql("copy large to stdout (format binary)", stdout=sink)
            sink.close()
            done.result()

    def difference_of_target(self):
        query = "select count(*) || ' ' || sum(id) || ' ' || sum(amount)::numeric(20, 2) || ' ' || max(created_at) from "
        found = [self.database.sql(query + table, capture_output=True, encoding="utf-8").stdout.split("\n")[2] for table in ("large", "target")]
        return None if found[0] == found[1] else f"the table has {found[1]} instead of {found[0]}"


def copy(bench, dag, ratio_row, memory_row, peer, before, check, **conf):
    large = bench.large_data()
    home = BenchHome(bench.fresh(dag), ["bench_copy"])
    home.cli("db", "migrate")
    home.connection("bench_db", large.database.connection)
    large.prepare(before)
    limit = seconds_of(lambda: peer(large), times=1)
    large.prepare(before)
    with home.running():
        with PeakMemory(home) as peak:
            seconds = home.run_dag(dag, "timed", **conf)
    home.check(dag, 1, xcoms=1)
    if problem := check(large):
        raise Wrong(f"{dag}: {problem} (home {home.home})")
    return {ratio_row: {"value": seconds / limit, "limit": limit, "ratio": seconds / limit, "seconds": seconds, "rows": large.rows},
            memory_row: {"value": peak.of_run, "all_processes_mib": peak.of_all}}


def copy_out(bench):
    def check(large):
        same = subprocess.run(["cmp", "-s", large.csv, large.ours]).returncode == 0
        return None if same else f"{large.ours} is not what psql wrote into {large.csv}"

    large = bench.large_data()
    return copy(bench, "bench_copy_out", "copy_out_10m_vs_psql", "copy_out_10m_mib", LargeData.write_csv, None, check,
                table="large", csv=str(large.ours))


def copy_in(bench):
    large = bench.large_data()
    if not large.csv.exists():
        large.write_csv()
    return copy(bench, "bench_copy_in", "copy_in_10m_vs_psql", "copy_in_10m_mib", LargeData.read_csv, "truncate target", LargeData.difference_of_target,
                table="target", csv=str(large.csv))


def transfer(bench):
    return copy(bench, "bench_transfer", "transfer_10m_vs_psql", "transfer_10m_mib", LargeData.pipe, "truncate target", LargeData.difference_of_target,
                source="large", table="target")


# The same orders: every text in quotes; lines that end with CR LF; a status of wide characters in UTF-8.
FORMS = {
    "quotes": "copy orders to stdout (format csv, header, force_quote *)",
    "crlf": None,
    "utf8": "copy (select id, customer_id, amount, case status when 'error' then status else 'отправлен 已发货' end as status, created_at from orders) "
            "to stdout (format csv, header)",
}


def csv_form(form):
    def measure(bench):
        data = bench.data()
        path = data.csv.with_name(f"orders_{form}.csv")
        if not path.exists():
            with path.open("wb") as f:
                if FORMS[form] is None:
                    subprocess.run(["sed", r"s/$/\r/", data.csv], check=True, stdout=f)
                else:
                    data.database.sql(FORMS[form], stdout=f)
        plain = million(bench, "bench_csv", 1, 1, "seconds", "memory", csv=str(data.csv))["seconds"]["seconds"]
        found = million(bench, "bench_csv", 1, plain, "ratio", "memory", csv=str(path))
        return {f"csv_1m_{form}_vs_plain": found["ratio"]}
    return measure
