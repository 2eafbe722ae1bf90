"""Every DAG of examples/cookbook does what its last lines say, on real servers: `venturi dags test`, as its reader would."""

import concurrent.futures
import os
import subprocess
import unittest

from support.case import HomeCase
from support.cookbook import FOLDER, recipes, runs
from support.bigquery import BigQuery
from support.gcs import Gcs, google_connection
from support.http import Http
from support.postgres import Postgres
from support.redshift import Redshift
from support.s3 import S3
from support.sftp import Sftp
from support.smtp import Smtp
from support.venturi import BIN

ORDERS = """create table orders(id int, customer text, amount numeric, status text, created_at timestamptz);
insert into orders select i, 'customer ' || i % 7, i * 0.5, case i % 3 when 0 then 'open' when 1 then 'paid' else 'sent' end,
  timestamptz '2026-01-01' + i * interval '1 hour' from generate_series(1, 100) i;"""


def states_of(output):
    """state → task_ids, from the table between the transitions and the logs."""
    lines = output.splitlines()
    head = next((i for i, line in enumerate(lines) if line.startswith("task_id ")), None)
    if head is None:
        raise AssertionError(f"there is no table of task instances:\n{output}")
    names = lines[head].split()
    starts = [lines[head].index(name) for name in names]
    found = {}
    for line in lines[head + 1:]:
        if not line.strip():
            break
        cells = {name: line[start:].split()[0] if line[start:].split() else "" for name, start in zip(names, starts)}
        if set(cells["task_id"]) <= set("-=+"):
            continue
        found.setdefault(cells["state"], set()).add(cells["task_id"])
    return found


class CookbookTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_FOLDER": str(FOLDER)}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = Postgres(cls.folder / "postgres").start()
        cls.addClassCleanup(cls.database.stop)
        cls.smtp = Smtp(cls.folder / "mails").start()
        cls.addClassCleanup(cls.smtp.stop)
        cls.http = Http().start()
        cls.addClassCleanup(cls.http.stop)
        cls.s3 = S3().start()
        cls.addClassCleanup(cls.s3.stop)
        cls.redshift = Redshift(cls.database, cls.s3).start()
        cls.addClassCleanup(cls.redshift.stop)
        cls.gcs = Gcs().start()
        cls.addClassCleanup(cls.gcs.stop)
        cls.sftp = Sftp(cls.folder / "sftp").start()
        cls.addClassCleanup(cls.sftp.stop)
        cls.bigquery = BigQuery().start()
        cls.addClassCleanup(cls.bigquery.stop)
        google = google_connection("cookbook", storage=cls.gcs.url, bigquery=cls.bigquery.url)
        cls.database.sql(ORDERS)
        for name, server in (("postgres", cls.database), ("http", cls.http), ("smtp", cls.smtp), ("redshift", cls.redshift), ("sftp", cls.sftp)):
            cls.venturi.connection("cookbook_" + name, server.connection)
        cls.venturi.connection("cookbook_aws", cls.redshift.aws_connection)
        cls.venturi.connection("cookbook_google", google)
        cls.venturi.cli("variables", "set", "cookbook_bucket", "s3://orders")
        # A server compiles them all once; what is run below takes them from its cache.
        cls.venturi.start()
        wanted = {run.words[0] for run in runs()}
        cls.venturi.wait_until(lambda: cls.venturi.import_errors() or wanted <= {row["dag_id"] for row in cls.venturi.rows("dags", "list")},
                               300, "the DAGs of the cookbook")
        cls.errors = cls.venturi.import_errors()
        cls.venturi.stop()

    def test_none_has_an_import_error(self):
        self.assertEqual(self.errors, {})

    def test_each_does_what_it_says(self):
        self.assertGreater(len(recipes()), 20)
        with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
            ended = list(pool.map(lambda run: self.venturi.run("dags", "test", *run.words, timeout=120), runs()))
        for run, done in zip(runs(), ended):
            with self.subTest(command="venturi dags test " + " ".join(run.words)):
                self.assert_as_told(run, done)

    def assert_as_told(self, run, done):
        told = f"{done.stdout}\n{done.stderr}"
        if run.outcome == "refused":
            self.assertEqual(done.returncode, 1, told)
            self.assertIn("error: ", done.stderr)
            return
        self.assertEqual(done.returncode, 0 if run.outcome == "success" else 1, told)
        self.assertRegex(done.stdout, rf"DAG \S+, run \S+: {run.outcome}\b")
        states = states_of(done.stdout)
        states.pop("success", None)
        if run.states is not None:
            self.assertEqual(states, run.states, told)

    def test_the_unit_test_of_a_task(self):
        """With both compilers, as the file says."""
        folder, root = FOLDER / "task_tests", FOLDER.parents[1]
        for compiler in ("g++", "clang++-19"):
            program = self.folder / f"task_tests_{compiler}"
            done = subprocess.run([compiler, "-std=c++20", "-Wall", "-Wextra", "-Wshadow", "-Werror", *sorted(folder.glob("*.cpp")),
                                   f"-I{root / 'include'}", BIN.parent / "src" / "sdk" / "libventuri.a", "-o", program],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            done = subprocess.run([program], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_each_recipe_is_in_the_index(self):
        index = (FOLDER / "README.md").read_text(encoding="utf-8")
        for name, sources in recipes().items():
            path = sources[0].relative_to(FOLDER)
            self.assertIn(f"({path if len(path.parts) == 1 else path.parts[0]})", index, f"README.md does not name {name}")


if __name__ == "__main__":
    unittest.main()
