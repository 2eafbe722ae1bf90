"""Assets in YAML and on the command line: what makes them, and the runs that follow."""

from support.case import HomeCase

MAKER = """
dag_id: maker
is_paused_upon_creation: false
tasks:
  load: {operator: BashOperator, bash_command: "true", outlets: [s3://lake/orders, {uri: s3://lake/people, name: people, group: lake}]}
"""
REPORT = """
dag_id: report
is_paused_upon_creation: false
schedule: {assets: {any: [s3://lake/orders, {all: [{name: people, uri: s3://lake/people}, s3://lake/never]}]}}
tasks:
  show: {operator: BashOperator, bash_command: "echo {{ dag_run.run_type }}", inlets: s3://lake/orders}
"""
SECOND = """
dag_id: second_maker
tasks:
  load: {operator: EmptyOperator, outlets: {uri: s3://lake/people, name: people}}
"""


class AssetsTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, text in (("maker", MAKER), ("report", REPORT), ("second", SECOND)):
            (cls.venturi.home / "dags" / f"{name}.yaml").write_text(text)
        cls.start_server("maker", "report", "second_maker")

    def test_materializing_one_runs_who_waits_for_it(self):
        self.assertEqual({(row["name"], row["uri"], row["group"]) for row in self.venturi.rows("assets", "list")},
                         {("s3://lake/orders", "s3://lake/orders", "asset"), ("people", "s3://lake/people", "lake"),
                          ("s3://lake/never", "s3://lake/never", "asset")})
        row, = self.venturi.rows("assets", "details", "--name", "people")
        self.assertEqual((row["made_by"], row["last_event"]), ("maker, second_maker", None))
        run, = self.venturi.rows("assets", "materialize", "--uri", "s3://lake/orders")
        self.assertEqual(run["dag_id"], "maker")
        self.assertEqual(self.venturi.wait_for_run("maker", run["dag_run_id"]), "success")
        row, = self.venturi.rows("assets", "details", "--uri", "s3://lake/orders")
        self.assertEqual(row["last_event_by"], "maker.load")
        followed, = self.venturi.wait_until(lambda: self.venturi.rows("dags", "list-runs", "report"), 30, "the run that follows")
        self.assertTrue(followed["run_id"].startswith("asset_triggered__"))
        self.assertEqual(self.venturi.wait_for_run("report", followed["run_id"]), "success")
        self.assertIn("ASSET_TRIGGERED", self.venturi.cli("tasks", "logs", "report", "show", followed["run_id"]))

    def test_which_asset_and_which_dag(self):
        for words, parts in ((("details",), ("which asset?", "say --name or --uri")),
                             (("details", "--name", "nothing"), ("there is no asset named nothing", "venturi assets list")),
                             (("materialize", "--name", "people"), ("several DAGs make the asset people", "maker, second_maker")),
                             (("materialize", "--name", "s3://lake/never"), ("no DAG makes the asset", "outlets"))):
            done = self.venturi.run("assets", *words)
            self.assertNotEqual(done.returncode, 0)
            self.assert_parts(done.stderr, *parts)
