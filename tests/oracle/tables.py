"""Holds Venturi's classes against the tables of a folder: unit tests read them (src/base/testing/oracle_table.h)."""

import fnmatch
import json
import os
import pathlib
import subprocess
import tempfile

BUILD = pathlib.Path(os.environ.get("VENTURI_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build" / "release"))

# Table → the program of the tests, and the test.
JUDGES = {
    "asset_conditions": ("schedule", "Oracle.AssetConditions"),
    "cron_validity": ("schedule", "Oracle.CronValidity"),
    "manual_intervals": ("schedule", "Oracle.ManualIntervals"),
    "priority_weights": ("model", "PriorityWeights.AreThoseOfAirflow"),
    "retry_delays": ("schedule", "Oracle.RetryDelays"),
    "run_ids": ("schedule", "Oracle.RunIds"),
    "sensor_waits": ("base", "SensorWait.AsRecordedOnAirflow"),
    "templates": ("template", "Oracle.Templates"),
    "timetables": ("schedule", "Oracle.Timetables"),
    "trigger_rules": ("engine", "TriggerRules.AreAirflows"),
}
# Recorded for single tests of ours, which know their rows: they are no part of the oracle's own tables.
OURS = {"jinja_builtins", "jinja_generated", "jinja_language", "jinja_otherwise", "json_schemas", "pendulum", "signatures"}


def check(folder, only, tell):
    """tell(table, passed, failures) for each table whose name fits."""
    for path in sorted(folder.glob("*.json")):
        if fnmatch.fnmatch(path.stem, only) and path.stem not in OURS:
            tell(path.stem, *outcome(path))


def built(program):
    """The tests of a library: optimized, or as `make test` builds them, with the sanitizers; the newer ones. None: there are none."""
    candidates = [build / "src" / program / f"{program}_tests" for build in (BUILD, BUILD.parent / "asan")]
    there = [path for path in candidates if path.exists()]
    return max(there, key=lambda path: path.stat().st_mtime) if there else None


def outcome(path):
    rows = len(json.loads(path.read_text())["rows"])
    if path.stem not in JUDGES:
        return 0, [f"nothing here reads this table of {rows} rows"] * rows
    program, test = JUDGES[path.stem]
    judge = built(program)
    if judge is None:
        return 0, [f"{program}_tests is missing: build it with scripts/build release {program}_tests"] * rows
    with tempfile.TemporaryDirectory(prefix="venturi_tables_") as reports:
        done = subprocess.run([judge, f"--gtest_filter={test}"], capture_output=True, text=True,
                              env={**os.environ, "VENTURI_ORACLE_TABLES": str(path.parent), "VENTURI_ORACLE_REPORT": reports})
        report = pathlib.Path(reports) / path.name
        if not report.exists():
            return 0, [f"{program}_tests ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}"] * rows
        told = json.loads(report.read_text())
    failures = told["failures"] + ["the row was not looked at"] * (rows - told["passed"] - len(told["failures"]))
    return told["passed"], failures
