#!/usr/bin/env python3
"""Records the parameters of Airflow's operators, sensors, notifiers and hooks as tables/signatures.json: each with its default.

Read by tests/sdk/signatures_test.py, which holds the C++ structs and the documents against it. Needs apache-airflow and the provider
packages that the table names; not run by tests.

A class: `package`, `bases` (those within the packages), `template_fields`, `template_ext`, and `parameters`: name → default as JSON, or {"required": true},
or {"repr": ...} where it is no JSON. What comes from BaseOperator (retries, pool, ...) is left out, what comes from BaseSensorOperator is one
class of its own. A hook has `methods`, each with its parameters.
"""

import argparse
import importlib
import importlib.metadata
import inspect
import json
import pathlib

TABLE = pathlib.Path(__file__).resolve().parent / "tables" / "signatures.json"
PACKAGES = ["apache-airflow", "apache-airflow-providers-standard", "apache-airflow-providers-common-sql", "apache-airflow-providers-postgres",
            "apache-airflow-providers-http", "apache-airflow-providers-smtp",
            "apache-airflow-providers-slack"]
# module → package, all classes in it that end as an operator, sensor, notifier or hook does.
MODULES = {
    "standard": ["operators.bash", "operators.branch", "operators.datetime", "operators.empty", "operators.hitl", "operators.latest_only",
                 "operators.python", "operators.smooth", "operators.trigger_dagrun", "operators.weekday", "sensors.bash", "sensors.date_time",
                 "sensors.external_task", "sensors.filesystem", "sensors.python", "sensors.time", "sensors.time_delta", "sensors.weekday"],
    "common.sql": ["operators.sql", "operators.generic_transfer", "operators.analytics", "sensors.sql"],
    "http": ["operators.http", "sensors.http", "notifications.http"],
    "smtp": ["operators.smtp", "notifications.smtp"],
    "slack": ["notifications.slack_webhook", "notifications.slack", "operators.slack_webhook", "operators.slack",
              "transfers.sql_to_slack_webhook"],
}
HOOKS = {
    "airflow.providers.postgres.hooks.postgres.PostgresHook": ["__init__", "run", "get_records", "get_first", "insert_rows", "bulk_load", "bulk_dump", "copy_expert"],
    "airflow.providers.http.hooks.http.HttpHook": ["__init__", "run", "run_with_advanced_retry"],
    "airflow.providers.smtp.hooks.smtp.SmtpHook": ["__init__", "send_email_smtp"],
}
# Their parameters are those of every operator.
ROOTS = {"BaseOperator", "BaseSensorOperator", "BaseNotifier", "SkipMixin", "BranchMixIn", "object"}


def as_json(parameter):
    if parameter.default is inspect.Parameter.empty:
        return {"required": True}
    default = parameter.default
    if hasattr(default, "total_seconds"):
        return default.total_seconds()
    if hasattr(default, "value"):
        default = default.value
    if isinstance(default, (tuple, set, frozenset)):
        default = sorted(default)
    try:
        json.dumps(default)
        return default
    except TypeError:
        name = getattr(default, "__name__", None)
        return {"repr": name or type(default).__name__}


def own_parameters(function):
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    signature = inspect.signature(function)
    passes_on = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in signature.parameters.values())
    named = {name: as_json(p) for name, p in signature.parameters.items() if name != "self" and p.kind not in kinds}
    return named, passes_on


def all_parameters(cls):
    """Of __init__, and of those of the bases to which **kwargs go."""
    found = {}
    for base in cls.__mro__:
        if base.__name__ in ROOTS:
            break
        if "__init__" not in vars(base):
            continue
        named, passes_on = own_parameters(vars(base)["__init__"])
        found = found | {name: default for name, default in named.items() if name not in found}
        if not passes_on:
            break
    return found


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    classes = {}
    for package, modules in MODULES.items():
        for name in modules:
            try:
                module = importlib.import_module(f"airflow.providers.{package}.{name}")
            except ImportError as error:
                print(f"left out: {package}.{name}: {error}")
                continue
            for cls in vars(module).values():
                if not inspect.isclass(cls) or cls.__module__ != module.__name__ or cls.__name__.startswith(("_", "Base")):
                    continue
                if not cls.__name__.endswith(("Operator", "Sensor", "SensorAsync", "Notifier", "Transfer", "Marker")):
                    continue
                classes[cls.__name__] = {"package": package, "bases": [b.__name__ for b in cls.__bases__ if b.__name__ not in ROOTS],
                                         "template_fields": list(getattr(cls, "template_fields", ())),
                                         "template_ext": list(getattr(cls, "template_ext", ())), "parameters": all_parameters(cls)}
    from airflow.sdk.bases.sensor import BaseSensorOperator
    classes["BaseSensorOperator"] = {"package": "task-sdk", "bases": [], "template_fields": [], "template_ext": [],
                                     "parameters": own_parameters(BaseSensorOperator.__init__)[0]}
    hooks = {}
    for path, methods in HOOKS.items():
        module, _, name = path.rpartition(".")
        cls = getattr(importlib.import_module(module), name)
        hooks[name] = {method: own_parameters(getattr(cls, method))[0] for method in methods if hasattr(cls, method)}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(classes.items()))
    hook_lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(hooks.items()))
    versions = json.dumps({package: importlib.metadata.version(package) for package in PACKAGES})
    TABLE.write_text(f'{{"table": "signatures", "recorded_with": {versions},\n "classes": {{\n{lines}\n }},\n "hooks": {{\n{hook_lines}\n }}\n}}\n')
    print(f"{len(classes)} classes, {len(hooks)} hooks")


if __name__ == "__main__":
    main()
