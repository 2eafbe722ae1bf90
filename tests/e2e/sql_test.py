"""SQL operators in a whole Venturi: from a CSV file into a table, checked, a branch, and out again."""

import json
import unittest

from support.case import HomeCase
from support.postgres import Postgres


class SqlTest(HomeCase):
    programs = ("e2e_sql",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = Postgres(cls.folder / "postgres").start()
        cls.addClassCleanup(cls.database.stop)
        cls.start_server("orders_by_sql")
        cls.venturi.connection("test_db", cls.database.connection)

    def run_with(self, run_id, content):
        source = self.folder / "in.csv"
        source.write_text(content, encoding="utf-8")
        state = self.venturi.trigger("orders_by_sql", run_id, "-c", json.dumps({"source": str(source), "target": str(self.folder / "out.csv")}))
        return state, {task_id: row["state"] for task_id, row in self.venturi.states("orders_by_sql", run_id).items()}

    def test_rows_go_in_and_out(self):
        state, tasks = self.run_with("few", "id,amount\n1,2.50\n2,\n")
        self.assertEqual(state, "success", tasks)
        self.assertEqual([tasks[t] for t in ("branch", "few", "count", "count_text", "export", "end")],
                         ["success", "success", "skipped", "skipped", "skipped", "skipped"])
        state, tasks = self.run_with("many", "id,amount\n2,7\n3,0.5\n")
        self.assertEqual(state, "success", tasks)
        self.assertEqual([tasks[t] for t in ("branch", "few", "count", "count_text", "export", "end")],
                         ["success", "skipped", "success", "success", "success", "success"])
        self.assertEqual((self.folder / "out.csv").read_text(), "id,amount\n1,2.50\n2,7\n3,0.5\n")
        self.assertIn("NOTICE: there is a table", self.task_log("orders_by_sql", "many", "create"))
        self.assertIn("3,0.5", self.task_log("orders_by_sql", "many", "end"))

    def test_what_is_wrong_is_told(self):
        state, _ = self.run_with("wrong", "id,amount\n9,1\n10,much\n")
        self.assertEqual(state, "failed")
        rows = self.venturi.states("orders_by_sql", "wrong")
        self.assert_parts(rows["load"]["why"], "in.csv, line 3", 'invalid input syntax for type numeric: "much"', "SQLSTATE 22P02")
        state, _ = self.run_with("negative", "id,amount\n8,-1\n")
        self.assertEqual(state, "failed")
        self.assert_parts(self.venturi.states("orders_by_sql", "negative")["check"]["why"], "Column: amount", "Check: min", "-1")
        self.database.sql("delete from orders")


if __name__ == "__main__":
    unittest.main()
