"""Airflow's answers: whether a body is what its OpenAPI document says of the operation (tests/api/response_schemas.json)."""

import datetime
import json
import pathlib
import re

DOCUMENT = json.loads((pathlib.Path(__file__).parents[1] / "api" / "response_schemas.json").read_text())
OPERATIONS, SCHEMAS = DOCUMENT["operations"], DOCUMENT["schemas"]

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int, "number": (int, float)}
FORMATS = {"date-time": lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None,
           "uuid": lambda text: re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text),
           "duration": lambda text: re.fullmatch(r"-?P.+", text)}


def problems(value, schema, at="body"):
    """What does not fit, as texts."""
    if "$ref" in schema:
        return problems(value, SCHEMAS[schema["$ref"]], at)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            tried = [problems(value, option, at) for option in schema[word]]
            return [] if any(not found for found in tried) else min(tried, key=len)
    found = [problem for option in schema.get("allOf", ()) for problem in problems(value, option, at)]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind in ("integer", "number"))):
        return found + [f"{at}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']!r}")
    if kind == "string" and schema.get("format") in FORMATS and not FORMATS[schema["format"]](value):
        found.append(f"{at}: {value!r} is no {schema['format']}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: {value!r} is less than {schema['minimum']}")
    if isinstance(value, dict):
        members = schema.get("properties", {})
        found += [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, member in value.items():
            if name in members:
                found += problems(member, members[name], f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{at}: {name} is not known")
            elif isinstance(schema.get("additionalProperties"), dict):
                found += problems(member, schema["additionalProperties"], f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        found += [problem for i, item in enumerate(value) for problem in problems(item, schema["items"], f"{at}[{i}]")]
    return found


def answer_problems(operation, status, body):
    """... of the answer of an operation, its status included."""
    responses = OPERATIONS[operation]["responses"]
    if str(status) not in responses:
        return [f"{operation}: status {status} is none of {sorted(responses)}"]
    schema = responses[str(status)]
    return [f"{operation}: {problem}" for problem in problems(body, schema)] if schema else []
