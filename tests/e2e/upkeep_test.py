"""Living with a server: metrics for Prometheus, health of each part, `doctor`, its own log, what SIGHUP takes over, a disk that
gets full."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from prometheus_client.parser import text_string_to_metric_families

from support.api import Api
from support.case import HomeCase
from support.venturi import BIN

DAG = """
dag_id: NAME
is_paused_upon_creation: false
tasks:
  one: {operator: BashOperator, bash_command: "COMMAND"}
"""


class UpkeepCase(HomeCase):
    def make(self, **environment):
        home = self.make_home(self.id().rsplit(".", 1)[-1], **environment)
        self.dag(home, "good", "echo fine")
        return home

    def dag(self, home, name, command):
        (home.home / "dags" / f"{name}.yaml").write_text(DAG.replace("NAME", name).replace("COMMAND", command))

    def start(self, home, *dag_ids):
        home.start()
        for dag_id in dag_ids or ("good",):
            home.wait_for_dag(dag_id, others_may_fail=True)

    def get(self, home, path, **more):
        status, body = Api(home)("GET", path, raw=True, **more)
        self.assertEqual(status, 200, body)
        return body

    def health(self, home):
        return json.loads(self.get(home, "/api/v2/monitor/health", token=None))

    def doctor(self, home):
        """Its exit code, and what it found: check → (status, what, remedy) of the worst."""
        done = home.run("doctor", "-o", "json")
        order = ("ok", "warning", "error")
        found = {}
        for row in json.loads(done.stdout):
            if row["check"] not in found or order.index(row["status"]) > order.index(found[row["check"]][0]):
                found[row["check"]] = (row["status"], row["found"], row["remedy"])
        return done.returncode, found


class UpkeepTest(UpkeepCase):
    def test_metrics(self):
        home = self.make()
        self.dag(home, "bad", "exit 3")
        self.start(home, "good", "bad")
        self.assertEqual(home.trigger("good", "r1"), "success")
        self.assertEqual(home.trigger("good", "r2"), "success")
        self.assertEqual(home.trigger("bad", "r1"), "failed")
        self.assertEqual(Api(home)("GET", "/metrics", token=None)[0], 401)
        families = {family.name: family for family in text_string_to_metric_families(self.get(home, "/metrics"))}

        def value(name, **labels):
            family = families[name.removesuffix("_sum").removesuffix("_count").removesuffix("_total")]
            return next(s.value for s in family.samples if s.name in (name, name + "_total") and s.labels == labels)
        self.assertEqual(value("airflow_ti_start", dag_id="good", task_id="one"), 2)
        self.assertEqual(value("airflow_ti_finish", dag_id="good", task_id="one", state="success"), 2)
        self.assertEqual(value("airflow_ti_finish", dag_id="bad", task_id="one", state="failed"), 1)
        self.assertEqual((value("airflow_ti_successes"), value("airflow_ti_failures")), (2, 1))
        self.assertEqual((value("airflow_operator_successes", operator="BashOperator"), value("airflow_operator_failures", operator="BashOperator")), (2, 1))
        self.assertEqual(value("airflow_dagrun_duration_count", dag_id="good"), 2)
        self.assertGreater(value("airflow_dagrun_duration_sum", dag_id="good"), 0)
        self.assertEqual(value("airflow_dagrun_failed_count", dag_id="bad"), 1)
        self.assertEqual(value("airflow_pool_open_slots", pool="default_pool"), 128)
        self.assertEqual(value("airflow_executor_open_slots"), 32)
        self.assertEqual(value("airflow_dagbag_size"), 2)
        self.assertEqual(value("airflow_dag_processing_import_errors"), 0)
        self.assertGreaterEqual(value("airflow_scheduler_heartbeat", type="counter"), 0)
        self.assertEqual(value("venturi_worker_connected"), 1)
        self.assertGreater(value("process_resident_memory_bytes"), 1 << 20)

    def test_metrics_may_be_public(self):
        home = self.make(VENTURI__API__METRICS_ARE_PUBLIC="true")
        self.start(home)
        self.assertIn("airflow_scheduler_heartbeat", self.get(home, "/metrics", token=None))

    def test_health_says_which_part_is_ill(self):
        home = self.make(VENTURI__DAG_PROCESSOR__REFRESH_INTERVAL_S="1")
        home.start("server")
        home.wait_for_dag("good")
        health = self.health(home)
        self.assertEqual({part: health[part]["status"] for part in ("metadatabase", "scheduler", "dag_processor")},
                         dict.fromkeys(("metadatabase", "scheduler", "dag_processor"), "healthy"))
        self.assertEqual(health["worker"], {"status": "unhealthy", "detail": "the worker is gone"})
        self.assertEqual(health["triggerer"]["status"], "unhealthy")
        code, found = self.doctor(home)
        self.assertEqual((code, found["worker"][0]), (1, "error"))
        self.assertIn("venturi worker", found["worker"][2])
        worker = subprocess.Popen([BIN / "venturi", "worker"], env=home.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            home.wait_until(lambda: self.health(home)["worker"]["status"] == "healthy", 30, "the worker")
            self.assertEqual(self.health(home)["triggerer"]["status"], "healthy")
            shutil.rmtree(home.home / "dags")
            home.wait_until(lambda: self.health(home)["dag_processor"]["status"] == "unhealthy", 30, "that the DAGs folder is missed")
            self.assertIn("cannot be read", self.health(home)["dag_processor"]["detail"])
            self.assertEqual(self.health(home)["scheduler"]["status"], "healthy")
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)

    def test_doctor(self):
        home = self.make()
        (home.home / "dags" / "broken.yaml").write_text("dag_id: [")
        self.dag(home, "wide", "true")
        wide = home.home / "dags" / "wide.yaml"
        wide.write_text(wide.read_text().replace("{operator", "{pool: missing, operator"))
        self.start(home, "good", "wide")
        code, found = self.doctor(home)
        self.assertEqual(code, 1)
        self.assertEqual(found["DAG files"][0], "error")
        self.assertIn("broken.yaml", found["DAG files"][1])
        self.assertEqual(found["pools"][0], "warning")
        self.assertIn("missing", found["pools"][1])
        for check in ("home", "server", "metadatabase", "scheduler", "dag_processor", "worker", "disk", "open files", "DAGs folder", "keys", "database", "clock"):
            self.assertEqual(found[check][0], "ok", (check, found[check]))
        (home.home / "dags" / "broken.yaml").unlink()
        home.wait_until(lambda: not home.import_errors(), 30, "the end of the import error")
        self.assertEqual(self.doctor(home)[0], 0, "warnings are no failure")
        home.stop()
        self.assertEqual(self.doctor(home)[1]["server"][:2], ("warning", "none runs"))

        (home.home / "fernet_key").rename(home.home / "elsewhere")
        os.chmod(home.home / "elsewhere", 0o600)
        code, found = self.doctor(home)
        self.assertEqual((code, found["keys"][0]), (1, "error"))
        (home.home / "elsewhere").rename(home.home / "fernet_key")
        os.chmod(home.home / "venturi.db", 0o644)
        code, found = self.doctor(home)
        self.assertEqual((code, found["home"][0]), (1, "error"))
        self.assertIn("chmod 600", found["home"][2])
        os.chmod(home.home / "venturi.db", 0o600)
        database = sqlite3.connect(home.home / "venturi.db")
        with database:
            database.execute("INSERT INTO dag_run(no, dag_id, run_id, run_type, state, run_after, queued_at, triggered_by, dag_version_id, first_task_instance, "
                             "created_task_instances) VALUES (99, 'good', 'later', 'manual', 'failed', 0, (strftime('%s') + 86400) * 1000000, '', 'x', 99, 0)")
        database.close()
        self.assertIn("the clock was set back", self.doctor(home)[1]["clock"][1])

    def test_doctor_without_a_home(self):
        home = self.make()
        home.environment["VENTURI_HOME"] = str(self.folder / "nowhere")
        code, found = self.doctor(home)
        self.assertEqual((code, found["home"][0]), (1, "error"))
        self.assertIn("venturi standalone", found["home"][2])

    def test_sighup_takes_over_what_it_can(self):
        home = self.make()
        toml = home.home / "venturi.toml"
        toml.write_text("[core]\nparallelism = 1\n")
        os.chmod(toml, 0o600)
        self.dag(home, "slow", "sleep 60")
        self.start(home, "good", "slow")
        home.cli("dags", "trigger", "slow", "-r", "r1")
        home.wait_until(lambda: home.states("slow", "r1")["one"]["state"] == "running", 30, "the slow task")
        home.cli("dags", "trigger", "good", "-r", "r1")
        toml.write_text("[core]\nparallelism = 2\n[worker]\nwarm_max = 3\n")
        home.process.send_signal(signal.SIGHUP)
        self.assertEqual(home.wait_for_run("good", "r1"), "success")
        log = home.log.read_text()
        self.assertIn("taken over core.parallelism", log)
        self.assertIn("these settings need a restart: worker.warm_max", log)
        toml.write_text("[core]\nparallelism = 0\n")
        home.process.send_signal(signal.SIGHUP)
        home.wait_until(lambda: "the configuration stays as it was" in home.log.read_text(), 10, "the complaint")
        toml.write_text("")
        self.assertEqual(home.trigger("good", "r2"), "success")

    def test_the_servers_log_is_rotated_and_reopened(self):
        home = self.make(VENTURI__LOGGING__FILE="logs/server.log", VENTURI__LOGGING__MAX_FILE_MIB="1")
        self.start(home)
        log = home.home / "logs" / "server.log"
        self.assertTrue(log.exists())
        self.assertEqual(log.stat().st_mode & 0o777, 0o600)
        moved = log.with_name("moved.log")
        log.rename(moved)
        home.process.send_signal(signal.SIGUSR1)
        home.wait_until(log.exists, 10, "the new file")
        home.process.send_signal(signal.SIGHUP)  # says something
        home.wait_until(lambda: "the configuration was read" in log.read_text(), 10, "the line")
        self.assertNotIn("the configuration was read", moved.read_text())
        with log.open("a") as file:  # as if it had said much; the size is looked at when the file is opened
            file.write("x" * (2 << 20) + "\n")
        home.process.send_signal(signal.SIGUSR1)
        time.sleep(0.3)
        home.process.send_signal(signal.SIGHUP)
        home.wait_until(lambda: log.with_name("server.1.log").exists() and log.stat().st_size < (1 << 20), 10, "the rotation")


@unittest.skipUnless(os.geteuid() == 0, "only root may mount")
class FullDiskTest(UpkeepCase):
    """On a small file system of their own."""

    @contextlib.contextmanager
    def small_disk(self, folder, mib):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=700", "tmpfs", folder], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", folder], check=True)

    def fill(self, folder, keep_mib):
        """Leaves so much room."""
        info = os.statvfs(folder)
        size = info.f_bavail * info.f_frsize - (keep_mib << 20)
        with open(folder / "filler", "wb") as file:
            os.fchmod(file.fileno(), 0o600)  # it lies in the home
            os.posix_fallocate(file.fileno(), 0, size)
        return folder / "filler"

    def test_nothing_new_begins_before_the_disk_is_full(self):
        folder = self.folder / "small"
        with self.small_disk(folder, 96):
            home = self.make_home("small", VENTURI__CORE__MIN_FREE_DISK_MIB="40")
            self.dag(home, "good", "echo fine")
            self.dag(home, "slow", "sleep 6")
            self.start(home, "good", "slow")
            home.cli("dags", "trigger", "slow", "-r", "under_way")
            home.wait_until(lambda: home.states("slow", "under_way")["one"]["state"] == "running", 30, "the slow task")
            filler = self.fill(folder, 20)
            home.wait_until(lambda: self.health(home)["disk"]["status"] == "unhealthy", 30, "that it is noticed")
            self.assert_failed(home.run("dags", "trigger", "good", "-r", "refused"), "no run is begun now", "[core] min_free_disk_mib is 40")
            self.assertEqual(self.health(home)["scheduler"]["status"], "healthy")
            code, found = self.doctor(home)
            self.assertEqual((code, found["disk"][0]), (1, "error"))
            self.assertIn("nothing new is begun until there is more room", home.log.read_text())
            self.assertEqual(home.wait_for_run("slow", "under_way"), "success", "what is under way goes on")
            filler.unlink()
            home.wait_until(lambda: self.health(home)["disk"]["status"] == "healthy", 30, "that there is room")
            self.assertEqual(home.trigger("good", "after"), "success")
            self.assertIn("there is room on the disk again", home.log.read_text())
            home.stop()

    def test_a_full_disk_below_a_log_loses_nothing_and_disturbs_nobody(self):
        home = self.make(VENTURI__CORE__MIN_FREE_DISK_MIB="0")
        lines = 60_000
        self.dag(home, "chatty", f"seq -f 'line %g of many that fill the disk' {lines}; echo the end")
        logs = home.home / "logs" / "dag_id=chatty"
        with self.small_disk(logs, 2):
            self.start(home, "good", "chatty")
            home.cli("dags", "trigger", "chatty", "-r", "r")
            info = lambda: os.statvfs(logs)
            home.wait_until(lambda: info().f_bavail * info().f_frsize < 1_000_000, 60, "the full disk")
            time.sleep(1)
            self.assertEqual(home.trigger("good", "meanwhile"), "success")
            self.assertEqual(home.states("chatty", "r")["one"]["state"], "running", "it waits")
            subprocess.run(["mount", "-o", "remount,size=64m", logs], check=True)
            self.assertEqual(home.wait_for_run("chatty", "r"), "success")
            text = home.cli("tasks", "logs", "chatty", "one", "r", "-o", "json")
            events = [json.loads(line)["event"] for line in text.splitlines()]
            numbers = [event for event in events if event.endswith("of many that fill the disk") and event.startswith("line ")]
            self.assertEqual(len(numbers), lines)
            self.assertEqual(len(set(numbers)), lines)
            self.assertIn("the end", events)
            home.stop()
