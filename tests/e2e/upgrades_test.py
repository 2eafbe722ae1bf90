"""Homes of earlier versions (tests/upgrades), by the programs themselves; that all rows come through is tested beside the store."""

import os
import pathlib
import sqlite3

from support.case import HomeCase

HOMES = pathlib.Path(__file__).resolve().parents[1] / "upgrades"
DAG = """
dag_id: good
is_paused_upon_creation: false
tasks:
  one: {operator: BashOperator, bash_command: "echo fine"}
"""


class UpgradesTest(HomeCase):
    def old_home(self, version):
        home = self.make_home(f"home{version}")  # for its keys
        for path in home.home.glob("venturi.db*"):
            path.unlink()
        database = sqlite3.connect(home.home / "venturi.db")
        database.executescript((HOMES / f"schema_{version:02}.sql").read_text())
        database.close()
        os.chmod(home.home / "venturi.db", 0o600)
        return home

    def test_each_start_migrates(self):
        for version in (1, 7, 15):
            with self.subTest(version=version):
                home = self.old_home(version)
                self.assert_failed(home.run("dags", "list-runs", "sales"), f"schema version {version}", "venturi db migrate")
                (home.home / "dags" / "good.yaml").write_text(DAG)
                home.start()
                home.wait_until(lambda: home.run("dags", "list").returncode == 0, 60, "the new schema")
                home.wait_for_dag("good", others_may_fail=True)  # the old home knows of a broken file
                self.assertEqual(home.trigger("good", "r"), "success")
                self.assertEqual(home.cli("dags", "state", "sales", "r1").split(",")[0].strip(), "success")
                self.assertIn(f"venturi.db.schema_{version}", home.log.read_text())
                self.assertTrue((home.home / f"venturi.db.schema_{version}").exists())
                home.stop()
                home.cli("db", "check")

    def test_the_way_back_from_a_newer_one(self):
        home = self.old_home(11)
        migrated = home.run("db", "migrate")
        self.assertIn("is migrated from schema version 11", migrated.stderr)
        self.assertTrue(migrated.stdout.startswith("The database "), migrated.stdout)
        database = sqlite3.connect(home.home / "venturi.db")
        with database:
            database.execute("INSERT INTO schema_version VALUES (9999, '', '', '9.9')")
        database.close()
        done = home.run("standalone")
        self.assert_failed(done, "schema version 9999", "rm -f", "cp -p")
        command = done.stderr[done.stderr.index("rm -f"):].split("\n")[0].rstrip(")")
        self.assertEqual(os.system(command), 0, command)
        home.cli("db", "migrate")
        self.assertEqual(home.cli("dags", "state", "sales", "r1").split(",")[0].strip(), "success")
