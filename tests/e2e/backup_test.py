"""`db backup` of a home under load, and `db restore`: into an empty home, and back in time."""

import os
import stat

from support.case import HomeCase

DAG = """
dag_id: work
is_paused_upon_creation: false
tasks:
  one: {operator: BashOperator, bash_command: "echo {{ conn.shop.password }} | wc -c"}
"""


class BackupTest(HomeCase):
    def setUp(self):
        self.home = self.make_home(self.id().rsplit(".", 1)[-1])
        (self.home.home / "dags" / "work.yaml").write_text(DAG)
        self.home.connection("shop", "http://me:secret@shop")
        self.home.start()
        self.home.wait_for_dag("work")

    def run_ids(self, home):
        return {row["run_id"] for row in home.rows("dags", "list-runs", "work")}

    def test_into_another_home(self):
        self.assertEqual(self.home.trigger("work", "before"), "success")
        for number in range(20):  # it is busy meanwhile
            self.home.cli("dags", "trigger", "work", "-r", f"r{number}")
        target = self.folder / "copy"
        told = self.home.cli("db", "backup", target)
        self.assertIn("DAGs and logs are not in it", told)
        self.assertEqual(stat.S_IMODE(os.stat(target).st_mode), 0o700)
        self.assertEqual({stat.S_IMODE(os.stat(target / name).st_mode) for name in os.listdir(target)}, {0o600})
        self.assertEqual(self.home.trigger("work", "after"), "success")

        other = self.make_home("other")
        (other.home / "dags" / "work.yaml").write_text(DAG)
        other.cli("db", "restore", target, "--yes")
        other.start()
        other.wait_for_dag("work")
        self.assertLessEqual({"before", *(f"r{number}" for number in range(20))}, self.run_ids(other))
        self.assertNotIn("after", self.run_ids(other))
        for number in range(20):  # what was under way goes on or is told as lost
            self.assertIn(other.wait_for_run("work", f"r{number}"), ("success", "failed"))
        self.assertEqual(other.trigger("work", "here"), "success", "connections are readable")

    def test_back_in_time(self):
        self.assertEqual(self.home.trigger("work", "kept"), "success")
        target = self.folder / "back"
        self.home.cli("db", "backup", target)
        self.assertEqual(self.home.trigger("work", "forgotten"), "success")
        refused = self.home.run("db", "restore", target, "--yes")
        self.assert_failed(refused, "the home is in use by process", "stop it")
        self.home.stop()
        told = self.home.cli("db", "restore", target, "--yes")
        self.assertIn("before_restore_", told)
        self.home.start()
        self.home.wait_for_dag("work")
        self.assertEqual(self.run_ids(self.home), {"kept"})
        self.assertEqual(self.home.trigger("work", "forgotten"), "success")
        self.home.cli("db", "check")

    def test_what_is_refused(self):
        self.assert_failed(self.home.run("db", "backup", self.home.home / "copy"), "a backup within the home would be lost with it")
        (self.folder / "there").mkdir()
        self.assert_failed(self.home.run("db", "backup", self.folder / "there"), "there is something already", "name another folder")
        self.home.stop()
        self.assert_failed(self.home.run("db", "restore", self.folder / "there", "--yes"), "this is no backup")
        self.assert_failed(self.home.run("db", "restore", self.home.home, "--yes"), "the home cannot be restored from itself")
        self.home.cli("db", "backup", self.folder / "damaged")
        database = self.folder / "damaged" / "venturi.db"
        content = bytearray(database.read_bytes())
        content[len(content) // 3:len(content) // 3 + 40000] = b"\xff" * 40000
        database.write_bytes(content)
        before = (self.home.home / "venturi.db").read_bytes()
        self.assertNotEqual(self.home.run("db", "restore", self.folder / "damaged", "--yes").returncode, 0)
        self.assertEqual((self.home.home / "venturi.db").read_bytes(), before, "nothing is changed by a backup that is damaged")
