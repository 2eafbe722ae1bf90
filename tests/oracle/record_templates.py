#!/usr/bin/env python3
"""Records what the real Jinja2 and pendulum make of the templates in tables/jinja_*.json and tables/pendulum.json.

    record_templates.py                       # all tables anew
    record_templates.py --rows < rows > out   # rows of JSON, one a line (generate_templates.py): each with its outcome

Each table is data in and out: the templates of its rows stay, their outcomes are computed anew. To add a case, add a row with
nothing but a template, and run this. Needs Jinja2 and pendulum (the tables name the versions that were used); not run by tests.

A row: template; optional `options` (of the environment), `templates` (for the loader), `native`. Outcome: `text`, or `value` and
its repr() as `repr` where it is native, or `error` with the name of the exception's class.
"""

import argparse
import datetime
import importlib.metadata
import json
import pathlib
import re
import resource
import signal
import sys

import jinja2
import jinja2.nativetypes
import jinja2.sandbox
import pendulum

TABLES = pathlib.Path(__file__).resolve().parent / "tables"
NAMES = ["jinja_language", "jinja_builtins", "pendulum", "jinja_generated", "jinja_otherwise"]
# The classes of errors that are told apart; one that is none of them counts as that of them which it is derived from.
CLASSES = {"TemplateSyntaxError", "TemplateAssertionError", "TemplateRuntimeError", "TemplateNotFound", "UndefinedError", "SecurityError", "FilterArgumentError",
           "TypeError", "ValueError", "KeyError", "IndexError", "AttributeError", "ZeroDivisionError", "OverflowError", "RuntimeError", "RecursionError", "MemoryError"}
MEMORY = 2 << 30
SECONDS = 10


class Sandbox(jinja2.sandbox.SandboxedEnvironment):
    """Airflow's: names with one underscore in front are allowed."""

    def is_safe_attribute(self, obj, attr, value):
        return not jinja2.sandbox.is_internal_attribute(obj, attr)


class NativeSandbox(Sandbox, jinja2.nativetypes.NativeEnvironment):
    """Airflow's native environment has no sandbox; Venturi's has."""


def airflow_filters():
    def when_given(function):
        return lambda value: None if value is None else function(value)

    def without_dashes(text):
        return text.replace("-", "").replace(":", "")

    return {"ds": when_given(lambda value: value.strftime("%Y-%m-%d")), "ds_nodash": when_given(lambda value: value.strftime("%Y%m%d")),
            "ts": when_given(lambda value: value.isoformat()), "ts_nodash": when_given(lambda value: value.strftime("%Y%m%dT%H%M%S")),
            "ts_nodash_with_tz": when_given(lambda value: without_dashes(value.isoformat()))}


def dates():
    """The variables of the table `pendulum`, beside those of its JSON."""
    berlin = pendulum.timezone("Europe/Berlin")
    return {
        "dt": pendulum.datetime(2024, 5, 6, 7, 8, 9, 123456),
        "day": pendulum.datetime(2024, 2, 29),
        "year_end": pendulum.datetime(2023, 12, 31, 23, 59, 59),
        "berlin": pendulum.datetime(2024, 3, 30, 2, 30, tz=berlin),
        "berlin_summer": pendulum.datetime(2024, 7, 1, 12, 0, tz=berlin),
        "naive": pendulum.naive(2024, 5, 6, 7, 8, 9),
        "old": pendulum.datetime(1969, 12, 31, 23, 59, 59, 999999),
        "delta": datetime.timedelta(days=1, hours=2, seconds=3, microseconds=4),
        "plain": datetime.datetime(2024, 1, 2, 3, 4, 5),
        "plain_date": datetime.date(2024, 1, 2),
        "plain_time": datetime.time(3, 4, 5, 6),
    }


def class_name(error):
    return next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in CLASSES), type(error).__name__)


def outcome(row, context):
    kind = NativeSandbox if row.get("native") else Sandbox
    loader = jinja2.DictLoader(row["templates"]) if "templates" in row else None
    environment = kind(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"], loader=loader, **row.get("options", {}))
    environment.filters.update(airflow_filters())
    try:
        result = environment.from_string(row["template"]).render(json.loads(json.dumps(context["values"])) | context["dates"])
    except Exception as error:  # the class is what is recorded
        return {"error": class_name(error)}
    if row.get("native"):
        return {"repr": re.sub(r" at 0x[0-9a-f]+", "", repr(result))}
    return {"text": re.sub(r" at 0x[0-9a-f]+", "", result)}


def record_rows():
    """Rows that cost the real Jinja2 too much are left out: they say nothing about ours."""
    context = {"values": json.loads((TABLES / "jinja_generated.json").read_text())["context"], "dates": dates()}
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    for line in sys.stdin:
        row = json.loads(line)
        signal.alarm(SECONDS)
        try:
            found = outcome(row, context)
        except KeyboardInterrupt:
            continue
        finally:
            signal.alarm(0)
        if len(str(found)) < 3000 and found.get("error") != "MemoryError":
            print(json.dumps(row | found))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", action="store_true", help="of stdin instead of the tables'")
    if parser.parse_args().rows:
        record_rows()
        return
    for name in NAMES:
        path = TABLES / f"{name}.json"
        table = json.loads(path.read_text())
        context = {"values": table["context"], "dates": dates() if name not in ("jinja_language", "jinja_builtins") else {}}
        versions = {package: importlib.metadata.version(package) for package in ("Jinja2", "MarkupSafe", "pendulum")}
        kept = ("template", "options", "templates", "native", "ours", "why")
        rows = [{key: row[key] for key in kept if key in row} | outcome(row, context) for row in table["rows"]]
        lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
        head = {"table": name, "about": table["about"], "recorded_with": versions, "context": table["context"]}
        path.write_text(json.dumps(head, ensure_ascii=False, indent=1)[:-2] + f',\n "rows": [\n{lines}\n ]\n}}\n')
        print(f"{name}: {len(rows)} rows, {sum('error' in row for row in rows)} of them errors")


if __name__ == "__main__":
    main()
