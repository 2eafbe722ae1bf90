"""Templates of operators with Airflow's context, in the operator host and in a process that moves data."""

import json
import sqlite3
import unittest

from support.case import HomeCase


class TemplatesTest(HomeCase):
    programs = ["e2e_templates"]
    environment = {"AIRFLOW_CONN_SHOP": "http://u:pw12345@h.example:8088", "AIRFLOW_VAR_API_KEY": "geheim123"}

    def test_templates(self):
        (self.folder / "data").mkdir()
        (self.folder / "data" / "first.csv").write_text("id\n1\n2\n")
        self.start_server("e2e_templates")
        self.venturi.trigger("e2e_templates", "first", "--logical-date", "2026-03-04T05:06:07",
                             "--conf", json.dumps({"who": "conf", "folder": str(self.folder / "data")}))
        states = self.states("e2e_templates", "first")
        self.assertEqual(states, {"numbers": "success", "say": "success", "place": "success", "place_of_operator": "success", "read": "success", "rows": "success",
                                  "undefined": "failed", "endless": "failed", "syntax": "failed"})
        log = self.task_log("e2e_templates", "first", "say")
        self.assert_parts(log, "2026-03-04 conf 2 a+b none h.example None 2026-03-04 06:06:07+01:00 2026-03-06 ***")
        self.assertNotIn("geheim123", log)
        fileloc = str(self.venturi.home / "dags" / "e2e_templates")
        self.assert_parts(self.task_log("e2e_templates", "first", "place"), f"{fileloc} e2e_templates 06:06 CET")
        self.assert_parts(self.task_log("e2e_templates", "first", "place_of_operator"), fileloc)
        rows = self.venturi.states("e2e_templates", "first")
        self.assert_parts(rows["undefined"]["why"], "UndefinedError: 'execution_date' is undefined", "logical_date", "template of bash_command, line 2")
        self.assert_parts(rows["endless"]["why"], "LimitError: the template exceeds the limit steps = 200000 (template of bash_command, line 1)")
        self.assert_parts(rows["syntax"]["why"], "TemplateSyntaxError", "template of bash_command, line 1")
        self.assertEqual([rows[task]["try_number"] for task in ("endless", "syntax")], [1, 1], "the next try would have the same error")

        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            fields = dict(db.execute("SELECT t.task_id, f.rendered_fields FROM rendered_task_instance_fields AS f JOIN task_instance AS t "
                                     "ON t.no = f.task_instance_no"))
        self.assertEqual(json.loads(fields["say"])["env"], {"X": "2026-03-06 ***"})
        self.assertEqual(json.loads(fields["read"])["path"], f"{self.folder}/data/first.csv")

        # The run before this one that succeeded: there is none yet.
        self.venturi.trigger("e2e_templates", "second", "--logical-date", "2026-03-05T00:00:00", "--conf", json.dumps({"folder": str(self.folder)}))
        self.assert_parts(self.venturi.states("e2e_templates", "second")["read"]["why"], f"{self.folder}/second.csv")


if __name__ == "__main__":
    unittest.main()
