"""The DAGs of examples/cookbook: a file, or a folder that is one program, shows one feature in a DAG of its own name.

What becomes of it stands at its end; several commands may follow each other, and without one it is the DAG alone, which succeeds.

    //   venturi dags test branch -c '{"bad": 50}'
    //   success; skipped: quiet

(in YAML with # in place of //)

The second line is the outcome of the run (success, failed, refused), then the task instances that did not end as success.
"""

import dataclasses
import pathlib
import re
import shlex

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples" / "cookbook"
MARKS = ("venturi.toml", "CMakeLists.txt")
COMMAND = re.compile(r"^(?://|#)   venturi dags test (.*)\n(?://|#)   (.*)$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Run:
    recipe: str
    words: tuple  # behind `venturi dags test`
    outcome: str
    states: dict | None  # state → task_ids, or None where it is not said


def recipes():
    """name → its sources, the first of which tells the commands."""
    found = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in (".cpp", ".yaml"):
            found[path.stem] = [path]
        elif any((path / mark).exists() for mark in MARKS):
            found[path.name] = sorted(path.rglob("*.cpp"), key=lambda source: (source.stem != path.name, source))
    return found


def runs_of(name, text):
    found = []
    for match in COMMAND.finditer(text):
        outcome, *rest = [part.strip() for part in match[2].split(";")]
        states = {state: set(map(str.strip, ids.split(","))) for state, _, ids in (part.partition(":") for part in rest)}
        found.append(Run(name, tuple(shlex.split(match[1])), outcome, states))
    return found or [Run(name, (name,), "success", None)]


def runs():
    return [run for name, sources in recipes().items() for run in runs_of(name, sources[0].read_text(encoding="utf-8"))]
