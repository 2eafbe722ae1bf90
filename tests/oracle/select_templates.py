#!/usr/bin/env python3
"""Fills tables/jinja_generated.json with rows of generate_templates.py. Needs Jinja2 and pendulum.

    select_templates.py SEED COUNT                # then record_templates.py
    select_templates.py --without DIFFERENCES     # takes out rows that template_outcomes printed

Left out is what says nothing, or what Venturi does otherwise on purpose (jinja_otherwise.json): what shows an object of Python
itself. Errors about an undefined value, whose class is in Python that of whoever stumbled over it, go by --without.
"""

import json
import re
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
    path = record_templates.TABLES / "jinja_generated.json"
    table = json.loads(path.read_text())
    if sys.argv[1] == "--without":
        with open(sys.argv[2]) as file:
            dropped = {json.loads(line)["row"]["template"] for line in file}
        table["rows"] = [row for row in table["rows"] if row["template"] not in dropped]
        path.write_text(json.dumps(table))
        return
    seed, count = int(sys.argv[1]), int(sys.argv[2])
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
