"""Rows about copying ten million orders out of PostgreSQL and back, and about CSV files that are harder to read."""

import subprocess

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

    def seconds(self, text, before=None):
        if before:
            self.database.sql(before)
        self.database.sql("checkpoint")  # what was written before is not written meanwhile
        return seconds_of(lambda: self.database.sql(text), times=1)


def copy(bench, dag, ratio_row, memory_row, text, before, check, **conf):
    large = bench.large_data()
    home = BenchHome(bench.fresh(dag), ["bench_copy"])
    home.cli("db", "migrate")
    home.connection("bench_db", large.database.connection)
    limit = large.seconds(text.format(csv=large.csv), before)
    if before:
        large.database.sql(before)
    large.database.sql("checkpoint")
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
    return copy(bench, "bench_copy_out", "copy_out_10m_vs_psql", "copy_out_10m_mib", r"\copy (select * from large) to '{csv}' csv header", None, check,
                table="large", csv=str(large.ours))


def copy_in(bench):
    def check(large):
        query = "select count(*) || ' ' || sum(id) || ' ' || sum(amount)::numeric(20, 2) || ' ' || max(created_at) from "
        found = [large.database.sql(query + table, capture_output=True, encoding="utf-8").stdout.split("\n")[2] for table in ("large", "target")]
        return None if found[0] == found[1] else f"the table has {found[1]} instead of {found[0]}"

    large = bench.large_data()
    if not large.csv.exists():
        large.seconds(rf"\copy (select * from large) to '{large.csv}' csv header")
    return copy(bench, "bench_copy_in", "copy_in_10m_vs_psql", "copy_in_10m_mib", r"\copy target from '{csv}' csv header", "truncate target", check,
                table="target", csv=str(large.csv))


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
