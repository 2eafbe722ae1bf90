"""In place of replay.Api where a server has no REST API: commands of the CLI, and for reading the home's database.

What the CLI cannot do is answered with 501, and the scenario fails with that.
"""

import datetime
import json
import re
import sqlite3
import urllib.parse

import replay


def date(microseconds):
    if microseconds is None:
        return None
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=microseconds)
    return moment.isoformat().replace("+00:00", "Z")


class WithoutApi:
    def __init__(self, venturi):
        self.venturi = venturi

    def rows(self, sql, *values):
        database = sqlite3.connect(f"file:{self.venturi.home}/venturi.db?mode=ro", uri=True, timeout=30)
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(sql, values)]
        finally:
            database.close()

    def pages(self, path, key, **query):
        return self("GET", path, **query)[key]

    def __call__(self, method, path, body=None, raw=False, **query):
        parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        name = method.lower() + "_" + "_".join(part for part in parts if part in
                                               ("dags", "dagRuns", "taskInstances", "xcomEntries", "tries", "clear", "clearTaskInstances", "pools",
                                                "variables", "connections"))
        answer = getattr(self, name + f"_{len(parts)}", None) or getattr(self, name, None)
        status, got = answer(parts, body, query) if answer else (501, f"the CLI cannot do {method} {path}")
        if raw:
            return status, got
        if status >= 300:
            raise replay.Problem(f"{method} {path}: {status} {got}")
        return got

    def command(self, *words, **more):
        done = self.venturi.run(*words, **more)
        if done.returncode == 0:
            return 200, done.stdout
        text = done.stderr
        return (404 if "there is no" in text else 409 if "already" in text else 400), text

    # ---- DAGs and runs ----
    def get_dags_2(self, parts, *_):
        found = self.rows("select dag_id from dag where dag_id = ?", parts[1])
        return (200, {}) if found else (404, "no such DAG")

    def patch_dags_2(self, parts, body, _):
        return self.command("dags", "pause" if body["is_paused"] else "unpause", parts[1])

    def run_row(self, row):
        dates = ("logical_date", "data_interval_start", "data_interval_end", "run_after", "start_date", "end_date")
        return {"dag_run_id": row["run_id"], "run_type": row["run_type"], "state": row["state"], "conf": json.loads(row["conf"] or "{}"),
                **{name: date(row[name]) for name in dates}}

    def get_dags_dagRuns_3(self, parts, *_):
        return 200, {"dag_runs": [self.run_row(r) for r in self.rows("select * from dag_run where dag_id = ? order by run_after, no", parts[1])]}

    def get_dags_dagRuns_4(self, parts, *_):
        found = self.rows("select * from dag_run where dag_id = ? and run_id = ?", parts[1], parts[3])
        return (200, self.run_row(found[0])) if found else (404, "no such run")

    def post_dags_dagRuns_3(self, parts, body, _):
        words = ["dags", "trigger", parts[1], "-r", body["dag_run_id"]]
        if set(body) - {"logical_date", "dag_run_id", "conf"}:
            return 501, f"the CLI triggers no run with {sorted(body)}"
        if body.get("logical_date"):
            words += ["-l", body["logical_date"]]
        if "conf" in body:
            words += ["-c", json.dumps(body["conf"])]
        status, text = self.command(*words)
        return status, {"dag_run_id": body["dag_run_id"]} if status < 300 else text

    def delete_dags_dagRuns_4(self, parts, *_):
        return self.command("dags", "delete-run", parts[1], parts[3], "-y")

    def clear(self, dag_id, run_id, body):
        words = ["tasks", "clear", dag_id, "--run-id", run_id, "-y", "-o", "json"]
        if "task_ids" in body:
            words += ["-t", "^(" + "|".join(re.escape(t) for t in body["task_ids"]) + ")$"]
        words += [word for key, word in (("include_downstream", "-d"), ("include_upstream", "-u"), ("only_failed", "-f")) if body.get(key)]
        status, text = self.command(*words)
        if status >= 300:
            return status, text
        return 200, {"task_instances": [{"task_id": r["task_id"], "map_index": int(r.get("map_index", -1))} for r in json.loads(text)]}

    def post_dags_clearTaskInstances(self, parts, body, _):
        return self.clear(parts[1], body["dag_run_id"], body)

    def post_dags_dagRuns_clear(self, parts, body, _):
        status, got = self.clear(parts[1], parts[3], body)
        return status, {"state": "queued"} if status < 300 else got

    # ---- task instances and XComs ----
    def instances(self, dag_id, run_id, table="task_instance"):
        found = self.rows(f"select t.*, m.name from {table} t join dag_run r on r.no = t.run_no left join rendered_map_index m"
                          " on m.task_instance_no = t.no where r.dag_id = ? and r.run_id = ?", dag_id, run_id)
        serialized = self.rows("select v.serialized from dag_version v join dag_run r on r.dag_version_id = v.version_id where r.dag_id = ?"
                               " and r.run_id = ?", dag_id, run_id)
        weights = {}
        for task in json.loads(serialized[0]["serialized"])["dag"]["tasks"] if serialized else ():
            weights[task["__var"]["task_id"]] = task["__var"].get("priority_weight", 1)
        return [{"task_id": r["task_id"], "map_index": r["map_index"], "state": r["state"], "try_number": r["try_number"], "max_tries": r["max_tries"],
                 "rendered_map_index": r["name"], "start_date": date(r["start_date"]), "end_date": date(r["end_date"]),
                 "priority_weight": weights.get(r["task_id"]),
                 "duration": (r["end_date"] - r["start_date"]) / 1e6 if r["start_date"] and r["end_date"] else None} for r in found]

    def get_dags_dagRuns_taskInstances_5(self, parts, *_):
        return 200, {"task_instances": self.instances(parts[1], parts[3])}

    def get_dags_dagRuns_taskInstances_tries(self, parts, *_):
        index = int(parts[6]) if len(parts) == 8 else -1
        all_tries = self.instances(parts[1], parts[3], "task_instance_history") + self.instances(parts[1], parts[3])
        return 200, {"task_instances": [t for t in all_tries if t["task_id"] == parts[5] and t["map_index"] == index]}

    def xcoms(self, parts):
        return self.rows("select x.* from xcom x join dag_run r on r.no = x.run_no where r.dag_id = ? and r.run_id = ?", parts[1], parts[3])

    def get_dags_dagRuns_taskInstances_xcomEntries_7(self, parts, *_):
        return 200, {"xcom_entries": self.xcoms(parts)}

    def get_dags_dagRuns_taskInstances_xcomEntries_8(self, parts, _, query):
        (row,) = [x for x in self.xcoms(parts) if (x["task_id"], x["key"], x["map_index"]) == (parts[5], parts[7], query["map_index"])]
        return 200, {"value": json.loads(row["value"])}

    # ---- what scenarios need ----
    def post_pools(self, _, body, __):
        return self.command("pools", "set", body["name"], body["slots"], "of a scenario", *(["--include-deferred"] if body["include_deferred"] else []))

    def post_variables(self, _, body, __):
        return self.command("variables", "set", body["key"], body["value"])

    def post_connections(self, _, body, __):
        values = {("conn_type" if k == "conn_type" else k): v for k, v in body.items() if k != "connection_id"}
        return self.command("connections", "add", body["connection_id"], "--conn-json", "-", input=json.dumps(values))
