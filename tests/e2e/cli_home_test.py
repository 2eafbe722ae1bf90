"""What the command line does with a home as a whole: keys, passwords, settings of Airflow's, a new database; and looking at DAGs."""

import base64
import json
import os
import stat
import unittest
import urllib.error
import urllib.request

from support.api import Api
from support.case import HomeCase

DAG = """
dag_id: example
schedule: "@daily"
start_date: 2026-01-01
catchup: false
params: {limit: 5}
tasks:
  extract: {operator: BashOperator, bash_command: "echo {{ conn.shop.host }} {{ conn.shop.password }} {{ var.value.limit }}", outlets: [{name: orders}]}
  clean: {operator: BashOperator, bash_command: "echo {{ params.limit }}", upstream: extract}
  load: {operator: BashOperator, bash_command: "echo {{ ds }}", upstream: [extract, clean]}
"""
RENDERED = """
dag_id: rendered
params: {limit: 5, name: of-the-dag}
template_searchpath: [scripts]
tasks:
  numbers: {operator: BashOperator, bash_command: "echo 1"}
  own: {operator: BashOperator, bash_command: "echo {{ params.limit }} {{ params.name }}", params: {name: of-the-task}}
  file: {operator: BashOperator, bash_command: hello.sh}
  zone: {operator: BashOperator, bash_command: "{{ logical_date.in_timezone('Europe/Berlin').strftime('%H:%M') }}"}
  mapped: {operator: BashOperator, cwd: "/{{ ds }}", expand: {bash_command: ["echo a {{ ds }}", "echo b {{ ds }}"]}}
  crossed: {operator: BashOperator, expand: {bash_command: ["echo a", "echo b"], cwd: [/x, /y, /z]}}
  given: {operator: BashOperator, bash_command: "echo", env: {xcom: numbers}, upstream: numbers}
"""
FOLLOWER = """
dag_id: follower
schedule: [{name: orders}]
tasks:
  tell: {operator: BashOperator, bash_command: "echo {{ dag_run.run_id }}"}
"""
PASSWORD = "a-long-secret"


class HomeTest(HomeCase):
    def setUp(self):
        self.venturi.stop()

    def token(self, password):
        url = (self.venturi.home / "run" / "api_url").read_text().strip()
        body = json.dumps({"username": "admin", "password": password}).encode()
        request = urllib.request.Request(f"{url}/auth/token", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            return e.code

    def exported_password(self, name):
        file = self.folder / name
        self.venturi.cli("connections", "export", file)
        return json.loads(file.read_text())["shop"]["password"]

    def test_a_new_fernet_key_opens_what_there_is(self):
        self.venturi.connection("shop", f"postgresql://me:{PASSWORD}@db/shop")
        self.venturi.cli("variables", "set", "limit", "7")
        key_file = self.venturi.home / "fernet_key"
        before = key_file.read_text()
        self.venturi.start()
        self.venturi.wait_until(lambda: self.venturi.run("jobs", "check").returncode == 0, 30, "the server")
        self.assert_failed(self.venturi.run("rotate-fernet-key"), "in use by process", "its server has the old key in memory")
        self.venturi.stop()
        self.assertEqual(self.venturi.run("jobs", "check").returncode, 1)
        self.assertIn("connections and", self.venturi.cli("rotate-fernet-key"))
        self.assertNotIn(before.strip(), key_file.read_text())
        self.assertEqual(stat.S_IMODE(key_file.stat().st_mode), 0o600)
        self.assertEqual(self.exported_password("rotated.json"), PASSWORD)
        self.assertEqual(self.venturi.cli("variables", "get", "limit"), "7\n")

    def test_a_key_that_the_environment_gives(self):
        """In a file, as container platforms do; what the home's own key encrypted stays readable."""
        self.venturi.connection("shop", f"postgresql://me:{PASSWORD}@db/shop")
        file = self.folder / "given_key"
        file.write_bytes(base64.urlsafe_b64encode(os.urandom(32)) + b"\n")
        given = {**self.venturi.environment, "VENTURI__CORE__FERNET_KEY_FILE": str(file)}
        plain, self.venturi.environment = self.venturi.environment, given
        self.addCleanup(setattr, self.venturi, "environment", plain)
        self.assertEqual(self.exported_password("given.json"), PASSWORD)
        self.venturi.cli("rotate-fernet-key")
        self.assertEqual(self.exported_password("given_rotated.json"), PASSWORD)
        row, = [row for row in self.venturi.rows("config", "list", "--section", "core") if row["option"] == "fernet_key"]
        self.assertEqual((row["value"], row["source"]), ("***", "VENTURI__CORE__FERNET_KEY_FILE"))
        self.venturi.environment = plain
        self.assert_failed(self.venturi.run("connections", "export", self.folder / "without.json"), "shop")
        self.venturi.environment = given
        self.venturi.cli("connections", "delete", "shop")

    def test_a_new_password_counts_at_once(self):
        self.venturi.start()
        self.venturi.wait_until(lambda: self.venturi.run("jobs", "check").returncode == 0, 30, "the server")
        file = self.venturi.home / "admin_password"
        before = file.read_text().strip()
        self.assertEqual(self.token(before), 201)
        told = self.venturi.cli("users", "reset-password", "-u", "admin", "--use-random-password")
        after = file.read_text().strip()
        self.assertNotIn(after, told)
        self.assertEqual((self.token(before), self.token(after)), (401, 201))
        self.venturi.cli("users", "reset-password", "-u", "admin", "-p", "-", input="one-of-my-own\n")
        self.assertEqual(self.token("one-of-my-own"), 201)
        self.assert_failed(self.venturi.run("users", "reset-password", "-u", "admin", "-p", "visible"), "everybody on this machine can read", code=2)
        self.assert_failed(self.venturi.run("users", "reset-password", "-u", "admin", "-p", "-", input="short"), "too short")

    def test_airflows_variables(self):
        plain = self.venturi.environment
        self.addCleanup(setattr, self.venturi, "environment", plain)
        self.venturi.environment = {**plain, "AIRFLOW__CORE__PARALLELISM": "3", "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
                                    "AIRFLOW__SMTP__SMTP_PASSWORD": PASSWORD}
        self.assertEqual(self.venturi.cli("config", "get-value", "core", "parallelism"), "3\n")
        self.assertEqual({row["variable"] for row in self.venturi.rows("config", "list", "--ignored")},
                         {"AIRFLOW__CORE__EXECUTOR", "AIRFLOW__SMTP__SMTP_PASSWORD"})
        self.venturi.start()
        self.venturi.wait_until(lambda: self.venturi.run("jobs", "check").returncode == 0, 30, "the server")
        self.venturi.stop()
        lines = [line for line in self.venturi.log.read_text().splitlines() if "AIRFLOW__" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assert_parts(lines[0], "AIRFLOW__CORE__EXECUTOR", "AIRFLOW__SMTP__SMTP_PASSWORD", "config list --ignored")
        self.assertNotIn(PASSWORD, self.venturi.log.read_text())

    def test_an_airflow_cfg_is_taken_over(self):
        settings = self.venturi.home / "venturi.toml"
        settings.write_text("# my own\n[core]\nmax_map_length = 9\n")
        settings.chmod(0o600)
        self.addCleanup(settings.unlink)
        file = self.folder / "airflow.cfg"
        file.write_text(f"[core]\nparallelism = 8\nmax_map_length = 5\nexecutor = LocalExecutor\nfernet_key = {PASSWORD}\nmax_active_runs_per_dag = 16\n"
                        "[logging]\nlogging_level = warning\n[webserver]\nweb_server_port = eighty\n")
        told = self.venturi.cli("config", "import", file, "--dry-run")
        self.assertNotIn(PASSWORD, told)
        self.assertEqual(settings.read_text(), "# my own\n[core]\nmax_map_length = 9\n")
        outcomes = {row["airflow"]: row["outcome"] for row in self.venturi.rows("config", "import", file)}
        self.assertEqual({name for name, outcome in outcomes.items() if outcome == "imported"}, {"core.parallelism", "logging.logging_level"})
        self.assert_parts(outcomes["core.max_map_length"], "venturi.toml says it already")
        self.assert_parts(outcomes["core.executor"], "not used", "on this machine")
        self.assert_parts(outcomes["core.fernet_key"], "one of its own")
        self.assert_parts(outcomes["core.max_active_runs_per_dag"], "the default")
        self.assert_parts(outcomes["webserver.web_server_port"], "has to be an integer")
        self.assertTrue(settings.read_text().startswith("# my own\n[core]\nparallelism = 8\nmax_map_length = 9\n\n[logging]\n"), settings.read_text())
        self.assertEqual(self.venturi.cli("config", "get-value", "logging", "level"), "WARNING\n")
        self.assertIn("nothing was written", self.venturi.run("config", "import", file).stderr)
        file.write_text("[core]\nnonsense\n")
        self.assert_failed(self.venturi.run("config", "import", file), f"{file}, line 2", "KEY = VALUE")
        settings.write_text("[core]\nparalelism = 8\n")
        self.assert_failed(self.venturi.run("config", "lint"), "unknown configuration key core.paralelism", "core.parallelism")

    def test_an_import_breaks_no_file(self):
        settings = self.venturi.home / "venturi.toml"
        self.addCleanup(settings.unlink)
        file = self.folder / "breaks.cfg"
        file.write_text("[core]\nparallelism = 8\n")
        for text in ("core.max_map_length = 9\n", "core = {max_map_length = 9}\n"):
            settings.write_text(text)
            settings.chmod(0o600)
            self.assert_failed(self.venturi.run("config", "import", file), "nothing was written", "write [section]")
            self.assertEqual(settings.read_text(), text)
        self.assertEqual(self.venturi.cli("config", "get-value", "core", "max_map_length"), "9\n")

    def test_a_dry_import_makes_no_home(self):
        file = self.folder / "dry.cfg"
        file.write_text("[core]\nparallelism = 8\n")
        home = self.folder / "no_home"
        plain = self.venturi.environment
        self.addCleanup(setattr, self.venturi, "environment", plain)
        self.venturi.environment = {**plain, "VENTURI_HOME": str(home)}
        done = self.venturi.run("config", "import", file, "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"1 settings would be written to {home}/venturi.toml", done.stderr)
        self.assertFalse(home.exists())
        for words in (("dags", "trigger", "shop"), ("dags", "pause", "shop"), ("dags", "delete", "shop", "--yes"), ("backfill", "pause", "1")):
            self.assert_failed(self.venturi.run(*words), "there is no home yet")
        self.assertFalse(home.exists(), "what is about something that is there makes no home")
        self.venturi.cli("config", "import", file)
        self.assertEqual((home / "venturi.toml").read_text(), "[core]\nparallelism = 8\n")

    def test_without_a_server_nothing_is_read_anew(self):
        home = self.make_home("unserved")
        self.assert_failed(home.run("dags", "reserialize"), "no server runs")

    def test_reset(self):
        home = self.make_home("reset")
        home.cli("variables", "set", "limit", "7")
        self.assert_failed(home.run("db", "reset"), "nobody can be asked", "--yes")
        self.assertEqual(home.cli("variables", "get", "limit"), "7\n")
        home.cli("db", "reset", "--yes")
        self.assertEqual(home.rows("variables", "list"), [])
        home.cli("db", "check")
        home.cli("db", "reset", "--yes", "--skip-init")
        self.assert_failed(home.run("db", "check-migrations", "-t", "0"), "there is no database yet", "venturi db migrate")
        home.cli("db", "migrate")
        home.cli("db", "check-migrations", "-t", "0")
        self.assertEqual(home.cli("db", "shell", input="SELECT count(*) FROM variable;").strip(), "0")
        self.assertIn("readonly", home.run("db", "shell", input="DELETE FROM variable;").stderr)


class LookingTest(HomeCase):
    environment = {"AIRFLOW_CONN_SHOP": f"postgresql://me:{PASSWORD}@db.example/shop"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.venturi.home / "dags" / "example.yaml").write_text(DAG)
        (cls.venturi.home / "dags" / "follower.yaml").write_text(FOLLOWER)
        cls.venturi.cli("variables", "set", "limit", "20")
        cls.start_server("example", "follower")

    def test_graphs(self):
        boxes = self.venturi.cli("dags", "show", "example", "-o", "boxes")
        self.assertIn("│ extract ├┬▶│ clean ├─┬▶│ load │", boxes)
        self.assertIn("  n0 --> n1\n", self.venturi.cli("dags", "show", "example", "-o", "mermaid"))
        self.assertIn('"extract" -> "clean"', self.venturi.cli("dags", "show", "example"))
        between = self.venturi.cli("dags", "show-dependencies")
        self.assert_parts(between, '"example" -> "orders"', '"orders" -> "follower"')
        file = self.folder / "graph.mmd"
        self.venturi.cli("dags", "show-dependencies", "--save", file)
        self.assertTrue(file.read_text().startswith("flowchart LR\n"))

    def test_rendered_without_running(self):
        told = self.venturi.cli("tasks", "render", "example", "load", "2026-02-03")
        self.assertEqual(told, f"# {'-' * 58}\n# property: bash_command\n# {'-' * 58}\necho 2026-02-03\n\n")
        row, = self.venturi.rows("tasks", "render", "example", "extract", "2026-02-03")
        self.assertEqual(row["rendered"], "echo db.example *** 20")
        self.assert_failed(self.venturi.run("tasks", "render", "example", "lod", "2026-02-03"), "there is no task lod")
        self.assert_failed(self.venturi.run("tasks", "render", "example", "load", "nothing"), "there is no run")

    def test_rendered_as_a_try_gets_it(self):
        dags = self.venturi.home / "dags"
        (dags / "scripts").mkdir()
        (dags / "scripts" / "hello.sh").write_text("echo hello {{ ds }}")
        (dags / "rendered.yaml").write_text(RENDERED)
        self.venturi.wait_for_dag("rendered")
        def rendered(task, *more):
            return {row["property"]: row["rendered"] for row in self.venturi.rows("tasks", "render", "rendered", task, "2026-07-01", *more)}
        self.assertEqual(rendered("own")["bash_command"], "echo 5 of-the-task", "the task's own params")
        self.assertEqual(rendered("file")["bash_command"], "echo hello 2026-07-01", "a folder beside the DAG's file")
        self.assertEqual(rendered("zone")["bash_command"], "02:00")
        self.assertEqual(rendered("mapped", "--map-index", "1"), {"bash_command": "echo b 2026-07-01", "cwd": "/2026-07-01"})
        self.assertEqual(rendered("crossed", "--map-index", "4"), {"bash_command": "echo b", "cwd": "/y"})
        self.assertEqual(rendered("given"), {"bash_command": "echo"}, "of an XCom that is not there yet there is nothing")
        (dags / "scripts" / "hello.sh").unlink()
        self.assert_failed(self.venturi.run("tasks", "render", "rendered", "file", "2026-07-01"), "TemplateNotFound: hello.sh", "task file")

    def test_reserialize(self):
        self.assertIn("files are read anew", self.venturi.cli("dags", "reserialize"))

    def test_rendered_by_a_run(self):
        self.venturi.cli("dags", "unpause", "example")
        self.assertEqual(self.venturi.trigger("example", "one", "-l", "2026-03-04"), "success")
        self.venturi.cli("variables", "set", "limit", "30")
        row, = self.venturi.rows("tasks", "render", "example", "extract", "one")
        self.assertEqual(row["rendered"], "echo db.example *** 20", "as it was")
        self.venturi.cli("variables", "set", "limit", "20")
        self.assert_failed(self.venturi.run("tasks", "logs", "example", "one", "load"), "venturi tasks logs example load one")
        self.assertIn("2026-03-04", self.venturi.cli("tasks", "logs", "example", "load", "one", "-f"))
        self.venturi.cli("dags", "clear", "example", "--run-id", "one", "--yes")
        self.assertEqual(self.venturi.wait_for_run("example", "one"), "success")
        self.assertEqual({row["try_number"] for row in self.venturi.states("example", "one").values()}, {2})
        self.assert_failed(self.venturi.run("dags", "clear", "example"), "nothing says which runs", code=2)
        self.venturi.cli("dags", "delete", "example", "--yes")
        self.assertEqual(self.venturi.rows("dags", "list-runs", "example"), [])
        self.venturi.wait_for_dag("example")

    def test_what_comes_next(self):
        first, second = self.venturi.cli("dags", "next-execution", "example", "-n", "2", "--field", "run_after").split()
        self.assertLess(first, second)
        upcoming = self.venturi.rows("dags", "list-upcoming", "--all", "-n", "3")
        self.assertEqual([row["dag_id"] for row in upcoming], ["example"] * 3)
        self.assertEqual(upcoming[0]["run_after"], first)

    def test_many_dags_at_once(self):
        self.venturi.cli("dags", "unpause", "^(example|follower)$", "--treat-dag-id-as-regex", "--yes")
        self.assertIn("No unpaused DAGs", self.venturi.cli("dags", "pause", "^nothing", "--treat-dag-id-as-regex", "--yes"))
        rows = self.venturi.rows("dags", "pause", ".", "--treat-dag-id-as-regex", "--yes")
        self.assertEqual({row["dag_id"] for row in rows}, {"example", "follower"})
        self.assert_failed(self.venturi.run("dags", "pause", "(", "--treat-dag-id-as-regex", "--yes"), "no regular expression")

    def test_details(self):
        row, = self.venturi.rows("dags", "details", "example")
        self.assertEqual((row["params"], row["task_count"], row["timetable_summary"]), ({"limit": 5}, 3, "0 0 * * *"))
        row, = self.venturi.rows("dags", "details", "follower")
        of_api = Api(self.venturi).get("/api/v2/dags/follower/details")
        for member in ("timetable_summary", "timetable_description"):
            self.assertEqual(row[member], of_api[member])
        self.assertEqual({row["file"]: row["dags"] for row in self.venturi.rows("dags", "report")},
                         {"example.yaml": ["example"], "follower.yaml": ["follower"]})
        self.assert_failed(self.venturi.run("connections", "test", "shop"), code=1)  # there is no such host


if __name__ == "__main__":
    unittest.main()
