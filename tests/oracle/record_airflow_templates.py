#!/usr/bin/env python3
"""Records what Airflow's own task instance makes of the templates in tables/templates.json, in three kinds of run.

    record_airflow_templates.py          # the outcomes of all rows anew; a row may be nothing but a template
    record_airflow_templates.py --check  # only says which rows would change

The context is that of RuntimeTaskInstance; the supervisor it asks for variables, connections and XComs is made up here. Needs
apache-airflow 3.3 (its task SDK); not run by tests.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import uuid

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "True"
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

import pendulum  # noqa: E402
from airflow.sdk import DAG, BaseOperator  # noqa: E402
from airflow.sdk.api.datamodels._generated import DagRun, DagRunType, TaskInstanceState, TIRunContext  # noqa: E402
from airflow.sdk.exceptions import ErrorType  # noqa: E402
from airflow.sdk.execution_time import comms, task_runner  # noqa: E402

PATH = pathlib.Path(__file__).resolve().parent / "tables" / "templates.json"
VARIABLES = {"orc_plain": "pv", "orc_json": '{"a": {"b": 3}}', "orc_jinja": "{{ ds }}"}
XCOMS = {("src", "return_value"): {"list": [1, 2], "text": "tx"}, ("src", "second"): "2nd"}
CONNECTION = {"conn_id": "orc_conn", "conn_type": "http", "host": "h.example", "port": 8088, "schema": None, "login": "u", "password": "p", "extra": '{"k": "v"}'}


class Supervisor:
    def send(self, msg):
        kind = type(msg).__name__
        if kind == "GetVariable":
            if msg.key in VARIABLES:
                return comms.VariableResult(key=msg.key, value=VARIABLES[msg.key])
            return comms.ErrorResponse(error=ErrorType.VARIABLE_NOT_FOUND, detail={"key": msg.key})
        if kind == "GetConnection":
            if msg.conn_id == "orc_conn":
                return comms.ConnectionResult(**CONNECTION)
            return comms.ErrorResponse(error=ErrorType.CONNECTION_NOT_FOUND, detail={"conn_id": msg.conn_id})
        value = XCOMS.get((getattr(msg, "task_id", None), getattr(msg, "key", None)))
        if kind == "GetXComSequenceSlice":
            return comms.XComSequenceSliceResult(root=[] if value is None else [value])
        if kind == "GetXCom":
            return comms.XComResult(key=msg.key, value=value)
        if kind == "GetPrevSuccessfulDagRun":
            return comms.PrevSuccessfulDagRunResult()
        raise NotImplementedError(kind)


def contexts():
    """The context in each kind of run, which has the task."""
    params = {"p": "pp", "n": 3, "l": ["x", "y"], "d": {"k": "kv"}, "who": "dag"}
    fixed = pendulum.datetime(2024, 5, 6, 7, 8, 9, 123456)
    start, end = pendulum.datetime(2024, 1, 31, 6), pendulum.datetime(2024, 2, 1, 6)
    runs = {"fixed": (fixed, fixed, fixed, {"c": {"n": 3}, "who": "conf"}), "interval": (end, start, end, {"c": {"n": 5}}), "dateless": (None, None, None, {"who": "x"})}

    def context(name):
        logical_date, interval_start, interval_end, conf = runs[name]
        with DAG("orc_template_table_a", schedule=None, params=params, tags=["templates", "oracle"]):  # the conf changes its params
            task = BaseOperator(task_id="r")
        run = DagRun.model_construct(
            dag_id="orc_template_table_a", run_id=f"oracle_tmpl_{name}", logical_date=logical_date, data_interval_start=interval_start, data_interval_end=interval_end, run_after=fixed, start_date=fixed, end_date=None,
            clear_number=0, run_type=DagRunType.MANUAL, state="running", conf=conf, triggering_user_name=None, consumed_asset_events=[], partition_key=None, partition_date=None, note=None)
        served = TIRunContext.model_construct(dag_run=run, task_reschedule_count=0, max_tries=0, variables=[], connections=[], upstream_map_indexes=None, next_method=None, next_kwargs=None, xcom_keys_to_clear=[], should_retry=False)
        instance = task_runner.RuntimeTaskInstance.model_construct(
            id=uuid.uuid4(), task_id="r", dag_id="orc_template_table_a", run_id=run.run_id, try_number=1, map_index=-1, dag_version_id=uuid.uuid4(), task=task, start_date=fixed, state=TaskInstanceState.RUNNING, max_tries=0, hostname="",
            is_mapped=False, bundle_instance=None, sentry_integration="")
        instance._ti_context_from_server = served
        return instance.get_template_context()

    return {name: context(name) for name in runs}


def outcome(template, context):
    try:
        text = context["task"].render_template(template, context)
    except Exception as error:  # the class is what is recorded
        return {"error": type(error).__name__}
    return text if isinstance(text, str) else {"not_text": repr(text)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    task_runner.SUPERVISOR_COMMS = Supervisor()
    by_run = contexts()
    table = json.loads(PATH.read_text())
    rows = [{"template": row["template"]} | {name: outcome(row["template"], context) for name, context in by_run.items()} for row in table["rows"]]
    for before, after in zip(table["rows"], rows):
        if before != after:
            print(json.dumps(before), "->", json.dumps(after), file=sys.stderr)
    if not check:
        head = json.dumps({key: value for key, value in table.items() if key != "rows"})
        PATH.write_text(head[:-1] + ', "rows": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]}\n")


if __name__ == "__main__":
    main()
