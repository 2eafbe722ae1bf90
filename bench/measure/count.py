"""Counts what a killed server left on disk. A process of its own, that shares nothing with the server and the driver:

    count.py HOME [DAG_ID...]    prints a JSON object; without DAG_ID, of all DAGs
"""

import json
import os
import pathlib
import sqlite3
import sys


def count_files(folder):
    return sum(len(files) for _, _, files in os.walk(folder))


def main():
    home = pathlib.Path(sys.argv[1])
    dags = sys.argv[2:]
    db = sqlite3.connect(home / "venturi.db")
    where = f"run_no IN (SELECT no FROM dag_run WHERE dag_id IN ({','.join('?' * len(dags))}))" if dags else "1"

    def rows(sql):
        return db.execute(sql.replace("WHERE", f"WHERE {where} AND"), dags).fetchall()

    logs = home / "logs"
    print(json.dumps({
        "states": dict(rows("SELECT state, count(*) FROM task_instance WHERE 1 GROUP BY state")),
        "xcoms": rows("SELECT count(*) FROM xcom WHERE 1")[0][0],
        "batches": rows("SELECT count(*) FROM history WHERE 1")[0][0],
        "transitions": rows("SELECT ifnull(sum(json_array_length(transitions)), 0) FROM history WHERE 1")[0][0],
        "logs": sum(count_files(logs / f"dag_id={dag}") for dag in dags) if dags else count_files(logs),
        "journal_mode": db.execute("PRAGMA journal_mode").fetchone()[0],
    }))


if __name__ == "__main__":
    main()
