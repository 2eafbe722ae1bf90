"""The command line: what changes something works with and without a server, and while one starts; tests of DAGs and tasks in the
terminal; the forms of output."""

import concurrent.futures
import json
import stat
import unittest

from support.case import HomeCase

DAG_IDS = {"asking", "crash", "failing", "hanging", "numbers", "retrying"}


class ChangesTest(HomeCase):
    programs = ("e2e_cli",)

    def setUp(self):
        if self.venturi.process is None:  # the DAGs are known from now on
            self.start_server(*DAG_IDS)

    def changes(self, how):
        """Every command that changes something; each is seen by the next one that reads."""
        run = self.venturi.cli
        run("connections", "add", "c1", "--conn-uri", "-", input="postgresql://me:secret@host:5433/shop")
        run("connections", "add", "c2", "--conn-type", "smtp", "--conn-host", "mail", "--conn-password", "-", input="secret")
        self.assert_failed(self.venturi.run("connections", "add", "c1", "--conn-type", "x"), "c1", "already")
        file = self.folder / f"{how}.json"
        file.write_text(json.dumps({"c3": "http://host3", "c4": {"conn_type": "http", "host": "host4"}}))
        run("connections", "import", file)
        self.assertEqual({row["conn_id"]: row["host"] for row in self.venturi.rows("connections", "list")},
                         {"c1": "host", "c2": "mail", "c3": "host3", "c4": "host4"})
        for conn_id in ("c1", "c2", "c3", "c4"):
            run("connections", "delete", conn_id)
        self.assertEqual(self.venturi.rows("connections", "list"), [])
        self.assert_failed(self.venturi.run("connections", "delete", "c1"), "c1")

        run("variables", "set", "v1", "Ёлка = 1")
        run("variables", "set", "v1", "Ёлка = 2", "--description", "a tree")
        file.write_text(json.dumps({"v2": "two", "v3": {"a": [1]}}))
        run("variables", "import", file)
        self.assertEqual([run("variables", "get", key).strip() for key in ("v1", "v2")], ["Ёлка = 2", "two"])
        self.assertEqual(json.loads(run("variables", "get", "v3")), {"a": [1]})
        exported = self.folder / f"{how}_out.json"
        run("variables", "export", exported)
        self.assertEqual(stat.S_IMODE(exported.stat().st_mode), 0o600)
        self.assertEqual(json.loads(exported.read_text())["v2"], "two")
        for key in ("v1", "v2", "v3"):
            run("variables", "delete", key)
        self.assert_failed(self.venturi.run("variables", "get", "v1"), "v1", "variables")

        run("pools", "set", "shop", "2", "what it bears")
        run("pools", "set", "shop", "3", "what it bears", "--include-deferred")
        self.assertEqual({row["pool"]: int(row["slots"]) for row in self.venturi.rows("pools", "list")}, {"default_pool": 128, "shop": 3})
        row, = self.venturi.rows("pools", "get", "shop")
        self.assertEqual((row["description"], row["include_deferred"] in (True, "True")), ("what it bears", True))
        run("pools", "export", file)
        self.assertEqual(json.loads(file.read_text())["shop"], {"slots": 3, "description": "what it bears", "include_deferred": True})
        run("pools", "delete", "shop")
        run("pools", "import", file)
        self.assertEqual({row["pool"]: int(row["slots"]) for row in self.venturi.rows("pools", "list")}, {"default_pool": 128, "shop": 3})
        file.write_text('{"shop": {"slots": 1}, "other": {"slots": "many"}}')
        self.assert_failed(self.venturi.run("pools", "import", file), "pool other has no whole number of slots")
        row, = self.venturi.rows("pools", "get", "shop")
        self.assertEqual(int(row["slots"]), 3, "nothing of a file that is wrong")
        run("pools", "delete", "shop")
        run("pools", "set", "default_pool", "0", "nothing runs")
        told = self.venturi.run("dags", "unpause", "numbers").stderr
        self.assertIn("which has 0: it waits until the pool has more", told)
        run("pools", "set", "default_pool", "128", "Default pool")
        self.assert_failed(self.venturi.run("pools", "get", "shop"), "there is no pool shop")
        self.assert_failed(self.venturi.run("pools", "delete", "default_pool"), "default_pool cannot be deleted")
        self.assert_failed(self.venturi.run("pools", "set", "a/b", "1", "x"), "a/b", "is not allowed")

        for command, paused in (("pause", True), ("unpause", False), ("pause", True)):
            run("dags", command, "numbers")
            row, = [row for row in self.venturi.rows("dags", "list") if row["dag_id"] == "numbers"]
            self.assertEqual(row["is_paused"] in (True, "True"), paused)
        run("dags", "trigger", "retrying", "-r", how, "--conf", '{"a": 1}')
        self.assertIn(how, [row["run_id"] for row in self.venturi.rows("dags", "list-runs", "retrying")])
        told = run("tasks", "failed-deps", "retrying", self.a_task("retrying"), how)
        self.assertIn("Dag Not Paused: the DAG is paused" if how == "with_a_server" else "Scheduler: no server runs", told)
        self.assert_failed(self.venturi.run("dags", "trigger", "retrying", "-r", how), how)
        self.assert_failed(self.venturi.run("dags", "trigger", "retryin"), "there is no DAG retryin", "did you mean retrying?")
        run("db", "check")

    def a_task(self, dag_id):
        return self.venturi.cli("tasks", "list", dag_id).split()[0]

    def test_with_a_server(self):
        self.changes("with_a_server")
        self.venturi.cli("dags", "unpause", "retrying")
        self.assertEqual(self.venturi.wait_for_run("retrying", "with_a_server"), "success")

    def test_without_a_server(self):
        self.venturi.stop()
        self.changes("without_a_server")
        self.venturi.cli("db", "migrate")
        self.start_server("retrying")
        self.venturi.cli("dags", "unpause", "retrying")
        self.assertEqual(self.venturi.wait_for_run("retrying", "without_a_server"), "success")

    def test_while_a_server_starts_and_ends(self):
        """One owner of a home, whoever that is just now: every command is carried out, and none is lost."""
        rounds, at_once = 4, 6
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            for i in range(rounds):
                if self.venturi.process is not None:
                    self.venturi.stop()
                jobs = [pool.submit(self.venturi.run, "variables", "set", f"race_{i}_{k}", f"value {k}", timeout=60) for k in range(at_once)]
                self.venturi.start()
                for job in jobs:
                    self.assertEqual(job.result().returncode, 0, job.result().stderr)
        self.venturi.wait_for_dag("numbers")  # the last one serves
        known = {row["key"] for row in self.venturi.rows("variables", "list")}
        self.assertEqual({f"race_{i}_{k}" for i in range(rounds) for k in range(at_once)} - known, set())


class TerminalTest(HomeCase):
    """`dags test` and `tasks test`: without a server, and nothing of it in the home."""

    programs = ("e2e_cli",)

    def test_a_task_that_aborts(self):
        done = self.venturi.run("dags", "test", "crash", timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr)
        shown = done.stdout + done.stderr
        rows = {line.split("|")[0].strip(): [cell.strip() for cell in line.split("|")] for line in shown.splitlines() if line.count("|") == 4}
        self.assertEqual(rows["boom"][1:3] + rows["boom"][4:], ["failed", "1", "killed by signal 6 (SIGABRT)"])
        self.assertEqual((rows["after"][1], rows["other"][1]), ("upstream_failed", "success"))
        self.assert_parts(shown, "DAG crash, run manual__", ": failed after")

    def test_outcomes_are_exit_codes(self):
        for dag_id, code in (("numbers", 0), ("retrying", 0), ("failing", 1)):
            with self.subTest(dag_id):
                self.assertEqual(self.venturi.run("dags", "test", dag_id, timeout=60).returncode, code)
        self.assert_failed(self.venturi.run("dags", "test", "number", timeout=60), "number", "did you mean numbers?")

    def test_params_and_date(self):
        done = self.venturi.run("dags", "test", "numbers", "2026-02-03", "--conf", '{"number": 7}', timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the number is 7, the date 2026-02-03T00:00:00Z", done.stdout + done.stderr)

    def test_it_asks_the_real_home_for_connections(self):
        self.venturi.connection("test_db", "postgresql://me:a-long-secret@db.example/shop")
        self.venturi.cli("variables", "set", "limit", "5")
        done = self.venturi.run("dags", "test", "asking", timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = done.stdout + done.stderr
        self.assert_parts(shown, "the host is db.example, the limit 5", "the password is ***")
        self.assertNotIn("a-long-secret", shown)

    def test_one_task(self):
        self.assertEqual(self.venturi.run("tasks", "test", "crash", "other", timeout=60).returncode, 0)
        done = self.venturi.run("tasks", "test", "crash", "boom", timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("killed by signal 6 (SIGABRT)", done.stdout + done.stderr)
        done = self.venturi.run("tasks", "test", "numbers", "number", "2026-02-03", "-t", '{"number": 8}', timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_failed(self.venturi.run("tasks", "test", "numbers", "numbr", timeout=60), "numbr", "did you mean number?")

    def test_nothing_of_it_is_recorded(self):
        self.venturi.run("dags", "test", "numbers", timeout=60)
        self.assertEqual(self.venturi.rows("dags", "list"), [])
        self.assertEqual([path for path in (self.venturi.home / "logs").rglob("*") if path.is_file()], [])


class OutputTest(HomeCase):
    programs = ("e2e_cli",)

    def test_forms(self):
        self.start_server(*DAG_IDS)
        columns = ("--columns", "dag_id,tags")
        rows = json.loads(self.venturi.cli("dags", "list", *columns, "-o", "json"))
        self.assertEqual({row["dag_id"] for row in rows}, DAG_IDS)
        self.assertTrue(all(set(row) == {"dag_id", "tags"} for row in rows))
        table = self.venturi.cli("dags", "list", *columns, "-o", "table").splitlines()
        self.assertEqual([word.strip() for word in table[0].split("|")], ["dag_id", "tags"])
        self.assertRegex(table[1], r"^=+\+=+$")
        self.assertEqual(len(table), 2 + len(DAG_IDS))
        plain = self.venturi.cli("dags", "list", *columns, "-o", "plain").splitlines()
        self.assertEqual([line.split()[0] for line in plain], ["dag_id", *[row["dag_id"] for row in rows]])
        yaml = self.venturi.cli("dags", "list", *columns, "-o", "yaml").splitlines()
        self.assertEqual([line for line in yaml if line.startswith("- dag_id: ")], [f"- dag_id: {row['dag_id']}" for row in rows])
        self.assert_failed(self.venturi.run("dags", "list", "-o", "xml"), "xml", "table", "json", "yaml", "plain", code=2)
        self.assert_failed(self.venturi.run("dags", "lst"), "there is no command lst", "did you mean venturi dags list?", code=2)
        self.assertEqual(self.venturi.rows("tasks", "list", "numbers")[0]["task_id"], "number")
        self.assertEqual(self.venturi.cli("tasks", "list", "numbers").split(), ["number", "tell"])


if __name__ == "__main__":
    unittest.main()
