#!/usr/bin/env python3
"""Records what Airflow's own Param makes of the schemas and values in tables/json_schemas.json.

The table is data in and out: schemas and values of its rows stay, their outcomes are computed anew. To add a case, add a row with
nothing but `schema` and `value`, and run this. Needs apache-airflow-task-sdk (the table names the versions that were used); not
run by tests. Outcome: `fits` true or false, or `no_schema` true; `why` is Airflow's message, for the reader.
"""

import importlib.metadata
import json
import pathlib

from airflow.sdk import Param
from airflow.sdk.exceptions import ParamValidationError

TABLE = pathlib.Path(__file__).resolve().parent / "tables" / "json_schemas.json"


def outcome(schema, value):
    try:
        Param(value, schema=schema).resolve()
        return {"fits": True}
    except ParamValidationError as error:
        return {"fits": False, "why": error.args[0].message if hasattr(error.args[0], "message") else str(error)}
    except Exception:  # SchemaError, and references to nowhere
        return {"no_schema": True}


def main():
    table = json.loads(TABLE.read_text())
    rows = [{"schema": row["schema"], "value": row["value"], **outcome(row["schema"], row["value"])} for row in table["rows"]]
    versions = {name: importlib.metadata.version(name) for name in ("apache-airflow-task-sdk", "jsonschema", "isoduration")}
    lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
    TABLE.write_text(f'{{\n  "versions": {json.dumps(versions)},\n  "rows": [\n{lines}\n  ]\n}}\n')


if __name__ == "__main__":
    main()
