"""What each row must reach, and how the results are shown."""

import math
import re
import statistics


def percentile(values, share):
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Row:
    """`must` and `must_ratio` as ("<=", 2) or (">=", 700)."""

    def __init__(self, name, what, unit, airflow, must=None, limit="", must_ratio=None, ratio_is_value=False):
        self.name, self.what, self.unit, self.airflow, self.must = name, what, unit, airflow, must
        self.limit, self.must_ratio = limit, must_ratio
        self.always = ratio_is_value  # the figure is itself a ratio: it counts on every machine


AT_MOST, AT_LEAST = "<=", ">="
SIGN = {AT_MOST: "≤", AT_LEAST: "≥"}


def compiling(name, compiler):
    return [Row(f"sdk_header_{name}_s", f"the SDK's headers precompiled by {compiler}: CPU", "s", "–", (AT_MOST, 3)),
            Row(f"sdk_empty_main_{name}_s", "an empty main with them, compiled and linked", "s", "–", (AT_MOST, 0.15)),
            Row(f"sdk_dag_file_{name}_s", "the DAG file of the proof of concept, beyond an empty main", "s", "–", (AT_MOST, 1)),
            Row(f"sdk_task_{name}_ms", "each further task of a DAG file", "ms", "–", (AT_MOST, 25))]


ROWS = [
    Row("cold_start_s", "exec until the server answers, empty home", "s", "12.2 (Dagu 0.75)", (AT_MOST, 0.2)),
    Row("first_run_s", "exec until the first run of a compiled one-task DAG is done", "s", "19.9 (Dagu 0.85)", (AT_MOST, 0.5)),
    Row("idle_memory_mib", "all processes, 10 compiled DAGs", "MiB", "809 (Dagu 44)", (AT_MOST, 30)),
    Row("idle_cpu_s_per_min", "the same: CPU", "s/min", "4.9 (Dagu 0.02)", (AT_MOST, 0.02)),
    Row("idle_memory_1000_dags_mib", "all processes, 1,000 DAGs on schedules", "MiB", "–", (AT_MOST, 60)),
    Row("idle_cpu_1000_dags_s_per_min", "the same: CPU", "s/min", "93", (AT_MOST, 0.02)),
    Row("isolated_tasks_per_s", "1,000 independent no-op C++ tasks, each in its own process", "1/s", "3.2 (best isolated peers: Dagu 35, Luigi 58)", (AT_LEAST, 2000),
        "fork and wait of the static limits program", (AT_LEAST, 0.2)),
    Row("light_1000_tasks_per_s", "1,000 independent light C++ tasks, on threads of one process", "1/s", "– (Restate 620, Temporal 70)", (AT_LEAST, 4000),
        "group commit of the same rows"),
    Row("mapped_10000_items_per_s", "10,000 instances of a mapped C++ task, each in its own process, and a task that sums what they gave", "1/s", "–", (AT_LEAST, 1500),
        "fork and wait of the static limits program"),
    Row("bash_tasks_per_s", "1,000 × bash `true`", "1/s", "7.4 (a native peer that loses its runs in a crash: 500–800)", (AT_LEAST, 700),
        "posix_spawn and wait of the same command", (AT_LEAST, 0.5)),
    Row("builtin_tasks_per_s", "10,000 tries of a built-in operator that returns a constant", "1/s", "– (best peer without isolation: Restate 620)", (AT_LEAST, 4000),
        "group commit of the same rows", (AT_LEAST, 0.3)),
    Row("engine_tasks_per_s", "10,000 tasks that the engine ends by itself (EmptyOperator)", "1/s", "–"),
    Row("chain_gap_median_ms", "chain of 100 no-op tasks: terminal message to first line of the next", "ms", "1,042 (Dagu 9.7)", (AT_MOST, 2),
        "two one-row commits and a fork", (AT_MOST, 3)),
    Row("chain_gap_p99_ms", "the same: 99 of 100 are below", "ms", "–", (AT_MOST, 10), "two one-row commits and a fork", (AT_MOST, 6)),
    Row("chain_40_s", "chain of 40 short tasks (fibonacci 10), each isolated, whole run", "s", "42.9 (best isolated peer, same machine: Dagu 0.34)", (AT_MOST, 0.1),
        "40 × 3 × the chain's base", (AT_MOST, 1)),
    Row("light_chain_40_s", "the same chain as light tasks", "s", "– (Restate, no isolation either: 0.071)", (AT_MOST, 0.05)),
    Row("runs_100x10_s", "100 runs of 10 tasks", "s", "133.7", (AT_MOST, 1.5)),
    Row("growth", "time per task in a run of 10,000 against one of 100", "×", "2.4 (1,000 against 100)", (AT_MOST, 1.5), "1", ratio_is_value=True),
    Row("small_dag_under_load_p99_ms", "finish to next start of a 3-task DAG while 100,000 no-op tasks are created and run", "ms", "–", (AT_MOST, 50)),
    Row("small_dag_beside_large_run_p99_ms", "the same while a run of 1,000,000 mapped task instances is created, ended, cleared, ended and deleted", "ms", "–", (AT_MOST, 20)),
    Row("postgres_1m_vs_copy", "1 M orders streamed and counted in a task", "×", "7.8 (4.5 s)", (AT_MOST, 1.5), "psql COPY to /dev/null", ratio_is_value=True),
    Row("postgres_1m_mib", "the same: memory", "MiB", "647", (AT_MOST, 32)),
    Row("etl_pg_records_vs_airflow", "the same run against Airflow's, which reads them by PostgresHook.get_records(): rows a second", "×", "1", (AT_LEAST, 5), "Airflow in the same database",
        ratio_is_value=True),
    Row("etl_pg_records_mib_vs_airflow", "the same: memory of what the run brought, against the task's of Airflow", "×", "1", (AT_MOST, 0.1), "Airflow's task", ratio_is_value=True),
    Row("csv_1m_vs_wc", "1 M orders (44 MB), typed and checked", "×", "229 (3.9 s)", (AT_MOST, 8), "wc -l", ratio_is_value=True),
    Row("csv_1m_mib", "the same: memory", "MiB", "141", (AT_MOST, 32)),
    Row("csv_1m_file_vs_wc", "1 M orders, typed into a file of the run by an operator, synced, and counted in another task", "×", "–", None, "wc -l", ratio_is_value=True),
    Row("csv_1m_file_mib", "the same: memory", "MiB", "–", (AT_MOST, 32)),
    Row("csv_1m_quotes_vs_plain", "the task of csv_1m_vs_wc, every cell in quotes", "×", "–", (AT_MOST, 2), "the plain file", ratio_is_value=True),
    Row("csv_1m_crlf_vs_plain", "the same, lines that end with CR LF", "×", "–", (AT_MOST, 2), "the plain file", ratio_is_value=True),
    Row("csv_1m_utf8_vs_plain", "the same, texts of wide UTF-8", "×", "–", (AT_MOST, 2), "the plain file", ratio_is_value=True),
    Row("copy_out_10m_vs_psql", "10 M orders, PostgreSQL → CSV, synced", "×", "–", (AT_MOST, 1.25), r"psql \copy to the same file", ratio_is_value=True),
    Row("copy_out_10m_mib", "the same: memory", "MiB", "–", (AT_MOST, 64)),
    Row("copy_in_10m_vs_psql", "10 M orders, CSV → PostgreSQL", "×", "–", (AT_MOST, 1.25), r"psql \copy from the same file", ratio_is_value=True),
    Row("copy_in_10m_mib", "the same: memory", "MiB", "–", (AT_MOST, 64)),
    Row("transfer_10m_vs_psql", "10 M orders, table → table", "×", "–", (AT_MOST, 1.1), "psql | psql, COPY in binary", ratio_is_value=True),
    Row("transfer_10m_mib", "the same: memory", "MiB", "–", (AT_MOST, 64)),
    Row("parquet_10m_vs_pyarrow", "10 M orders, Parquet → CSV, synced", "×", "–", (AT_MOST, 2), "pyarrow: iter_batches, CSVWriter", ratio_is_value=True),
    Row("parquet_10m_mib", "the same: memory", "MiB", "–", (AT_MOST, 96)),
    Row("template_10_us", "a template of ten expressions, read and rendered", "µs", "–", (AT_MOST, 50)),
    Row("simulated_week_s", "a week of 1,000 daily DAGs with 20 tasks each, simulated", "s", "–", (AT_MOST, 2)),
    Row("simulated_vs_engine", "the same against the bare engine with the same events", "×", "–", (AT_MOST, 1.5), "1", ratio_is_value=True),
    Row("cron_1000_us", "the next 1,000 dates of a cron expression in a zone with summer time", "µs", "–", (AT_MOST, 1000)),
    Row("engine_transitions_per_s", "the bare engine, one core: transitions of runs of 100 tasks", "1/s", "–", (AT_LEAST, 1_000_000)),
    Row("engine_growth", "the bare engine: time per transition of the largest DAGs against one of 1,000 tasks", "×", "–", (AT_MOST, 2), "1", ratio_is_value=True),
    Row("engine_pending_bytes", "the engine's memory for a task instance that waits, of 1,000,000", "B", "–", (AT_MOST, 200)),
    Row("engine_idle_dags", "the bare engine: a tick with 10,000 idle DAGs against one with 10", "×", "–", (AT_MOST, 2), "1", ratio_is_value=True),
    Row("catch_up_trigger_ms", "1,000 hourly DAGs make up for a week: a run by hand to its launch, the longest; engine alone", "ms", "–", (AT_MOST, 100)),
    Row("waits_10000_mib", "10,000 waits (HTTP long polls, sensors): their host's memory", "MiB", "821 (84 KiB each)", (AT_MOST, 100)),
    Row("waits_10000_late_s", "the same, all due at once: the last end", "s", "8 to 159 (1,000)", (AT_MOST, 1)),
    Row("remote_waits_10000_mib", "10,000 jobs of BigQuery and Redshift that are waited for: their host's memory", "MiB", "–", (AT_MOST, 100)),
    Row("remote_waits_10000_cores", "the same, each looked at every 10 s: CPU", "cores", "–", (AT_MOST, 0.1)),
    Row("s3_put_vs_curl", "a file of 1 GiB to S3, in parts with their SHA-256: speed", "×", "–", (AT_LEAST, 0.8), "curl, the same server", ratio_is_value=True),
    Row("s3_get_vs_curl", "and back into a synced file: speed", "×", "–", (AT_LEAST, 0.8), "curl and sync, the same server", ratio_is_value=True),
    Row("s3_mib", "the same: memory of the operator host", "MiB", "–", (AT_MOST, 100)),
    *compiling("clang", "clang-19"), *compiling("gcc", "g++ 12"),
    Row("api_version_per_s", "GET /api/v2/version, 8 keep-alive connections, the server on one core", "1/s", "509", (AT_LEAST, 20_000)),
    Row("api_dags_per_s", "GET /api/v2/dags?limit=100 of 12 DAGs", "1/s", "69", (AT_LEAST, 3000)),
    Row("api_dags_p99_ms", "the same: 99 of 100 are below", "ms", "170", (AT_MOST, 10)),
    Row("api_dag_runs_per_s", "GET .../dagRuns?limit=100 of 100 runs of 10 tasks", "1/s", "26", (AT_LEAST, 1500)),
    Row("api_dag_runs_p99_ms", "the same: 99 of 100 are below", "ms", "–", (AT_MOST, 10)),
    Row("api_dag_runs_of_1000_per_s", "the same of 100 runs of 1,000 tasks", "1/s", "–", (AT_LEAST, 1500)),
    Row("api_task_instances_per_s", "GET .../taskInstances?limit=100 of a run of 1,000 tasks", "1/s", "13.7", (AT_LEAST, 1000)),
    Row("api_task_instances_p99_ms", "the same: 99 of 100 are below", "ms", "1,534", (AT_MOST, 15)),
    Row("api_history_growth", "pages beside 10,000,000 task instances of 100,000 runs against 10,000 of 100, the worst", "×", "–", (AT_MOST, 2), "1", ratio_is_value=True),
    Row("api_trigger_100_s", "100 runs triggered over HTTP", "s", "–", (AT_MOST, 0.2)),
    Row("chain_gap_beside_api", "finish to next start while the API answers all it can, against none", "×", "–", (AT_MOST, 1.1), "1", ratio_is_value=True),
    Row("dag_visible_s", ".cpp saved to DAG visible, beyond the compiler's own time", "s", "–", (AT_MOST, 0.3)),
    Row("validate_1000_yaml", "`dags validate` of 1,000 YAML files, one DAG each", "s", "–", (AT_MOST, 1)),
    Row("page_run_1000_ms", "the page of a run with 1,000 tasks, from request to last byte", "ms", "–", (AT_MOST, 20)),
    Row("cli_start_ms", "a CLI command without a server", "ms", "1,500 (CPU)", (AT_MOST, 15)),
]
NAMES = [row.name for row in ROWS]


def reaches(value, demand):
    comparison, bound = demand
    return value <= bound if comparison == AT_MOST else value >= bound


def number(value):
    if value is None:
        return ""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def judge(row, runs, fast_machine, quick):
    """The row's object in results.json from what each round found. A quick run misses nothing: it is too short to tell."""
    values = [run["value"] for run in runs]
    ratios = [run["ratio"] for run in runs if run.get("ratio") is not None]
    limits = [run["limit"] for run in runs if run.get("limit") is not None]
    value, ratio = statistics.median(values), statistics.median(ratios) if ratios else None
    missed = []
    if row.must and (fast_machine or row.always) and not reaches(value, row.must):
        missed.append(f"{number(value)} {row.unit} is not {row.must[0]} {number(row.must[1])}")
    if row.must_ratio and ratio is not None and not reaches(ratio, row.must_ratio):
        missed.append(f"{number(ratio)} of the limit is not {row.must_ratio[0]} {number(row.must_ratio[1])}")
    return {"name": row.name, "value": value, "unit": row.unit, "limit": statistics.median(limits) if limits else None, "ratio": ratio,
            "must": row.must and " ".join(map(str, row.must)), "must_ratio": row.must_ratio and " ".join(map(str, row.must_ratio)),
            "missed": [] if quick else missed, "spread": [min(values), max(values)], "runs": runs}


def text_line(result):
    low, high = result["spread"]
    line = f"{result['name']:30} {number(result['value']):>9} {result['unit']:6}"
    if len(result["runs"]) > 1:
        line += f" ({number(low)} – {number(high)})"
    if result["must"]:
        line += f"  must {result['must']}"
    if result["limit"] is not None and result["ratio"] is not None:
        line += f"  limit {number(result['limit'])}, ratio {number(result['ratio'])}"
        line += f" (must {result['must_ratio']})" if result["must_ratio"] else ""
    if "fdatasyncs_per_task" in result:
        line += f"  {result['fdatasyncs_per_task']:.3f} fdatasyncs/task"
    return line + ("  MISSED" if result["missed"] else "")


def differences(document):
    """Where docs/benchmarks.md has other rows than there are, or says that they must reach something else: a line each."""
    explained, _, results = document.partition("\n## Results\n")
    found = []
    for heading, part in (("The rows", explained.partition("\n## The rows\n")[2]), ("Results", results)):
        names, column = [], None
        for line in part.splitlines():
            cells = [cell.strip() for cell in line.split("|")[1:]]
            if line.startswith("| name |"):
                column = cells.index("must") if "must" in cells else None
            if not line.startswith("| `"):
                continue
            here = re.findall(r"`(\w+)`", cells[0])
            names += here
            demands = [demand.replace(",", "") for demand in cells[column].split(", ")] if column is not None else []
            for name, demand in zip(here, demands * len(here) if len(demands) == 1 else demands):
                row = next((row for row in ROWS if row.name == name), None)
                if row and demand != "" and (row.must is None or (SIGN[row.must[0]], row.must[1]) != (demand[0], float(demand[1:]))):
                    found.append(f"{heading}: {name} has not to be {demand}")
        found += [f"{heading}: no line has {name}" for name in NAMES if name not in names]
        found += [f"{heading}: there is no row {name}" for name in dict.fromkeys(names) if name not in NAMES]
    return found


def markdown(results, limits):
    """The table of docs/benchmarks.md."""
    by_name = {result["name"]: result for result in results}
    lines = ["| limit | median |", "|---|---|"] + [f"| {name} | {number(value)} |" for name, value in limits["limits"].items()]
    lines += ["", f"On {limits['machine']}; {limits['file_system']}.", "",
              "| name | what | Airflow 3.3.2 | must | Venturi | lowest – highest | limit | ratio | must |", "|---|---|---|---|---|---|---|---|---|"]
    for row in ROWS:
        result = by_name.get(row.name)
        demand = f"{SIGN[row.must[0]]} {number(row.must[1])}" if row.must else ""
        share = f"{SIGN[row.must_ratio[0]]} {number(row.must_ratio[1])}" if row.must_ratio else ""
        own = ["not measured", "", "", ""] if result is None else [
            f"**{number(result['value'])}** {row.unit}", " – ".join(map(number, result["spread"])),
            f"{row.limit}: {number(result['limit'])}" if result["limit"] is not None else "", number(result["ratio"])]
        lines.append(" | ".join(["| `" + row.name + "`", row.what, row.airflow, demand, *own, share]) + " |")
    return "\n".join(lines)
