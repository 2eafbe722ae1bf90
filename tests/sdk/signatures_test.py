"""Each parameter of Airflow's operators, sensors and notifiers (oracle/tables/signatures.json, recorded on the real packages) is a member of
the struct of the same name with the same default, as its comment says it, or the documents say why not.

A default stands at the beginning of a member's comment: `// false`, `// "utf-8"`, `// 99: exit codes that mean skipped`, `// required`. Where
Airflow's is None, what that means here is free. The documents' rows: | `Operator`, ... | ... `parameter` ... |, and of the table of parameters that
are nowhere | `parameter`, ... | `Operator`, ..., or all | why |.
"""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TABLE = json.loads((ROOT / "tests/oracle/tables/signatures.json").read_text())
PAGES = [ROOT / "docs" / "operators.md", *sorted((ROOT / "docs" / "providers").glob("*.md"))]
NOWHERE = "Parameters that are nowhere"
STRUCT = re.compile(r"^struct (\w+) \{\n(.*?)^\};", re.DOTALL | re.MULTILINE)
MEMBER = re.compile(r"^  (?:[\w:<>, ]+?)[ \n]+(\w+(?:\{\}| = [^;]+)(?:, \w+(?:\{\}| = [^;,]+))*);(?: +// (.*))?$", re.MULTILINE)


def members(body):
    """name → the default as its text says it: that of the initializer, or the beginning of the comment."""
    found = {}
    for names, comment in MEMBER.findall(body):
        for declared in names.split(", "):
            name, _, initializer = declared.partition(" = ")
            found[name.removesuffix("{}")] = initializer or re.split(r"[;:,]", comment)[0].strip()
    return found


def structs():
    found = {}
    for header in sorted((ROOT / "include/venturi").glob("*.h")):
        for name, body in STRUCT.findall(header.read_text()):
            found.setdefault(name, members(body))
    return found


def codes(text):
    return set(re.findall(r"`\.?(\w+)`", text))


def documented():
    """The classes that are not here, and the pairs of class (or "all") and parameter that the documents speak of."""
    missing, pairs = set(), set()
    for page in PAGES:
        heading = ""
        for line in page.read_text().splitlines():
            if line.startswith("#"):
                heading = line.lstrip("# ")
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not line.startswith("| ") or len(cells) < 2:
                continue
            if heading == NOWHERE:
                classes = {"all"} if cells[1] == "all" else codes(cells[1])
                pairs |= {(cls, name) for cls in classes for name in codes(cells[0])}
                continue
            if cells[1] in ("no", "tasks"):
                missing |= codes(cells[0])
            pairs |= {(cls, name) for cls in codes(cells[0]) for name in codes(" ".join(cells[1:]))}
    return missing, pairs


def same_default(airflow, ours):
    if airflow in (None, {"repr": "ArgNotSet"}):
        return ours != "required"
    if isinstance(airflow, dict):
        return ours == "required" if airflow.get("required") else airflow["repr"] in ours
    if isinstance(airflow, bool):
        return ours == str(airflow).lower()
    if isinstance(airflow, str):
        return ours.strip('"') == airflow
    return ours in (str(airflow), f"{airflow} s") or (airflow, ours) == (60, "1min")


class SignaturesTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.structs = structs()
        self.missing, self.pairs = documented()

    def differences(self, name, parameters, ours):
        for parameter, default in parameters.items():
            if {(name, parameter), ("all", parameter)} & self.pairs:
                continue
            if parameter not in ours:
                yield f"{name}: {parameter} is missing"
            elif not same_default(default, ours[parameter]):
                yield f"{name}: {parameter} is {default} in Airflow, and \"{ours[parameter]}\" here"

    def test_parameters(self):
        found, compared = [], 0
        for name, cls in TABLE["classes"].items():
            if name in self.missing:
                self.assertNotIn(name, self.structs)
                continue
            # TimeSensorAsync: in C++ TimeSensor with .deferrable.
            struct = "SensorOptions" if name == "BaseSensorOperator" else name.removesuffix("Async")
            self.assertTrue(struct in self.structs, f"{name} is neither here nor called missing in {[page.name for page in PAGES]}")
            found += self.differences(name, cls["parameters"], self.structs[struct])
            compared += len(cls["parameters"])
        self.assertGreater(compared, 200)
        self.assertEqual(found, [])

    def test_the_documents_tell_of_no_parameter_that_is_here(self):
        """A parameter that came is taken out of the table of those that are nowhere."""
        for name, parameter in self.pairs:
            if ("all", parameter) not in self.pairs:
                continue
            for cls in TABLE["classes"]:
                if parameter in TABLE["classes"][cls]["parameters"] and cls in self.structs:
                    self.assertNotIn(parameter, self.structs[cls], f"{cls}.{parameter} is here")

    def test_hooks(self):
        page = (ROOT / "docs/hooks.md").read_text()
        words = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]*`", page))))
        for hook, methods in TABLE["hooks"].items():
            header = ROOT / "include/venturi/hooks" / (hook.removesuffix("Hook").lower() + ".h")
            words_of_header = set(re.findall(r"\w+", header.read_text()))
            for method, parameters in methods.items():
                if method != "__init__":
                    self.assertTrue(method in words | words_of_header, f"{hook}.{method} is neither in {header.name} nor in hooks.md")
                for parameter in parameters:
                    self.assertTrue(parameter.strip("_") in words | words_of_header,
                                    f"{hook}.{method}: {parameter} is neither in {header.name} nor in hooks.md")


if __name__ == "__main__":
    unittest.main()
