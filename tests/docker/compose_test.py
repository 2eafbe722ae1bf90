"""The proof of concept in containers, brought up by the line that compose.yaml and the README name."""

import http.client
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.docker_engine import DockerEngine, ROOT  # noqa: E402
from support.postgres import free_port  # noqa: E402

LINE = "docker compose -f ./compose.yaml -f ./compose.airflow.yaml up --force-recreate -d"
FILES = ["-f", "./compose.yaml", "-f", "./compose.airflow.yaml"]
LARGEST_IMAGE = 60_000_000  # compressed


def stop(docker):
    docker.run("compose", *FILES, "down", "-v", "--timeout", "20", check=False)
    docker.stop()


class ComposeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="venturi_docker_")
        cls.addClassCleanup(folder.cleanup)
        cls.docker = DockerEngine(folder.name)
        cls.addClassCleanup(stop, cls.docker)
        cls.ports = {"VENTURI_PORT": str(free_port()), "MAIL_PORT": str(free_port())}
        cls.password = secrets.token_hex(16)  # a word that stands nowhere else
        cls.docker.environment |= {**cls.ports, "COMPOSE_PROJECT_NAME": "venturi_test", "DB_PASSWORD": cls.password}
        cls.docker.start()
        for name, stand_in in (("postgres:15.14", "postgres"), ("axllent/mailpit:v1.27.11", "mail")):
            print(f"{name}: {cls.docker.image(name, stand_in)}", flush=True)
        cls.build_images()
        done = subprocess.run(LINE, shell=True, cwd=ROOT, env=cls.docker.environment, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{LINE}\n{done.stdout}{done.stderr}")
        cls.venturi = cls.container("venturi")

    @classmethod
    def build_images(cls):
        """By the Dockerfile, but for the compiler: the programs are those of build/release, unless VENTURI_TEST_COMPILE_IMAGE is set."""
        arguments = []
        if not os.environ.get("VENTURI_TEST_COMPILE_IMAGE"):
            shutil.rmtree(ROOT / "build" / "stage", ignore_errors=True)
            subprocess.run([ROOT / "scripts" / "stage", ROOT / "build" / "stage"], check=True)
            arguments = ["--build-arg", "PREBUILT=build/stage"]
        cls.docker.base()
        # What the other two are made from has a name too, by which it is removed.
        for target, tag in (("build", "venturi_test_build"), ("venturi", "venturi:latest"), ("sdk", "venturi:sdk")):
            cls.docker.build(tag, *arguments, "--target", target, ".")

    @classmethod
    def container(cls, service):
        return cls.docker.out("compose", *FILES, "ps", "-q", service)

    def inside(self, *words):
        return self.docker.out("exec", self.venturi, *words)

    def files_with(self, text):
        """The files of the home that contain the text. (1: there are none, 2: grep could not look everywhere.)"""
        done = self.docker.run("exec", self.venturi, "grep", "-rlaFs", text, "/var/lib/venturi", check=False)
        self.assertIn(done.returncode, (0, 1, 2))
        return done.stdout.split()

    def get(self, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", int(self.ports[port]), timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def wait_for(self, what, condition, seconds=180):
        end = time.monotonic() + seconds
        while not (result := condition()):
            if time.monotonic() > end:
                self.fail(f"{what} did not come true within {seconds} s\n{self.docker.run('logs', self.venturi).stderr[-4000:]}")
            time.sleep(0.5)
        return result

    def runs(self):
        done = self.docker.run("exec", self.venturi, "venturi", "dags", "list-runs", "order_quality", "-o", "json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else []

    def mails(self):
        status, body = self.get("MAIL_PORT", "/api/v1/messages")
        return json.loads(body)["messages"] if status == 200 else []

    # In this order: what is recreated has forgotten its mails.

    def test_0_the_schedule_runs_it_and_the_mail_arrives(self):
        run = self.wait_for("the end of the scheduled run", lambda: next((r for r in self.runs() if r["state"] in ("success", "failed")), None))
        self.assertEqual(run["state"], "success", self.docker.run("logs", self.venturi).stderr[-4000:])
        self.assertTrue(run["run_id"].startswith("scheduled__"), run)
        mail, = self.wait_for("the mail", self.mails)
        # Of 400 orders in the database and 200 in the file.
        self.assertEqual(mail["Subject"], "Заказы с ошибками: 74 of 600 orders (12.3 %)")
        self.assertEqual([to["Address"] for to in mail["To"]], ["ops@example.com"])
        self.assertEqual(json.loads(self.inside("venturi", "dags", "list", "-o", "json"))[0]["dag_id"], "order_quality")

    def test_1_the_password_is_nowhere(self):
        """Neither in the container's log nor in the home, with its database and the logs of all tasks."""
        self.wait_for("the scheduled run", lambda: [r for r in self.runs() if r["state"] == "success"])
        self.assertIn(self.password, self.inside("sh", "-c", "echo $AIRFLOW_CONN_TEST_DB"), "it is not the password that the run used")
        logs = self.docker.run("logs", self.venturi)
        self.assertIn("is ready", logs.stdout + logs.stderr)
        self.assertNotIn(self.password, logs.stdout + logs.stderr)
        found = self.files_with("order_quality")
        self.assertTrue(any("venturi.db" in name for name in found) and any(name.endswith(".log") for name in found), found)
        self.assertEqual(self.files_with(self.password), [])

    def test_2_the_api_answers_on_this_machine_only(self):
        self.wait_for("the API", lambda: self.get("VENTURI_PORT", "/api/v2/monitor/health")[0] == 200)
        for service in ("venturi", "mail", "data_source_db"):
            bindings = self.docker.inspect(self.container(service))["NetworkSettings"]["Ports"]
            hosts = {b["HostIp"] for published in bindings.values() for b in published or []}
            self.assertLessEqual(hosts, {"127.0.0.1"}, service)
        self.wait_for("the container's own check", lambda: self.docker.inspect(self.venturi)["State"]["Health"]["Status"] == "healthy")

    def test_3_what_the_container_may_do(self):
        self.assertEqual(self.inside("id", "-u"), "50000")
        refused = self.docker.run("exec", self.venturi, "touch", "/usr/bin/x", "/opt/venturi/dags/x", check=False)
        self.assertEqual(refused.stderr.count("Read-only file system"), 2, refused.stderr)
        host = self.docker.inspect(self.venturi)["HostConfig"]
        self.assertTrue(host["ReadonlyRootfs"])
        self.assertEqual(host["CapDrop"], ["ALL"])
        status = self.inside("cat", "/proc/1/status")
        self.assertIn("NoNewPrivs:\t1", status)
        self.assertIn("CapEff:\t0000000000000000", status)

    def test_5_recreated_it_goes_on_with_its_home(self):
        before = self.wait_for("the run", lambda: [r for r in self.runs() if r["state"] == "success"])
        subprocess.run(LINE, shell=True, cwd=ROOT, env=self.docker.environment, text=True, capture_output=True, check=True)
        type(self).venturi = self.container("venturi")
        after = self.wait_for("the run", self.runs)
        self.assertEqual([r["run_id"] for r in after], [r["run_id"] for r in before])
        started = time.monotonic()
        self.docker.run("stop", "--time", "30", self.venturi)
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(self.docker.inspect(self.venturi)["State"]["ExitCode"], 0)
        self.docker.run("start", self.venturi)

    def test_4_the_small_image(self):
        with subprocess.Popen(["docker", "save", "venturi:latest"], env=self.docker.environment, stdout=subprocess.PIPE) as save:
            packed = subprocess.run(["gzip", "-6"], stdin=save.stdout, capture_output=True, check=True).stdout
        print(f"venturi: {len(packed) / 1e6:.1f} MB compressed", flush=True)
        self.assertLessEqual(len(packed), LARGEST_IMAGE)
        self.assertEqual(self.docker.inspect("venturi")["Config"]["User"], "50000:50000")
        run = ["run", "--rm", "--read-only", "--tmpfs", "/tmp", "venturi"]
        self.assertRegex(self.docker.out(*run, "version"), r"^\d+\.\d+\.\d+")


if __name__ == "__main__":
    unittest.main(verbosity=2)
