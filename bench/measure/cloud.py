"""Rows about jobs at other people's services, and about objects that come and go."""

import contextlib
import filecmp
import http.client
import json
import pathlib
import subprocess
import sys
import time

from . import processes
from .home import BenchHome, Wrong
from .orders import PeakMemory, seconds_of

HERE = pathlib.Path(__file__).parent


@contextlib.contextmanager
def server(name, *words):
    """A server of this folder, in a process of its own: its port."""
    with subprocess.Popen([sys.executable, HERE / f"{name}.py", *map(str, words)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def ask(port, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request(method, path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def aws(port):
    return json.dumps({"conn_type": "aws", "login": "bench", "password": "bench-secret", "extra": {"endpoint_url": f"http://127.0.0.1:{port}"}})


def waits(bench):
    """What the host of jobs costs that are looked at every ten seconds, once all of them are."""
    tasks, seconds = (1000, 10) if bench.quick else (10_000, 30)  # whole rounds of looks
    many = str(4 * tasks)
    dag = f"bench_remote_waits_{tasks}"
    home = BenchHome(bench.fresh(dag), [dag], {"VENTURI__CORE__PARALLELISM": many, "VENTURI__WORKER__PARALLELISM": many,
                                                  "VENTURI__CORE__DEFAULT_POOL_TASK_SLOT_COUNT": many})
    home.cli("db", "migrate")
    with server("jobs_server") as port:
        home.connection("bench_aws", aws(port))
        home.connection("bench_google", json.dumps({"conn_type": "google_cloud_platform", "extra": {
            "project": "shop", "endpoints": {"bigquery": f"http://127.0.0.1:{port}"}}}))
        with home.running():
            home.begin_runs(dag, ["waits"])
            home.wait_until(lambda: ask(port, "GET", "/looks")["jobs"] == tasks, seconds=120, what=f"{tasks} jobs")
            # The first looks at a job come after shorter and shorter waits: 0.25, 0.5, 1, 2, 4, 8 s.
            time.sleep(18)
            hosts = {pid for pid in processes.family(home.home) if processes.name(pid) == "venturi-operato"}
            looks, cpu, from_ = ask(port, "GET", "/looks")["looks"], processes.cpu_seconds(hosts), time.time()
            time.sleep(seconds)
            took = time.time() - from_
            cores = (processes.cpu_seconds(hosts) - cpu) / took
            per_second = (ask(port, "GET", "/looks")["looks"] - looks) / took
            memory = processes.pss_mib(hosts)
            ask(port, "POST", "/end")
            home.wait_for_runs(dag, ["waits"], interval=0.05)
    if abs(per_second - tasks / 10) > (0.5 if bench.quick else 0.2) * tasks / 10:
        raise Wrong(f"{tasks} jobs were looked at {per_second:.0f} times a second (home {home.home})")
    home.check(dag, tasks, xcoms=home.count(dag)["xcoms"])
    return {"remote_waits_10000_mib": {"value": memory, "jobs": tasks},
            "remote_waits_10000_cores": {"value": cores, "jobs": tasks, "looks_per_s": per_second}}


def objects(bench):
    """A file to S3 and back, against curl with the same server, by turns."""
    mib, turns = (64, 1) if bench.quick else (1024, 3)
    home = BenchHome(bench.fresh("objects"), ["bench_objects"])
    home.cli("db", "migrate")
    source, ours, curls = (home.user / name for name in ("source", "ours", "curls"))
    with open("/dev/urandom", "rb") as random, source.open("wb") as file:
        for _ in range(mib):
            file.write(random.read(1 << 20))
    found = {"put": ([], []), "get": ([], [])}
    with server("objects_server", home.user / "objects") as port:
        home.connection("bench_aws", aws(port))
        url = f"http://127.0.0.1:{port}/bench"

        def curl(*words):
            subprocess.run(["curl", "--fail", "--silent", "--show-error", *words], check=True, stdout=subprocess.DEVNULL)

        with home.running():
            for turn in range(turns):
                found["put"][1].append(seconds_of(lambda: curl("--upload-file", source, f"{url}/curl"), times=1))
                found["get"][1].append(seconds_of(lambda: (curl("--output", curls, f"{url}/curl"), subprocess.run(["sync", curls], check=True)), times=1))
                with PeakMemory(home, also="venturi-operato") as peak:
                    home.run_dag("bench_objects", f"turn_{turn}", source=str(source), target=str(ours))
                durations = dict(home.read("SELECT task_id, (t.end_date - t.start_date) / 1e6 FROM task_instance t JOIN dag_run ON dag_run.no = run_no WHERE run_id = ?",
                                           f"turn_{turn}"))
                for name in ("put", "get"):
                    found[name][0].append(durations[name])
                if not filecmp.cmp(source, ours, shallow=False):
                    raise Wrong(f"{ours} is not {source}")
                for path in (ours, curls):
                    path.unlink()
    home.check("bench_objects", 2 * turns, xcoms=turns)
    rows = {}
    for name, (own, peer) in found.items():
        ratio = sorted(peer)[turns // 2] / sorted(own)[turns // 2]
        rows[f"s3_{name}_vs_curl"] = {"value": ratio, "limit": 1, "ratio": ratio, "mib": mib, "seconds": own, "curl_seconds": peer}
    rows["s3_mib"] = {"value": peak.of_run, "all_processes_mib": peak.of_all}
    return rows
