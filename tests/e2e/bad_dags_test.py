"""DAG files that are wrong: each becomes an import error that says what, where and what to do, and everything else goes on."""

import unittest

from support.case import HomeCase

SOURCE = """#include <venturi/dag.h>
using namespace venturi;
void one(const Context& context) { context.log().info("VERSION"); }
void two() {}
VENTURI_DAG(changing, {.schedule = SCHEDULE, .start_date = "2026-01-01", .catchup = false, .is_paused_upon_creation = false}) {
  BODY
}
"""
GOOD = "dag.task<one>();"
SHRINKING = """#include <venturi/dag.h>
#include <stdexcept>
using namespace venturi;
using namespace std::chrono_literals;
void one(const Context& context) { if (context.try_number() == 1) throw std::runtime_error("once more, please"); }
void two() {}
VENTURI_DAG(shrinking, {.is_paused_upon_creation = false, .default_args = {.retries = 1, .retry_delay = 4s}}) { dag.task<TASK>(); }
"""


class BadDagsTest(HomeCase):
    environment = {"VENTURI__DAG_PROCESSOR__DESCRIBE_TIMEOUT_S": "2"}
    programs = ("chain",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("chain")

    def tearDown(self):
        """Whatever a file did: the others serve on."""
        self.venturi.check_server()
        self.assertEqual(self.venturi.trigger("chain", "after_" + self._testMethodName), "success")

    def write(self, body=GOOD, version="one", schedule="nullptr"):
        text = SOURCE.replace("BODY", body).replace("VERSION", version).replace("SCHEDULE", schedule)
        target = self.venturi.home / "dags" / "changing.cpp"
        target.with_suffix(".tmp").write_text(text)
        target.with_suffix(".tmp").rename(target)

    def version_that_runs(self, run_id):
        self.assertEqual(self.venturi.trigger("changing", run_id), "success")
        return self.task_log("changing", run_id, "one")

    def test_the_last_good_program_serves_on(self):
        self.write(version="first version")
        self.venturi.wait_for_dag("changing", others_may_fail=True)
        self.assertIn("first version", self.version_that_runs("r0"))
        for i, (body, schedule, *parts) in enumerate((
            ("auto a = dag.task<one>(), b = dag.task<two>(); a >> b; b >> a;", "nullptr",
             "dag changing", "its tasks form a cycle: one -> two -> one", "take one of these dependencies away"),
            ("dag.task<one>(); dag.task<one>();", "nullptr",
             "dag changing", "two tasks have the task_id one", "give each task of a DAG an id of its own"),
            ("dag.task<one>() >> unknown;", "nullptr", "changing.cpp:6:", "error: use of undeclared identifier 'unknown'"),
            (GOOD, '"61 * * * *"', "dag changing", "minute \"61\" is not within 0 to 59"),
        )):
            with self.subTest(parts[1]):
                self.write(body, "a bad version", schedule)
                self.import_error("changing.cpp", *parts)
                self.assertIn("first version", self.version_that_runs(f"bad{i}"))
        self.write(version="second version")
        self.venturi.wait_until(lambda: "changing.cpp" not in self.import_errors(), 60, "the end of the import error")
        self.assertIn("second version", self.version_that_runs("again"))

    def test_mistakes_are_told_by_dag(self):
        self.put_program("e2e_mistakes")
        error = self.import_error("e2e_mistakes", "cycle", "twins", "stranger", "odd_cron", "no_cron")
        self.assert_parts(error,
                          "its tasks form a cycle: a -> b -> c -> a; take one of these dependencies away",
                          "two tasks have the task_id twin: give each task of a DAG an id of its own",
                          "task mine: it shall run after task a, which is of another DAG, cycle",
                          "dag odd_cron, cron \"61 * * * *\": minute \"61\" is not within 0 to 59",
                          "dag no_cron, cron \"whenever\": 1 field, but cron takes 5, 6 or 7 (write: minute hour day-of-month month day-of-week, or a preset such as @daily")
        known = {row["dag_id"] for row in self.venturi.rows("dags", "list")}
        self.assertFalse(known & {"cycle", "twins", "stranger", "odd_cron", "no_cron"})
        self.assertEqual(self.venturi.trigger("flawless", "one"), "success")

    def test_a_branch_that_chooses_what_there_is_not(self):
        self.put_program("e2e_mistakes")
        self.venturi.wait_for_dag("branching", others_may_fail=True)
        self.assertEqual(self.venturi.trigger("branching", "one"), "failed")
        rows = self.venturi.states("branching", "one")
        self.assertEqual(rows["choose"]["state"], "failed")
        self.assert_parts(rows["choose"]["why"], "nowhere", "somewhere")
        self.assertEqual(rows["other"]["state"], "success")

    def test_a_program_that_crashes(self):
        self.put_program("e2e_crashes")
        self.import_error("e2e_crashes", "the program crashed when asked for its DAGs: killed by signal 6 (Aborted)", "run it in a debugger",
                          "the table of prices is missing")

    def test_a_program_that_hangs(self):
        self.put_program("e2e_hangs")
        self.import_error("e2e_hangs", "the program hangs: asked for its DAGs it did not answer within 2 s",
                          "move long work from main() and global objects into tasks")

    def test_a_program_that_answers_rubbish(self):
        self.put_program("e2e_rubbish")
        self.import_error("e2e_rubbish", "the program sent rubbish when asked for its DAGs", "must be built with Venturi's SDK", ".airflowignore")

    def test_a_program_that_is_no_dag_program(self):
        self.put_program("e2e_no_dag")
        self.import_error("e2e_no_dag", "ended with exit code 0 and did not tell its DAGs", "must be built with Venturi's SDK", "hello, world")

    def test_a_run_goes_on_with_the_version_it_began_with(self):
        def declare(version, task):
            target = self.venturi.home / "dags" / "shrinking.cpp"
            target.with_suffix(".tmp").write_text(SHRINKING.replace("TASK", task))
            target.with_suffix(".tmp").rename(target)
            self.venturi.wait_until(lambda: self.venturi.run("tasks", "list", "shrinking").stdout.split() == [task], what=version)
        declare("what comes last is compiled already when it is needed", "two")
        declare("the first version", "one")
        self.venturi.cli("dags", "trigger", "shrinking", "-r", "one")
        self.venturi.wait_until(lambda: self.states("shrinking", "one").get("one") == "up_for_retry", what="the first try")
        declare("the last version", "two")
        self.assertEqual(self.states("shrinking", "one"), {"one": "up_for_retry"})
        self.assertEqual(self.venturi.wait_for_run("shrinking", "one"), "success")
        self.assertEqual(self.venturi.trigger("shrinking", "two"), "success")
        self.assertEqual(self.states("shrinking", "two"), {"two": "success"})

    def test_a_task_that_the_program_no_longer_declares(self):
        self.put_program("e2e_mistakes")
        self.venturi.wait_for_dag("fickle", others_may_fail=True)
        self.assertEqual(self.venturi.trigger("fickle", "one"), "failed")
        row = self.venturi.states("fickle", "one")["sometimes"]
        self.assertEqual((row["state"], row["try_number"]), ("failed", 1))
        parts = ("the program does not declare a task sometimes with a function in DAG fickle",)
        self.assert_parts(row["why"], *parts)
        self.assert_parts(self.task_log("fickle", "one", "sometimes"), *parts)
        self.assertEqual(self.states("fickle", "one")["always"], "success")


if __name__ == "__main__":
    unittest.main()
