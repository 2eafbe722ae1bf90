"""A compiled DAG program, from the DAGs folder to the log of its second task; the same DAG in the terminal."""

import os
import pathlib
import shutil
import tempfile
import unittest

from support.venturi import Venturi

DAGS = pathlib.Path(os.environ["VENTURI_DAGS"])


class FirstRunTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="venturi_e2e_")
        self.addCleanup(folder.cleanup)
        self.venturi = Venturi(pathlib.Path(folder.name) / "home")
        self.venturi.cli("db", "migrate")
        shutil.copy(DAGS / "chain", self.venturi.home / "dags" / "chain")

    def test_with_a_server(self):
        self.venturi.start()
        self.addCleanup(self.venturi.stop)
        self.venturi.wait_for_dag("chain")
        self.assertEqual(self.venturi.trigger("chain", "first"), "success")
        states = self.venturi.states("chain", "first")
        self.assertEqual({task: row["state"] for task, row in states.items()}, {"one": "success", "two": "success"})
        self.assertIn("one said 1", self.venturi.cli("tasks", "logs", "chain", "two", "first"))

        logs = self.venturi.home / "logs" / "dag_id=chain" / "run_id=first"
        self.assertTrue(logs.exists())
        self.assertIn("--yes", self.venturi.run("dags", "delete-run", "chain", "first").stderr)
        self.venturi.cli("dags", "delete-run", "chain", "first", "--yes")
        self.assertFalse(logs.exists())
        self.assertNotIn("first", {row["run_id"] for row in self.venturi.rows("dags", "list-runs", "chain")})
        self.assertIn("there is no such run", self.venturi.run("dags", "delete-run", "chain", "first", "-y").stderr)
        self.assertEqual(self.venturi.trigger("chain", "first"), "success")  # the id is free again

    def test_in_the_terminal(self):
        done = self.venturi.run("dags", "test", "chain")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("one said 1", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
