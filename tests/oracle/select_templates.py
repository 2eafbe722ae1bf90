#!/usr/bin/env python3
"""Fills tables/jinja_generated.json with rows of generate_templates.py. Needs Jinja2 and pendulum.

    select_templates.py SEED COUNT

Left out is what says nothing, or what Venturi does otherwise on purpose (the table's "otherwise" lists that): what shows an
object of Python itself, and errors about an undefined value, whose class is that of whoever stumbled over it in Python.
"""

import json
import re
import subprocess
import sys

import generate_templates
import record_templates

PYTHON_OBJECTS = re.compile(r"<(bound|built-in|function|generator|class|method|module|\w+ object|list_reverseiterator|dict_)|dict_(keys|values|items)\(|\bb['\"]|\d+j\b|Ellipsis|Undefined")


def speaks(row):
    text = row.get("text", row.get("repr", ""))
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return not PYTHON_OBJECTS.search(text) and len(text) < 600


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    path = record_templates.TABLES / "jinja_generated.json"
    table = json.loads(path.read_text())
    context = {"values": table["context"], "dates": record_templates.dates()}
    kept, seen = [], set()
    for row in generate_templates.rows(seed, count * 20):
        if len(json.dumps(row)) > 700:
            continue
        found = record_templates.outcome(row, context)
        # Of each kind of error a template is enough for the same beginning.
        shape = (found.get("error"), row["template"][:12]) if "error" in found else row["template"]
        if shape in seen or not speaks(row | found):
            continue
        seen.add(shape)
        kept.append({key: row[key] for key in row})
        if len(kept) == count:
            break
    table["rows"] = kept
    path.write_text(json.dumps(table))


if __name__ == "__main__":
    main()
