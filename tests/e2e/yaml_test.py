"""YAML files in the DAGs folder of a running server: what becomes of them when they change, break, and go, and that their DAGs run."""

import json
import shutil
import sqlite3
import unittest

from support.case import HomeCase
from support.venturi import ROOT

GOOD = """
dag_id: changing
default_args: {retries: 1, retry_delay: 0.1}
tasks:
  list: {operator: ConstantOperator, value: [echo one, echo two]}
  each: {operator: BashOperator, expand: {bash_command: {xcom: list}}}
  flaky:
    operator: BashOperator
    bash_command: "test {{ ti.try_number }} = 2 && echo VERSION of {{ dag.dag_id }}"
    upstream: each
"""


class YamlTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dags = cls.venturi.home / "dags"
        cls.venturi.start()

    def write(self, text, name="changing.yaml"):
        temporary = self.dags / ("." + name)
        temporary.write_text(text)
        temporary.rename(self.dags / name)

    def versions(self, dag_id):
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as database:
            return database.execute("select count(*) from dag_version where dag_id = ?", (dag_id,)).fetchone()[0]

    def log_of(self, run_id):
        self.assertEqual(self.venturi.trigger("changing", run_id), "success", self.venturi.states("changing", run_id))
        return self.task_log("changing", run_id, "flaky", "--try", 2)

    def test_partitions(self):
        self.write("""
dags:
  parts:
    schedule: {timetable: PartitionedAtRuntime}
    tasks: {load: {operator: EmptyOperator, outlets: s3://parts}}
  parts_weekly:
    schedule:
      timetable: PartitionedAssetTimetable
      assets: s3://parts
      default_partition_mapper:
        mapper: RollupMapper
        upstream_mapper: {mapper: StartOfWeekMapper, input_format: "%Y-%m-%d"}
        window: WeekWindow
        wait_policy: {wait_policy: MinimumCount, n: 2}
    tasks: {report: {operator: BashOperator, bash_command: "echo 'WEEK {{ partition_key }}'"}}
""", "parts.yaml")
        self.venturi.wait_for_dag("parts_weekly", others_may_fail=True)
        for day in ("2026-03-09", "2026-03-16", "2026-03-12"):  # the second is of another week
            self.assertEqual(self.venturi.trigger("parts", day, "--partition-key", day), "success")
        rows = self.venturi.wait_until(
            lambda: [row for row in self.venturi.rows("dags", "list-runs", "parts_weekly") if row["state"] == "success"], 30, "the week's run")
        self.assertEqual(len(rows), 1)
        self.assertIn("WEEK 2026-03-09 (W11)", self.task_log("parts_weekly", rows[0]["run_id"], "report"))

    def test_from_its_first_line_to_its_end(self):
        self.write(GOOD)
        self.venturi.wait_for_dag("changing", others_may_fail=True)
        self.assertIn("VERSION of changing", self.log_of("r1"))
        rows = {(row["task_id"], row["map_index"]): row["state"] for row in self.venturi.rows("tasks", "states-for-dag-run", "changing", "r1")
                if "map_index" in row}
        if rows:
            self.assertEqual(rows.get(("each", 1)), "success")
        self.assertEqual(self.versions("changing"), 1)

        # What changes nothing makes no new version.
        self.write("# a comment\n" + GOOD)
        self.write("tasks: {x: {operator: EmptyOperator}}", "marker_one.yaml")
        self.venturi.wait_for_dag("marker_one", others_may_fail=True)
        self.assertEqual(self.versions("changing"), 1)

        self.write(GOOD.replace("VERSION", "second"))
        self.venturi.wait_until(lambda: self.versions("changing") == 2, what="a second version")
        self.assertIn("second of changing", self.log_of("r2"))

        # Broken: its error is told, and what was there serves on, also after a start.
        self.write(GOOD.replace("retries: 1", "retrys: 1"))
        text = self.import_error("changing.yaml", "changing.yaml:3:16: default_args has no key `retrys`: did you mean `retries`?")
        self.assertEqual(len(text.splitlines()), 1)
        self.assertIn("second of changing", self.log_of("r3"))
        self.venturi.stop()
        self.venturi.start()
        self.import_error("changing.yaml", "did you mean `retries`?")
        self.assertIn("second of changing", self.log_of("r4"))

        self.write(GOOD)
        self.venturi.wait_until(lambda: "changing.yaml" not in self.venturi.import_errors(), what="no import error")
        self.assertIn("VERSION of changing", self.log_of("r5"))
        shown = self.venturi.rows("dags", "show", "changing")
        self.assertEqual({row["task_id"]: row["downstream"] for row in shown}, {"list": ["each"], "each": ["flaky"], "flaky": []})
        row, = [row for row in self.venturi.rows("dags", "list") if row["dag_id"] == "changing"]
        self.assertEqual(row["fileloc"], str(self.dags / "changing.yaml"))

        (self.dags / "changing.yaml").unlink()
        self.venturi.wait_until(lambda: "changing" not in {row["dag_id"] for row in self.venturi.rows("dags", "list")}, what="no DAG")

    def test_bad_files_are_told_and_others_serve_on(self):
        cases = {
            "bomb.yaml": ("a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                          "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
                          "tasks: {}\n", "stands for more than 200000 values"),
            "circle.yaml": ("tasks: &a\n  x: {operator: EmptyOperator, upstream: *a}\n", "an alias stands within what it stands for"),
            "tab.yaml": ("tasks:\n\tx: {operator: EmptyOperator}\n", "tab.yaml:2:1: a tab stands where only blanks may"),
            "large.yaml": ("tasks:\n" + "#" * (1 << 20), "more than 1048576 bytes"),
            "latin.yaml": (b"tasks:\n  x: {operator: BashOperator, bash_command: caf\xe9}\n", "latin.yaml:2:"),
        }
        for name, (text, _) in cases.items():
            (self.dags / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        (self.dags / "docker-compose.yaml").write_text("services: {web: {image: x}}\n")
        for name, (_, part) in cases.items():
            with self.subTest(file=name):
                self.import_error(name, part)
        self.assertNotIn("docker-compose.yaml", self.venturi.import_errors())
        self.write("tasks: {x: {operator: EmptyOperator}}", "marker_two.yaml")
        self.venturi.wait_for_dag("marker_two", others_may_fail=True)
        for name in cases:
            (self.dags / name).unlink()

    def test_validate(self):
        folder = self.folder / "to_validate"
        (folder / "sub").mkdir(parents=True)
        (folder / "good.yaml").write_text(GOOD)
        (folder / "more.cpp").write_text("#include <venturi/dag.h>\n")
        (folder / ".airflowignore").write_text("left_out*\n")
        (folder / "left_out.yaml").write_text("tasks: 5\n")
        done = self.venturi.run("dags", "validate", folder)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assert_parts(done.stderr, "1 C++ file", "more.cpp", "1 file, 1 DAG, 0 problems")
        (folder / "sub" / "bad.yaml").write_text(GOOD.replace("operator: ConstantOperator", "operator: ConstOperator"))
        done = self.venturi.run("dags", "validate", folder)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"{folder}/sub/bad.yaml:5:20: unknown operator `ConstOperator`: did you mean `ConstantOperator`?\n")
        done = self.venturi.run("dags", "validate", folder / "sub" / "bad.yaml", "-o", "json")
        row, = json.loads(done.stdout)
        self.assertEqual((row["line"], row["column"], row["hint"]), (5, 20, "did you mean `ConstantOperator`?"))
        self.assert_failed(self.venturi.run("dags", "validate", folder / "nothing"), "there is no such file or folder")

    def test_dags_test_runs_one(self):
        shutil.copy(ROOT / "examples" / "cookbook" / "declarative_groups.yaml", self.dags)
        done = self.venturi.run("dags", "test", "declarative_groups")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("10 rows", done.stdout)

    def test_the_schema_is_json_schema(self):
        schema = json.loads(self.venturi.cli("dags", "schema"))
        self.assertEqual(schema["$schema"], "http://json-schema.org/draft-07/schema#")
        self.assertIn("BashOperator", schema["definitions"])


if __name__ == "__main__":
    unittest.main()
