"""What users write by mistake in templates, params and commands: each task fails with what, where and what to do, is tried again where
Airflow would and another try can help, and the task beside it in the same operator host goes on."""

import json
import unittest

from support.case import HomeCase

LIMIT = "; the process that renders it serves other tasks too: make what is so large in a task, and hand it on as an XCom or a file"
PLACE = " (template of bash_command, line 1)"

# task: its error, and how many tries it had
TEMPLATES = {
    "loops": ("LimitError: the template exceeds the limit steps = 200000" + PLACE + LIMIT, 1),
    "recursion": ("LimitError: the template exceeds the limit depth = 400" + PLACE + LIMIT, 1),
    "times": ("LimitError: the template exceeds the limit value_bytes = 4194304" + PLACE + LIMIT, 1),
    "list_times": ("LimitError: the template exceeds the limit value_items = 200000" + PLACE + LIMIT, 1),
    "copies": ("LimitError: the template exceeds the limit total_bytes = 50331648" + PLACE + LIMIT, 1),
    "replaces": ("LimitError: the template exceeds the limit value_bytes = 4194304" + PLACE + LIMIT, 1),
    "pads": ("LimitError: the template exceeds the limit value_bytes = 4194304" + PLACE + LIMIT, 1),
    "formats": ("LimitError: the template exceeds the limit value_bytes = 4194304" + PLACE + LIMIT, 1),
    "ranges": ("OverflowError: Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000)." + PLACE, 2),
    "filter": ("TemplateAssertionError: No filter named 'upperr'. Did you mean 'upper'?" + PLACE, 1),
    "test": ("TemplateAssertionError: No test named 'oddd'. Did you mean 'odd'?" + PLACE, 1),
    "syntax": ("TemplateSyntaxError: Expected an expression, got 'end of statement block'" + PLACE, 1),
    "name": ("UndefinedError: 'nothing' is undefined" + PLACE, 2),
    "attribute": ("UndefinedError: 'dict object' has no attribute 'region'" + PLACE, 2),
    "run_attribute": ("UndefinedError: 'DagRun object' has no attribute 'nothing'" + PLACE, 2),
    "macro": ("UndefinedError: 'module object' has no attribute 'nothing'" + PLACE, 2),
    "call": ("UndefinedError: 'nothing' is undefined" + PLACE, 2),
    "variable": ("AirflowRuntimeError: VARIABLE_NOT_FOUND: there is no variable 'nothing'; add it, or use var.value.get('nothing', default)" + PLACE, 2),
    "connection": ("there is no connection nothing (add it: venturi connections add nothing --conn-uri ...)", 2),
    "zero": ("ZeroDivisionError: division by zero" + PLACE, 2),
    "types": ("TypeError: can only concatenate str (not \"int\") to str" + PLACE, 2),
}


class BadInputTest(HomeCase):
    programs = ("e2e_bad_input", "e2e_mapped")
    environment = {"VENTURI__LOGGING__MAX_TASK_LOG_MIB": "2"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("e2e_bad_templates", "e2e_bad_output", "e2e_bad_params", "e2e_mapped")

    def test_templates(self):
        self.assertEqual(self.venturi.trigger("e2e_bad_templates", "one"), "failed")
        rows = self.venturi.states("e2e_bad_templates", "one")
        self.assertEqual({task: (row["why"], row["try_number"]) for task, row in rows.items() if row["state"] == "failed"}, TEMPLATES)
        self.assertEqual(rows["other"]["state"], "success")
        self.assert_parts(self.task_log("e2e_bad_templates", "one", "filter"), TEMPLATES["filter"][0])

    def test_output(self):
        self.assertEqual(self.venturi.trigger("e2e_bad_output", "one"), "failed")
        rows = self.venturi.states("e2e_bad_output", "one")
        failed = {task: (row["why"], row["try_number"]) for task, row in rows.items() if row["state"] == "failed"}
        self.assertEqual(failed, {
            "no_number": ("a double that is no finite number has no place in JSON; use an optional", 1),
            "endless_line": ("the last line of stdout, which is the XCom, has more than 1048576 bytes: print less in the last line (the path of a "
                             "file, say), or set do_xcom_push to false", 1)})
        self.assert_parts(self.task_log("e2e_bad_output", "one", "take_no_text"), "took 'caf\ufffd'")
        self.assert_parts(self.task_log("e2e_bad_output", "one", "take_binary"), "took 'a\\x00\\xff\\xfeb'")
        self.assert_parts(self.task_log("e2e_bad_output", "one", "take_nothing"), "took ''")
        log = self.task_log("e2e_bad_output", "one", "gigabytes")
        self.assertLess(len(log), 4_000_000)
        self.assert_parts(log, "the log has reached its limit, 2 MiB ([logging] max_task_log_mib)", "bytes of the log are missing; its last lines follow",
                          "the end")

    def refused(self, conf, *parts):
        """By `dags trigger` and by `dags test`, in the same words."""
        conf = json.dumps(conf)
        for words in (("dags", "trigger", "e2e_bad_params", "--conf", conf), ("dags", "test", "e2e_bad_params", "--conf", conf)):
            done = self.venturi.run(*words)
            self.assertNotEqual(done.returncode, 0, words)
            self.assert_parts(done.stderr, *parts)

    def test_params(self):
        self.refused({}, "dag e2e_bad_params: the param to has no value (give it: --conf '{\"to\": ...}')")
        right = {"to": ["a@b.example"]}
        self.refused({**right, "limit": 101}, "the param limit is 101, which does not fit its schema: 101 is greater than the maximum of 100")
        self.refused({**right, "limit": "7"}, "the param limit is \"7\", which does not fit its schema: \"7\" is not of type 'integer'")
        self.refused({**right, "day": "2026-02-30"}, "the param day is \"2026-02-30\", which does not fit its schema: \"2026-02-30\" is not a 'date'")
        self.refused({**right, "name": "x" * 100_000}, "the param name is \"xxx", "does not match \"^[a-z]{1,8}$\"")
        self.refused({"to": ["a@b.example", "nobody"]}, "/1: \"nobody\" is not a 'email'")
        self.assertEqual(self.venturi.trigger("e2e_bad_params", "right", "--conf", json.dumps({**right, "day": "2026-02-28"})), "success")

    def test_params_at_import(self):
        source = ('#include <venturi/dag.h>\nusing namespace venturi;\nVENTURI_DAG(%s, {%s.params = {{"n", Param{.value = 0, '
                  '.schema = {%s}}}}}) {\n  dag.add(EmptyOperator{.task_id = "t"});\n}\n')
        (self.venturi.home / "dags" / "bad_default.cpp").write_text(source % ("bad_default", '.schedule = "@daily", .start_date = "2026-01-01", ', '{"minimum", 1}'))
        (self.venturi.home / "dags" / "bad_schema.cpp").write_text(source % ("bad_schema", "", '{"type", "int"}'))
        self.import_error("bad_default.cpp", "the param n is 0, which does not fit its schema: 0 is less than the minimum of 1")
        self.import_error("bad_schema.cpp", "the param n has a schema, but it is no JSON schema: /type: \"int\" is no type (array, boolean, integer, "
                                            "null, number, object, string, or a list of them) (correct the schema in the DAG's file)")

    def test_an_empty_list_skips_and_says_so(self):
        self.assertEqual(self.venturi.trigger("e2e_mapped", "none", "--conf", json.dumps({"files": 0})), "success")
        rows = {(row["task_id"], row["map_index"]): row for row in self.venturi.rows("tasks", "states-for-dag-run", "e2e_mapped", "none")}
        self.assertEqual((rows["measure", None]["state"], rows["measure", None]["why"]), ("skipped", "what it is mapped over is empty"))
        self.assertEqual(rows["total", None]["why"], "trigger rule all_success: upstream measure was skipped")


if __name__ == "__main__":
    unittest.main()
