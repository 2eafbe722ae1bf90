"""The Debian packages in a fresh Debian 12: installed, started as the unit says, upgraded, removed, purged."""

import configparser
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.docker_engine import ROOT, debian  # noqa: E402

OLDER = "0.0.9"
YAML_DAG = """
dag_id: greeting
schedule: null
start_date: 2026-01-01
tasks:
  greet: {operator: BashOperator, bash_command: echo hello from $(id -un)}
"""
CPP_DAG = """
#include <venturi/dag.h>
#include <cstdlib>
int answer() { return std::abs(-42); }
VENTURI_DAG(compiled, {.start_date = "2026-01-01"}) { dag.task<answer>(); }
"""
HOME = pathlib.Path("/var/lib/venturi")


class Debian:
    """A Debian of its own over the one that debootstrap made, which stays as it is."""

    def __init__(self, folder):
        self.root = folder / "root"
        upper, work = folder / "upper", folder / "work"
        for path in (self.root, upper, work):
            path.mkdir()
        self.mounts = []
        self.mount("-t", "overlay", "overlay", "-o", f"lowerdir={debian()},upperdir={upper},workdir={work}", self.root)
        self.mount("-t", "proc", "proc", self.root / "proc")
        self.mount("--rbind", "--make-rslave", "/dev", self.root / "dev")
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        policy = self.root / "usr" / "sbin" / "policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")  # nothing is started by its installation
        policy.chmod(0o755)

    def mount(self, *words):
        subprocess.run(["mount", *words], check=True)
        self.mounts.append(words[-1])

    def close(self):
        for path in reversed(self.mounts):
            subprocess.run(["umount", "-l", path], check=False)

    def run(self, *words, user="root", check=True, **more):
        done = subprocess.run(["chroot", f"--userspec={user}", self.root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                               "DEBIAN_FRONTEND=noninteractive", f"VENTURI_HOME={HOME}", *map(str, words)],
                              text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False, **more)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def apt(self, *words):
        return self.run("apt-get", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", *words)

    def path(self, path):
        return self.root / str(path).lstrip("/")


class Unit:
    """Runs what the unit says, and is the service manager for it."""

    def __init__(self, system):
        self.system = system
        lines = configparser.RawConfigParser(strict=False)
        lines.optionxform = str
        lines.read(system.path("/lib/systemd/system/venturi.service"))
        service = lines["Service"]
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = system.path("/run/notify")
        path.unlink(missing_ok=True)
        self.socket.bind(str(path))
        path.chmod(0o777)
        self.socket.settimeout(60)
        name, _, value = service["Environment"].partition("=")
        self.log = system.root.parent / "server.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                ["chroot", f"--userspec={service['User']}:{service['Group']}", system.root, "env", "-i", "-C", service["WorkingDirectory"],
                 "PATH=/usr/bin:/bin", "NOTIFY_SOCKET=/run/notify", f"{name}={value}", "VENTURI__API__PORT=0", *service["ExecStart"].split()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def message(self):
        return self.socket.recv(1024).decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        message = self.message()
        self.socket.close()
        return message, self.process.wait(60)


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.getuid() != 0 or not shutil.which("debootstrap"):
            raise unittest.SkipTest("only root can make a Debian (package debootstrap)")
        subprocess.run([ROOT / "scripts" / "deb"], check=True)  # lintian has its say there
        folder = tempfile.TemporaryDirectory(prefix="venturi_packages_")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.folder.chmod(0o755)
        cls.debian = Debian(cls.folder)
        cls.addClassCleanup(cls.debian.close)
        cls.unit = None
        cls.addClassCleanup(lambda: cls.unit and cls.unit.process.kill())
        packages = cls.debian.path("/packages")
        packages.mkdir()
        for deb in (ROOT / "build" / "deb").glob("*.deb"):
            shutil.copy(deb, packages)
        cls.version = next(packages.glob("venturi_*.deb")).name.split("_")[1]
        # An older one of the same content.
        tree = cls.folder / "older"
        subprocess.run(["dpkg-deb", "-R", next(packages.glob("venturi_*.deb")), tree], check=True)
        control = tree / "DEBIAN" / "control"
        control.write_text(control.read_text().replace(f"Version: {cls.version}\n", f"Version: {OLDER}\n"))
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, packages / f"venturi_{OLDER}.deb"], check=True, stdout=subprocess.DEVNULL)
        cls.debian.apt("update")

    def venturi(self, *words, check=True):
        return self.debian.run("venturi", *words, user="venturi:venturi", check=check)

    def start(self):
        type(self).unit = Unit(self.debian)
        self.assertEqual(self.unit.message(), "READY=1", self.unit.log.read_text()[-3000:])

    def stop(self):
        self.assertEqual(self.unit.stop(), ("STOPPING=1", 0), self.unit.log.read_text()[-3000:])

    def wait_for(self, what, condition, seconds=120):
        end = time.monotonic() + seconds
        while not (result := condition()):
            if time.monotonic() > end:
                self.fail(f"{what} did not come true within {seconds} s\n{self.unit.log.read_text()[-3000:]}")
            time.sleep(0.2)
        return result

    def run_dag(self, dag_id, run_id):
        self.wait_for(f"DAG {dag_id}", lambda: f'"{dag_id}"' in self.venturi("dags", "list", "-o", "json").stdout)
        self.venturi("dags", "unpause", dag_id)
        self.venturi("dags", "trigger", dag_id, "-r", run_id)
        self.assertEqual(self.wait_for("its end", lambda: self.state(dag_id, run_id)), "success")

    def state(self, dag_id, run_id):
        state = self.venturi("dags", "state", dag_id, run_id).stdout.strip().partition(",")[0]
        return state if state in ("success", "failed") else None

    def put(self, name, text):
        path = self.debian.path(HOME / "dags" / name)
        path.write_text(text)
        path.chmod(0o644)

    # In this order: each finds what the one before left.

    def test_1_install(self):
        self.debian.apt("install", "systemd", f"/packages/venturi_{OLDER}.deb")
        home = self.debian.run("stat", "-c", "%a %U %G", HOME).stdout.strip()
        self.assertEqual(home, "700 venturi venturi")
        self.assertEqual(self.debian.run("stat", "-c", "%a %U", "/etc/venturi/environment").stdout.strip(), "640 root")
        self.assertIn("/usr/sbin/nologin", self.debian.run("getent", "passwd", "venturi").stdout)
        verified = self.debian.run("systemd-analyze", "verify", "--man=no", "venturi.service", check=False)
        self.assertEqual((verified.returncode, verified.stdout + verified.stderr), (0, ""))
        self.debian.run("systemd-analyze", "security", "--offline=true", "--threshold=30", "venturi.service")
        self.assertTrue(self.debian.path("/etc/systemd/system/multi-user.target.wants/venturi.service").is_symlink())

    def test_2_start_and_run_a_dag(self):
        self.put("greeting.yaml", YAML_DAG)
        self.start()
        self.run_dag("greeting", "first")
        self.assertIn("hello from venturi", self.venturi("tasks", "logs", "greeting", "greet", "first").stdout)
        self.stop()

    def test_3_upgrade(self):
        self.put("../venturi.toml", "[core]\nparallelism = 7\n")
        self.debian.run("chown", "venturi:venturi", HOME / "venturi.toml")
        self.debian.run("chmod", "600", HOME / "venturi.toml")
        environment = self.debian.path("/etc/venturi/environment")
        environment.write_text("AIRFLOW_VAR_WHO=Ada\n")
        # g++ is the alternative to clang-19 that is less to install, and more easily led astray by an SDK in /usr/include.
        self.debian.apt("install", "g++", "pkg-config", f"/packages/venturi_{self.version}_{self.arch()}.deb",
                        f"/packages/venturi-dev_{self.version}_{self.arch()}.deb")
        self.assertEqual(environment.read_text(), "AIRFLOW_VAR_WHO=Ada\n")
        self.assertEqual(self.venturi("version").stdout.splitlines()[0], self.version)
        self.put("compiled.cpp", CPP_DAG)
        self.start()
        self.assertEqual(self.state("greeting", "first"), "success")
        self.run_dag("greeting", "second")
        self.run_dag("compiled", "first")
        self.assertEqual(json.loads(self.venturi("config", "list", "--section", "core", "-o", "json").stdout)[1]["value"], "7")
        self.stop()

    def test_4_a_program_by_pkg_config(self):
        self.debian.path("/tmp/compiled.cpp").write_text(CPP_DAG)
        self.debian.run("sh", "-c", "cd /tmp && g++ -o compiled compiled.cpp $(pkg-config --cflags --libs venturi)")
        self.assertIn("compiled", self.debian.run("/tmp/compiled").stdout)

    def test_5_remove_keeps_the_home(self):
        self.debian.apt("remove", "venturi")
        self.assertFalse(self.debian.path("/usr/bin/venturi").exists())
        self.assertFalse(self.debian.path("/usr/include/venturi").exists())
        self.assertTrue(self.debian.path(HOME / "venturi.db").exists())
        self.assertTrue(self.debian.path("/etc/venturi/environment").exists())

    def test_6_purge_does_not(self):
        self.debian.apt("purge", "venturi")
        self.assertFalse(self.debian.path(HOME).exists())
        self.assertFalse(self.debian.path("/etc/venturi").exists())

    @staticmethod
    def arch():
        return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    unittest.main(verbosity=2)
