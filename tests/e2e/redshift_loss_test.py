"""A statement of Redshift's Data API whose host is killed: the next try finds it, and it runs once. After a clear it runs again."""

import json
import unittest

from support.case import HomeCase
from support.postgres import Postgres
from support.redshift import Redshift

DAG = """
dag_id: loads
default_args: {retries: 3, retry_delay: 0.1}
tasks:
  load:
    operator: RedshiftDataOperator
    sql: INSERT INTO loaded SELECT 1 FROM pg_sleep(4)
    database: test_db
    workgroup_name: w
    poll_interval: 0.2
    aws_conn_id: warehouse
"""


class NoS3:
    """Nothing here is copied from one."""
    connection = json.dumps({"conn_type": "aws", "login": "AKIA", "password": "secret-key", "extra": {"endpoint_url": "http://127.0.0.1:1"}})


class RedshiftLossTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = Postgres(cls.folder / "postgres").start()
        cls.addClassCleanup(cls.postgres.stop)
        cls.redshift = Redshift(cls.postgres, NoS3).start()
        cls.addClassCleanup(cls.redshift.stop)
        cls.postgres.sql("create table loaded (n int)")
        (cls.venturi.home / "dags" / "loads.yaml").write_text(DAG)
        cls.venturi.connection("warehouse", cls.redshift.aws_connection)
        cls.start_server("loads")

    def number(self, sql):
        done = self.postgres.sql(f"select 'n=' || ({sql})", capture_output=True)
        return int(done.stdout.decode().partition("n=")[2].split()[0])

    def running(self):
        return self.number("select count(*) from pg_stat_activity where state = 'active' and query ilike 'insert into loaded%'")

    def loaded(self):
        return self.number("select count(*) from loaded")

    def test_it_runs_once(self):
        self.venturi.cli("dags", "trigger", "loads", "-r", "one")
        self.venturi.wait_until(lambda: self.running() == 1, 60, "the statement")
        self.venturi.kill_operator_hosts()
        self.assertEqual(self.venturi.wait_for_run("loads", "one"), "success", self.task_log("loads", "one", "load"))
        self.assertGreater(int(self.venturi.states("loads", "one")["load"]["try_number"]), 1)
        self.assertIn("it is not submitted again", self.task_log("loads", "one", "load", "--try", 2))
        self.assertEqual(self.loaded(), 1)
        self.venturi.cli("tasks", "clear", "loads", "--run-id", "one", "--yes")
        self.venturi.wait_until(lambda: self.running() == 1, 60, "the statement after the clear")
        self.assertEqual(self.venturi.wait_for_run("loads", "one"), "success")
        self.assertEqual(self.loaded(), 2)


if __name__ == "__main__":
    unittest.main()
