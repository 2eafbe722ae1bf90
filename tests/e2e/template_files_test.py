"""Files with SQL and scripts that arguments name (Airflow's template_ext), beside the DAG's file and in its template_searchpath."""

import json
import sqlite3
import unittest

from support.case import HomeCase
from support.postgres import Postgres

DAG = "e2e_template_files"
YAML = """
template_searchpath: [sql]
tasks:
  say: {operator: BashOperator, bash_command: say.bash}
"""
FILES = {
    "dags/scripts/say.sh": "# a script\necho \"{{ ti.task_id }} on {{ ds }}\"\n",
    "dags/shared/one.bash": "echo one {{ run_id }}",
    "dags/shared/create.sql": "CREATE TEMP TABLE t AS SELECT * FROM generate_series(1, 5) AS n",
    "dags/shared/select.sql": "SELECT n FROM generate_series(1, 5) AS n {% include 'where.txt' %}",
    "dags/where.txt": "WHERE n >= {{ params.least }}",
    "outside.sh": "echo outside",
    "dags/team/declared.yaml": YAML,
    "dags/team/sql/say.bash": "echo {{ dag.relative_fileloc }}",
}


class TemplateFilesTest(HomeCase):
    programs = [DAG]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = Postgres(cls.folder / "postgres").start()
        cls.addClassCleanup(database.stop)
        cls.venturi.connection("shop", database.connection)
        for name, text in FILES.items():
            cls.write(name, text)
        cls.start_server(DAG, "declared")

    @classmethod
    def write(cls, name, text):
        path = cls.venturi.home / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
        path.chmod(0o600)  # one lies in the home

    def rendered(self, run_id):
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT t.task_id, t.map_index, f.rendered_fields FROM rendered_task_instance_fields AS f "
                              "JOIN task_instance AS t ON t.no = f.task_instance_no JOIN dag_run AS r ON r.no = t.run_no WHERE r.run_id = ?", (run_id,))
            return {(task, index): json.loads(fields) for task, index, fields in rows}

    def test_files(self):
        dags = self.venturi.home / "dags"
        self.venturi.trigger(DAG, "first", "--logical-date", "2026-03-04T05:06:07")
        states = self.states(DAG, "first")
        wrong = {task: state for task, state in states.items() if state != "success"}
        self.assertEqual(wrong, {"no_file": "failed", "gone": "failed", "outside": "failed", "own_gone": "failed"})
        self.assert_parts(self.task_log(DAG, "first", "script"), "script on 2026-03-04")
        self.assert_parts(self.task_log(DAG, "first", "no_file"), "/nowhere/scripts/say.sh")
        rows = self.venturi.states(DAG, "first")
        self.assert_parts(rows["gone"]["why"], "TemplateNotFound: scripts/gone.sh", f"no such file in {dags}, nor in {dags}/shared",
                          "put a blank behind it")
        self.assert_parts(rows["outside"]["why"], "TemplateNotFound: ../outside.sh", "'..'")
        self.assert_parts(rows["own_gone"]["why"], 'field statements, "["gone.sql"]": TemplateNotFound: gone.sql', f"no such file in {dags}, nor in {dags}/shared")
        self.assert_parts(self.task_log(DAG, "first", "own"), "noted: echo one first")
        self.assertNotIn("outside\n", self.task_log(DAG, "first", "outside"))

        fields = self.rendered("first")
        self.assertEqual(fields["script", -1]["bash_command"], '# a script\necho "script on 2026-03-04"')
        self.assertEqual(fields["each", 1]["bash_command"], "echo one first")
        selected = "SELECT n FROM generate_series(1, 5) AS n WHERE n >= 2"
        self.assertEqual(fields["query", -1]["sql"], [FILES["dags/shared/create.sql"], "SELECT 7", selected])
        self.assertEqual(fields["read", -1]["sql"], selected)
        self.assertEqual(fields["own", -1]["statements"], [selected, "SELECT 2"])

    def test_of_a_yaml_file_the_folder_is_its_own(self):
        done = self.venturi.run("dags", "test", "declared", timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assert_parts(done.stdout, "team/declared.yaml")

    def test_a_file_is_read_when_its_task_runs(self):
        version = self.venturi.rows("dags", "list")
        self.write("dags/scripts/say.sh", "echo changed {{ ti.try_number }}")
        (self.venturi.home / "dags/scripts/say.sh").chmod(0o755)
        done = self.venturi.run("dags", "test", DAG, "2026-03-05", timeout=60)
        self.assert_parts(done.stdout, "changed 1")
        self.assertEqual(self.venturi.rows("dags", "list"), version, "a script is no DAG file")
        self.assertEqual(self.venturi.import_errors(), {})
        self.write("dags/scripts/say.sh", FILES["dags/scripts/say.sh"])


if __name__ == "__main__":
    unittest.main()
