"""Templates of operators with Airflow's context, in the operator host and in a process that moves data."""

import email
import email.policy
import json
import sqlite3
import unittest

from support.case import HomeCase
from support.smtp import Smtp


class TemplatesTest(HomeCase):
    programs = ["e2e_templates"]
    environment = {"AIRFLOW_CONN_SHOP": "http://u:pw12345@h.example:8088", "AIRFLOW_VAR_API_KEY": "geheim123"}

    def test_templates(self):
        (self.folder / "data").mkdir()
        (self.folder / "data" / "first.csv").write_text("id\n1\n2\n")
        smtp = Smtp(self.folder / "mails").start()
        self.addCleanup(smtp.stop)
        (self.folder / "subject").write_text("{{ dag.dag_id }}:\n {{ ti.task_id }} on {{ ds }}\n")
        (self.folder / "mail.html").write_text("<b>\n{{ run_id }}</b> {{ params.who }}")
        mail = json.loads(smtp.connection)
        mail["extra"] |= {"subject_template": str(self.folder / "subject"), "html_content_template": str(self.folder / "mail.html")}
        self.venturi.connection("mail", json.dumps(mail))
        self.start_server("e2e_templates")
        self.venturi.trigger("e2e_templates", "first", "--logical-date", "2026-03-04T05:06:07",
                             "--conf", json.dumps({"who": "conf", "folder": str(self.folder / "data")}))
        states = self.states("e2e_templates", "first")
        self.assertEqual(states, {"numbers": "success", "say": "success", "place": "success", "place_of_operator": "success",
                                  "read": "success", "rows": "success", "mail": "success", "undefined": "failed", "endless": "failed", "syntax": "failed"})
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

        self.venturi.wait_until(lambda: len(smtp.mails()) == 2, 20, "the mails of task and notifier")
        mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in smtp.mails()]
        self.assertEqual({mail["subject"] for mail in mails}, {f"e2e_templates: {task} on 2026-03-04" for task in ("mail", "undefined")})
        self.assertEqual({mail.get_content().strip() for mail in mails}, {"<b>first</b> conf"})

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
