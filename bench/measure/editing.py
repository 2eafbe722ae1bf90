"""Rows about what somebody waits for who writes a DAG."""

import json
import os
import pathlib
import statistics
import subprocess
import time

from support.venturi import BIN

from .home import BenchHome

DAG = """#include <venturi/dag.h>
using namespace venturi;
std::int64_t one() {{ return {number}; }}
std::int64_t next(std::int64_t n) {{ return n + 1; }}
VENTURI_DAG(visible, {{.is_paused_upon_creation = false, .tags = {{"version_{number}"}}}}) {{
  dag.task<next>()(dag.task<one>());
}}
"""
WRAPPER = """#!/bin/sh
date +%s.%N >> {log}
{compiler} "$@"
code=$?
date +%s.%N >> {log}
exit $code
"""


def template(_):
    done = subprocess.run([BIN.parent / "bench" / "bench_template"], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return {"template_10_us": {"value": found["us"], "p99_us": found["p99_us"]}}


def schedule(_):
    done = subprocess.run([BIN.parent / "bench" / "bench_schedule"], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return {"cron_1000_us": {"value": found["us"], "p99_us": found["p99_us"]}}


def engine(_):
    done = subprocess.run([BIN.parent / "bench" / "bench_engine"], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return {"engine_transitions_per_s": {"value": found["transitions_per_s"]},
            "engine_growth": {"value": max(found[name] for name in ("join", "edges", "independent")), **found},
            "engine_pending_bytes": {"value": found["pending_bytes"]},
            "catch_up_trigger_ms": {"value": found["catch_up_trigger_ms"]},
            "engine_idle_dags": {"value": found["tick_ns_10000_dags"] / found["tick_ns"]}}


def simulate(_):
    done = subprocess.run([BIN.parent / "bench" / "bench_simulate"], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return {"simulated_week_s": {"value": found["s"]}, "simulated_vs_engine": {"value": found["ratio"]}}


def dag_visible(bench):
    """From the moment at which a .cpp is saved to the one at which its DAG is in the database, without the compiler's own time."""
    home = BenchHome(bench.fresh("visible"), [])
    log, compiler = home.user / "compiler_times", home.user / "compiler"
    real = next(path for name in ("clang++-19", "clang++", "g++", "c++") for path in [f"/usr/bin/{name}"] if os.path.exists(path))
    compiler.write_text(WRAPPER.format(log=log, compiler=real))
    compiler.chmod(0o755)
    home.environment["VENTURI__COMPILER__COMMAND"] = str(compiler)
    over, all_, own = [], [], []
    home.start_and_wait()
    try:
        for number in range(2 if bench.quick else 5):
            log.unlink(missing_ok=True)
            draft = home.user / "visible.cpp"
            draft.write_text(DAG.format(number=number))
            saved = time.time()
            draft.rename(home.dags_folder / "visible.cpp")
            wanted = f"%version_{number}%"
            home.wait_until(lambda: home.read("SELECT count(*) FROM dag JOIN dag_version USING (version_id) WHERE serialized LIKE ?", wanted)[0][0],
                            what="the DAG")
            visible = time.time()
            times = [float(line) for line in log.read_text().split()]
            compiling = sum(end - begin for begin, end in zip(times[::2], times[1::2]))
            over.append(visible - saved - compiling)
            all_.append(visible - saved)
            own.append(compiling)
    finally:
        home.kill()
    return {"dag_visible_s": {"value": statistics.median(over), "with_the_compiler_s": statistics.median(all_), "compiler_s": statistics.median(own)}}


YAML_DAG = """dag_id: checked_{number}
schedule: "{minute} 5 * * *"
start_date: 2026-01-01
default_args: {{retries: 2, retry_delay: 30s, conn_id: shop, on_failure_callback: {{notifier: SmtpNotifier, to: ops@example.com}}}}
tasks:
  extract: {{operator: PostgresToFileOperator, sql: "SELECT * FROM orders WHERE day = '{{{{ ds }}}}'"}}
  load: {{operator: FileToPostgresOperator, file: {{xcom: extract}}, table: orders_of_day}}
  check: {{operator: SQLCheckOperator, sql: "SELECT count(*) FROM orders_of_day", upstream: load}}
  tell: {{operator: EmailOperator, conn_id: smtp, to: [a@example.com], subject: "{{{{ ds }}}}", text_content: done, upstream: check}}
"""


def validate(bench):
    """The whole command, from exec to exit."""
    folder = bench.fresh("validated") / "dags"
    folder.mkdir(parents=True)
    for number in range(1000):
        (folder / f"checked_{number}.yaml").write_text(YAML_DAG.format(number=number, minute=number % 60))
    times = []
    for _ in range(2 if bench.quick else 5):
        begin = time.monotonic()
        subprocess.run([BIN / "venturi", "dags", "validate", folder], check=True, capture_output=True)
        times.append(time.monotonic() - begin)
    return {"validate_1000_yaml": {"value": statistics.median(times)}}
