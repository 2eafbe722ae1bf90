#!/usr/bin/env python3
"""Makes the files beside it: the bytes between the unmodified supervisor of a stock Airflow (its coordinator for executables) and
a compiled DAG program. Run it with a Python that has apache-airflow 3.3 and pyyaml, when a new Airflow comes out:

    record.py PROGRAM        PROGRAM is build/dags/recorded (tests/sdk/dags/recorded.cpp)

The supervisor starts this script again as a relay, which starts the program and writes down what passes. Airflow's API server is
played by a function here; the supervisor makes its messages from the answers. Each file is an array of [who, bytes in hexadecimal],
one a frame, in the order in which they passed.
"""

import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TI = "01890a5d-ac96-774b-bcce-b302099a8057"
RUN = "scheduled__2026-01-02T00:00:00+00:00"
TIME = "2026-01-02T00:00:00Z"


# ---- the relay -------------------------------------------------------------------------------------------------------------


def connect(argument):
    host, port = argument.split("=", 1)[1].rsplit(":", 1)
    return socket.create_connection((host, int(port)))


def relay(out, program, comm, logs):
    supervisor, log = connect(comm), connect(logs)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        child = subprocess.Popen([program, f"--comm={address}", f"--logs={address}"])
        ends = [server.accept()[0], server.accept()[0]]  # the program connects in this order
    where = {ends[0]: (supervisor, "program"), supervisor: (ends[0], "supervisor"), ends[1]: (log, None)}
    passed, pending = [], {"program": b"", "supervisor": b""}
    while ends[0] in where:
        for source in select.select(list(where), [], [])[0]:
            to, who = where[source]
            data = source.recv(65536)
            if not data:
                del where[source]
                continue
            to.sendall(data)
            if who is None:
                continue
            pending[who] += data
            while len(pending[who]) >= 4:
                size = 4 + struct.unpack(">I", pending[who][:4])[0]
                if len(pending[who]) < size:
                    break
                passed.append([who, pending[who][:size].hex()])
                pending[who] = pending[who][size:]
    pathlib.Path(out).write_text(json.dumps(passed, indent=0) + "\n")
    return child.wait()


# ---- the supervisor --------------------------------------------------------------------------------------------------------


def api(should_retry):
    """What Airflow's API server would answer (Task Execution API of 2026-06-30)."""
    import httpx

    run = {"dag_id": "recorded", "run_id": RUN, "logical_date": TIME, "data_interval_start": TIME, "data_interval_end": TIME,
           "run_after": TIME, "start_date": TIME, "end_date": None, "clear_number": 0, "run_type": "scheduled", "state": "running",
           "conf": {"limit": 3}, "triggering_user_name": None, "consumed_asset_events": [], "partition_key": None, "note": None}
    context = {"dag_run": run, "task_reschedule_count": 0, "max_tries": 1, "variables": [], "connections": [],
               "upstream_map_indexes": {}, "xcom_keys_to_clear": [], "should_retry": should_retry}

    def answer(request):
        path = request.url.path
        if path.endswith("/run"):
            return httpx.Response(200, json=context)
        if request.method == "GET" and "/xcoms/" in path:
            return httpx.Response(200, json={"key": "return_value", "value": 21})
        if request.method == "GET" and path.endswith("/connections/shop"):
            return httpx.Response(200, json={"conn_id": "shop", "conn_type": "postgres", "host": "db", "login": "me",
                                             "password": "geheim", "schema": "shop", "port": 5432, "extra": None})
        if request.method == "GET" and path.endswith("/variables/unit"):
            return httpx.Response(200, json={"key": "unit", "value": "EUR"})
        if request.method == "GET":
            return httpx.Response(404, json={"detail": {"reason": "not_found", "message": "not found"}})
        if request.method in ("PUT", "PATCH"):
            return httpx.Response(204)
        return httpx.Response(201, json={"message": "done"})

    return httpx.MockTransport(answer)


def record(program, task_id, should_retry):
    from airflow.sdk.api.client import Client
    from airflow.sdk.api.datamodels._generated import BundleInfo, TaskInstance
    from airflow.sdk.coordinators._subprocess import SubprocessCoordinator

    out = HERE / f"{task_id}.json"

    class Relayed(SubprocessCoordinator):
        def _build_execute_task_command(self, *, what):
            return [sys.executable, __file__, "--relay", str(out), program], "2026-06-16"

    ti = TaskInstance(id=TI, task_id=task_id, dag_id="recorded", run_id=RUN, try_number=1, dag_version_id=TI, map_index=-1,
                      queue="default")
    result = Relayed().execute_task(what=ti, dag_rel_path="recorded.py", bundle_info=BundleInfo(name="dags-folder", version=None),
                                    client=Client(base_url="http://api", token="", transport=api(should_retry)),
                                    subprocess_logs_to_stdout=False)
    print(task_id, result, len(json.loads(out.read_text())), "frames")


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--relay":
        return relay(*sys.argv[2:6])
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        os.environ["AIRFLOW_HOME"] = home
        for task_id, should_retry in (("produce", False), ("consume", False), ("fail", True), ("stumble", True), ("skip", False),
                                      ("choose", False)):
            record(sys.argv[1], task_id, should_retry)
    return 0


if __name__ == "__main__":
    sys.exit(main())
