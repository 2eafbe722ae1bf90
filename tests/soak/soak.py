"""`make soak`: does a home stay as large as it is? 30 days of schedules, caught up with as fast as it goes, and then load for an
hour of real time (SECONDS=...), under retention that keeps little. Memory and open files of server and worker, database and
logs are looked at all the time; at the end they must be what they were in the middle.
"""

import argparse
import datetime
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.case import end_all, processes_of  # noqa: E402
from support.venturi import Venturi  # noqa: E402

CATCH_UP = """
dag_id: NAME
schedule: "CRON"
start_date: START
catchup: true
max_active_runs: 4
is_paused_upon_creation: false
tasks:
  extract: {operator: BashOperator, bash_command: "echo extracted {{ ds }}; echo 17"}
  load: {operator: BashOperator, bash_command: "echo loaded {{ ti.xcom_pull(task_ids='extract') }}", depends_on_past: true, upstream: [extract]}
"""
LOAD = """
dag_id: NAME
schedule: "@continuous"
start_date: START
max_active_runs: 1
is_paused_upon_creation: false
tasks:
  one: {operator: BashOperator, bash_command: "seq 200"}
  two: {operator: BashOperator, bash_command: "echo two", upstream: [one]}
  fails: {operator: BashOperator, bash_command: "exit 1", retries: 1, retry_delay: 0.1s, upstream: [one]}
  last: {operator: BashOperator, bash_command: "echo last", trigger_rule: all_done, upstream: [two, fails]}
"""
SETTINGS = {"VENTURI__RETENTION__INTERVAL_S": "5", "VENTURI__RETENTION__RUNS_PER_DAG": "300", "VENTURI__RETENTION__MAX_TASK_INSTANCES": "3000",
            "VENTURI__RETENTION__KEEP_RUNS": "10", "VENTURI__LOGGING__FILE": "logs/server.log", "VENTURI__LOGGING__MAX_FILE_MIB": "1"}
# What may be more at the end than in the middle: a factor, and what the allocator makes.
MAY_GROW = {"server MiB": (1.1, 1), "server files": (1.1, 4), "worker MiB": (1.1, 1), "worker files": (1.1, 20), "database MiB": (1.15, 1),
            "log MiB": (1.0, 16), "task logs": (1.25, 100)}


def memory_and_files(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20, len(os.listdir(f"/proc/{pid}/fd"))


def look(home):
    """One row of measures; what ended in this moment is left out."""
    server = home.process.pid
    row = dict(zip(("server MiB", "server files"), memory_and_files(server)))
    row["worker MiB"] = row["worker files"] = 0
    for pid, command in processes_of(home.home).items():
        if pid == server or not command.split()[0].endswith(("venturi-worker", "venturi-operators")):
            continue
        try:
            memory, files = memory_and_files(pid)
        except OSError:
            continue
        row["worker MiB"] += memory
        row["worker files"] += files
    size = lambda name: (home.home / name).stat().st_size / 2**20 if (home.home / name).exists() else 0
    row["database MiB"], row["log MiB"] = size("venturi.db"), size("venturi.db-wal")
    row["task logs"] = sum(len(list(folder.iterdir())) for folder in (home.home / "logs").glob("dag_id=*"))
    return row


def watch(home, until, every, rows):
    begin = time.monotonic()
    while not until():
        home.check_server()
        try:
            rows.append(look(home))
        except FileNotFoundError:
            pass
        if len(rows) % 12 == 1:
            print(f"  {time.monotonic() - begin:6.0f} s  " + "  ".join(f"{name} {value:.1f}" for name, value in rows[-1].items()), flush=True)
        time.sleep(every)


def judge(rows):
    """What grew from the second third of the time to the last, by the medians: a process that is just being made counts twice."""
    third = len(rows) // 3
    if third < 3:
        print("  too short to be judged")
        return []
    worse = []
    for name, (factor, slack) in MAY_GROW.items():
        middle = statistics.median(row[name] for row in rows[third:2 * third])
        last = statistics.median(row[name] for row in rows[2 * third:])
        verdict = "level" if last <= middle * factor + slack else "GROWS"
        print(f"  {name:14} middle {middle:8.1f}   end {last:8.1f}   {verdict}")
        if verdict == "GROWS":
            worse.append(name)
    return worse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3600, help="how long the load goes on")
    parser.add_argument("--days", type=int, default=30, help="of schedules that are caught up with")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="venturi_soak_") as folder:
        home = Venturi(pathlib.Path(folder) / "home", **SETTINGS)
        home.cli("db", "migrate")
        start = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0) - datetime.timedelta(days=options.days)
        dags = {"hourly": ("0 * * * *", 24), "often": ("*/20 * * * *", 72), "daily": ("0 0 * * *", 1)}
        for name, (cron, _) in dags.items():
            text = CATCH_UP.replace("NAME", name).replace("CRON", cron).replace("START", f"\"{start:%Y-%m-%dT%H:%M:%S+00:00}\"")
            (home.home / "dags" / f"{name}.yaml").write_text(text)
        try:
            home.start()
            expected = sum(per_day * options.days for _, per_day in dags.values())
            print(f"{options.days} days of schedules: about {expected} runs")
            begin, rows = time.monotonic(), []
            now = f"{datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"

            def caught_up():
                runs = home.run("dags", "list-runs", "often", "--limit", "1", "-s", now, "-o", "json")
                return runs.returncode == 0 and runs.stdout.strip() not in ("", "[]")
            watch(home, caught_up, 1, rows)
            seconds = time.monotonic() - begin
            print(f"  caught up in {seconds:.0f} s: {expected / seconds:.1f} runs a second")
            worse = judge(rows)
            print(f"load for {options.seconds:.0f} s")
            for number in range(8):
                text = LOAD.replace("NAME", f"load{number}").replace("START", f"\"{start:%Y-%m-%d}\"")
                (home.home / "dags" / f"load{number}.yaml").write_text(text)
            end = time.monotonic() + options.seconds
            rows = []
            watch(home, lambda: time.monotonic() > end, max(1.0, options.seconds / 400), rows)
            worse += judge(rows)
            runs = subprocess.run(["sqlite3", home.home / "venturi.db", "SELECT next_run - 1, (SELECT count(*) FROM dag_run) FROM home"], text=True,
                                  capture_output=True, check=True).stdout.strip().split("|")
            print(f"runs made {runs[0]}, left {runs[1]}")
            home.cli("db", "check")
            home.stop()
        finally:
            end_all(home)
    if worse:
        sys.exit("these grow: " + ", ".join(worse))


main()
