"""The ledger that the tasks of dags/crash_ledger.cpp write, judged against the database of the home.

The rules: at most one body for each (task instance, try); a success implies that try's body and end; a task with retries=0 has
at most one body; no body without a run and a try that the database knows; every run and every task reached a final state, by
success or because its worker was lost; what a success handed on is there. The ledger lies outside of the home, so that it
survives whatever happens to that.
"""

import collections
import pathlib
import sqlite3

FINAL = {"success", "failed", "upstream_failed", "skipped"}
WITHOUT_LINES = {"rows", "seven"}  # built-in operators that run no code of ours
ONCE = {"number", "work_once", "shell_once", "light_number", "light_work_once"}  # retries=0
XCOMS = {"number", "next", "light_number", "light_next", "command", "csv", "shell", "shell_once", "rows", "seven", "large"}

Try = collections.namedtuple("Try", "task_id try_number state reason error")


def read(path):
    """(dag, run, task, try) → how often "body" and "end"."""
    lines = collections.defaultdict(collections.Counter)
    if not path.exists():
        return lines
    text = path.read_text()
    if text and not text.endswith("\n"):
        raise AssertionError(f"the ledger ends within a line: {text[-100:]!r}")
    for line in text.splitlines():
        dag_id, run_id, task_id, try_number, _, what = line.split("\t")
        lines[dag_id, run_id, task_id, int(try_number)][what] += 1
    return lines


class Judge:
    def __init__(self, ledger, home, answered):
        """`answered`: ids of the runs of which a `dags trigger` said that they exist."""
        self.lines = read(ledger)
        self.problems = []
        self.reasons, self.errors = collections.Counter(), collections.Counter()
        database = sqlite3.connect(f"file:{home}/venturi.db?mode=ro", uri=True)
        try:
            self.runs = {run_id: (no, state) for no, run_id, state in database.execute("SELECT no, run_id, state FROM dag_run")}
            self.tries = collections.defaultdict(list)
            for table in ("task_instance", "task_instance_history"):
                for run_no, *row in database.execute(f"SELECT run_no, task_id, try_number, state, end_reason, error FROM {table}"):
                    self.tries[run_no].append(Try(*row))
            in_files = set(database.execute("SELECT r.dag_id, r.run_id, substr(x.value, 2) FROM xcom AS x JOIN dag_run AS r "
                                            "ON r.no = x.run_no WHERE x.value LIKE '@%'"))
            self.xcoms = set(database.execute("SELECT run_no, task_id FROM xcom WHERE key = 'return_value'"))
        finally:
            database.close()
        self.files = {path.relative_to(pathlib.Path(home) / "xcoms").parts
                      for path in (pathlib.Path(home) / "xcoms").rglob("*") if path.is_file()}
        self.problems += [f"the XCom's file {'/'.join(name)} is lost" for name in in_files - self.files]
        self.problems += [f"no row refers to the XCom's file {'/'.join(name)}" for name in self.files - in_files]
        for run_id in answered - self.runs.keys():
            self.problems.append(f"run {run_id} was answered, and is lost")
        for run_id, (no, state) in self.runs.items():
            self.judge_run(run_id, no, state)
        self.judge_lines()

    def judge_run(self, run_id, no, state):
        if state not in ("success", "failed"):
            self.problems.append(f"run {run_id} is {state}")
        if not self.tries[no]:
            self.problems.append(f"run {run_id} has no tasks")
        for t in self.tries[no]:
            where = f"{run_id}/{t.task_id} try {t.try_number}"
            if t.state not in FINAL:
                self.problems.append(f"{where} is {t.state}")
            if t.state == "failed":
                self.reasons[t.reason] += 1
                self.errors[t.error] += 1
                # launch_failed: its host or warm process was killed before it was ready, so that nothing of it ran.
                never_ran = t.reason == "launch_failed" and not self.lines["crash_ledger", run_id, t.task_id, t.try_number]["body"]
                if t.reason != "lost" and not never_ran:
                    self.problems.append(f"{where} failed by {t.reason}: {t.error}")
            if t.state != "success":
                continue
            if t.task_id not in WITHOUT_LINES:
                lines = self.lines["crash_ledger", run_id, t.task_id, t.try_number]
                if lines["body"] != 1 or lines["end"] != 1:
                    self.problems.append(f"{where} is success with {lines['body']} bodies and {lines['end']} ends")
            if t.task_id in XCOMS and (no, t.task_id) not in self.xcoms:
                self.problems.append(f"{where} is success, and its XCom is not there")

    def judge_lines(self):
        bodies = collections.Counter()
        for (_, run_id, task_id, try_number), lines in self.lines.items():
            where = f"{run_id}/{task_id} try {try_number}"
            bodies[run_id, task_id] += lines["body"]
            if lines["body"] > 1:
                self.problems.append(f"{where} ran {lines['body']} times")
            if lines["end"] > lines["body"]:
                self.problems.append(f"{where} ended more often than it began")
            if not lines["body"]:
                continue  # only asked for
            if run_id not in self.runs:
                self.problems.append(f"{where} ran, and there is no such run")
            elif not any((t.task_id, t.try_number) == (task_id, try_number) for t in self.tries[self.runs[run_id][0]]):
                self.problems.append(f"{where} ran, and there was no such try")
        for (run_id, task_id), count in bodies.items():
            if task_id in ONCE and count > 1:
                self.problems.append(f"{run_id}/{task_id} has retries=0 and ran {count} times")

    def check(self, test, where=""):
        if self.problems:
            test.fail(f"rules of the ledger are broken{where}:\n" + "\n".join(self.problems[:50]))

    def count(self, state):
        return sum(t.state == state for tries in self.tries.values() for t in tries)

    def summary(self):
        bodies = sum(lines["body"] for lines in self.lines.values())
        return (f"{len(self.runs)} runs, {bodies} bodies, tries: {self.count('success')} success, {self.count('failed')} failed "
                f"({', '.join(f'{n} {reason}' for reason, n in self.reasons.items()) or 'none'}), "
                f"{self.count('upstream_failed')} not begun")
