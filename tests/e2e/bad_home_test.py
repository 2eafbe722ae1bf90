"""Homes that are not as they should be: a full disk, a read-only file system, a database that is damaged, two servers."""

import fcntl
import os
import pathlib
import shutil
import socket
import subprocess
import time
import unittest

from support.case import DAGS, HomeCase, end_all, processes_of
from support.venturi import BIN, Venturi


class TwoServersTest(HomeCase):
    programs = ("chain",)

    def test_a_home_has_one_server_and_one_worker(self):
        self.start_server("chain")
        for command in ("standalone", "server"):
            self.assert_failed(self.venturi.run(command, timeout=20), f"error: {self.venturi.home}: the home is in use by process {self.venturi.process.pid}",
                               "(stop it, or set VENTURI_HOME to another folder)")
        self.assert_failed(self.venturi.run("worker", timeout=20), f"another worker has {self.venturi.home}", code=3)
        self.assertEqual(self.venturi.trigger("chain", "undisturbed"), "success")

    def test_a_home_may_lie_deeper_than_the_address_of_a_socket_is_long(self):
        venturi = self.make_home("deep" * 40)
        shutil.copy(DAGS / "chain", venturi.home / "dags" / "chain")
        venturi.start()
        venturi.wait_for_dag("chain")
        self.assertEqual(venturi.trigger("chain", "below"), "success")
        self.assertIn("one said 1", venturi.cli("tasks", "logs", "chain", "two", "below"))

    def test_a_server_waits_for_what_a_dead_one_left_behind(self):
        # A process that it was just starting when it was killed has its lock for a moment longer.
        venturi = self.make_home("left")
        gone = subprocess.run(["sh", "-c", "echo $$"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        (venturi.home / "venturi.lock").write_text(f"{gone}\n{venturi.home}/run/server.sock\n")
        with (venturi.home / "venturi.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            venturi.start()
            time.sleep(0.5)
            venturi.check_server()
        venturi.wait_until(lambda: venturi.run("variables", "set", "a", "b").returncode == 0, what="the server")

    def test_only_the_api_listens_and_on_loopback(self):
        # What is left of an old local socket is no hindrance.
        venturi = self.make_home("socket")
        (venturi.home / "run" / "server.sock").touch(0o600)
        venturi.start()
        venturi.wait_until(lambda: venturi.run("variables", "set", "a", "b").returncode == 0, what="the server")
        own = {os.readlink(f) for pid in processes_of(venturi.home) for f in pathlib.Path(f"/proc/{pid}/fd").iterdir() if f.is_symlink()}
        address = venturi.home / "run" / "api_url"
        venturi.wait_until(address.exists, what="the API")
        own = {os.readlink(f) for pid in processes_of(venturi.home) for f in pathlib.Path(f"/proc/{pid}/fd").iterdir() if f.is_symlink()}
        port = int(address.read_text().strip().rpartition(":")[2])
        found = []
        for table in ("tcp", "tcp6", "udp", "udp6"):
            for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                if f"socket:[{line.split()[9]}]" in own:
                    found.append((table, line.split()[1]))
        self.assertEqual(found, [("tcp", f"0100007F:{port:04X}")])

    def test_a_port_that_is_in_use(self):
        venturi = self.make_home("port")
        with socket.create_server(("127.0.0.1", 0)) as other:
            venturi.environment["VENTURI__API__PORT"] = str(other.getsockname()[1])
            self.assert_failed(venturi.run("standalone", timeout=20), "another program listens here already", "[api] port")


class DamagedDatabaseTest(HomeCase):
    def fails_everywhere(self, venturi, *parts):
        before = (venturi.home / "venturi.db").read_bytes()
        for words in (("standalone",), ("db", "check"), ("dags", "list"), ("variables", "set", "a", "b"), ("db", "migrate")):
            with self.subTest(words):
                self.assert_failed(venturi.run(*words, timeout=20), venturi.home / "venturi.db", *parts)
        self.assertEqual((venturi.home / "venturi.db").read_bytes(), before)  # what can be saved is not made worse

    def test_a_file_that_is_no_database(self):
        venturi = self.make_home("rubbish")
        (venturi.home / "venturi.db").write_bytes(b"This is a text, not a database.\n" * 500)
        for suffix in ("-wal", "-shm"):
            (venturi.home / ("venturi.db" + suffix)).unlink(missing_ok=True)
        self.fails_everywhere(venturi, "the file is no SQLite database", "restore it from a backup, or move it away to begin with an empty one")

    def test_a_database_that_was_cut_off(self):
        venturi = self.make_home("cut")
        self.assertFalse((venturi.home / "venturi.db-wal").exists() and (venturi.home / "venturi.db-wal").stat().st_size)
        os.truncate(venturi.home / "venturi.db", 20480)
        self.fails_everywhere(venturi, "the database file is damaged", "restore a backup, or save what is readable: sqlite3", ".recover")

    def test_check_finds_a_damaged_page(self):
        venturi = self.make_home("page")
        for i in range(10):
            venturi.cli("variables", "set", f"v{i}", "x" * 3000)
        with (venturi.home / "venturi.db").open("r+b") as f:
            f.seek(-4096, os.SEEK_END)
            f.write(b"\xff" * 4096)
        self.assert_failed(venturi.run("db", "check"), venturi.home / "venturi.db", "damaged")


@unittest.skipUnless(os.getuid() == 0, "a file system of its own can be mounted by root only")
class OwnFileSystemTest(HomeCase):
    def mounted(self, name, size):
        folder = self.folder / name
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "venturi_e2e", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", folder], check=True)
        venturi = Venturi(folder / "home", VENTURI__CORE__MIN_FREE_DISK_MIB="0")  # what stops before it is full is upkeep_test.py's
        self.addCleanup(end_all, venturi)
        venturi.log = self.folder / (name + ".log")
        venturi.cli("db", "migrate")
        return venturi

    def test_a_full_disk_holds_everything_up_and_loses_nothing(self):
        venturi = self.mounted("small", "24m")
        type(self).venturi = venturi
        self.put_program("chain")
        self.start_server("chain")
        self.assertEqual(venturi.trigger("chain", "before"), "success")
        filler = venturi.home.parent / "filler"
        with filler.open("wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass
        waiting = subprocess.Popen([BIN / "venturi", "dags", "trigger", "chain", "-r", "meanwhile"], env=venturi.environment, stdout=subprocess.DEVNULL)
        self.addCleanup(waiting.wait)
        self.addCleanup(waiting.kill)
        try:
            venturi.wait_until(lambda: "nothing goes on until the database can be written" in venturi.log.read_text(), what="the word of it")
            self.assert_parts(venturi.log.read_text(), venturi.home / "venturi.db", "the disk or its quota is full", "make room in")
            self.assertIsNone(waiting.poll())
            self.assertEqual([row["run_id"] for row in venturi.rows("dags", "list-runs", "chain") if row["run_id"] == "meanwhile"], [])
        finally:
            filler.unlink()
        self.assertEqual(waiting.wait(30), 0)
        self.assertEqual(venturi.wait_for_run("chain", "meanwhile"), "success")
        self.assertEqual(venturi.trigger("chain", "after"), "success")

    def test_a_read_only_home(self):
        venturi = self.mounted("fixed", "24m")
        subprocess.run(["mount", "-o", "remount,ro", venturi.home.parent], check=True)
        for words in (("standalone",), ("worker",), ("variables", "set", "a", "b"), ("db", "migrate")):
            with self.subTest(words):
                self.assert_failed(venturi.run(*words, timeout=20), venturi.home, "the file system is read-only",
                                   "set VENTURI_HOME to a folder on a file system that can be written")
        subprocess.run(["mount", "-o", "remount,rw", venturi.home.parent], check=True)
        venturi.cli("variables", "set", "a", "b")


if __name__ == "__main__":
    unittest.main()
