"""What the end-to-end tests have in common: a home of their own, a server on it, and nothing left behind."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from .venturi import BIN, Venturi

DAGS = pathlib.Path(os.environ.get("VENTURI_DAGS", BIN.parent / "dags"))


class HomeCase(unittest.TestCase):
    """One home for the tests of a class; `programs` are those of tests/dags that lie in its DAGs folder."""

    programs = ()
    environment = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.temporary_folder()
        cls.venturi = cls.make_home("home", **cls.environment)
        for program in cls.programs:
            cls.put_program(program)

    @classmethod
    def temporary_folder(cls):
        folder = tempfile.TemporaryDirectory(prefix="venturi_e2e_")
        cls.addClassCleanup(folder.cleanup)
        os.chmod(folder.name, 0o711)  # PostgreSQL runs as another user where we are root
        return pathlib.Path(folder.name)

    @classmethod
    def make_home(cls, name, **environment):
        venturi = Venturi(cls.folder / name, **environment)
        cls.addClassCleanup(end_all, venturi)
        venturi.cli("db", "migrate")
        return venturi

    @classmethod
    def put_program(cls, program, name=None):
        """Under a temporary name first: what lies in the DAGs folder is complete."""
        target = cls.venturi.home / "dags" / (name or program)
        shutil.copy(DAGS / program, target.with_name("." + target.name))
        target.with_name("." + target.name).rename(target)

    @classmethod
    def start_server(cls, *dag_ids):
        cls.venturi.start()
        for dag_id in dag_ids:
            cls.venturi.wait_for_dag(dag_id)

    def assert_failed(self, done, *parts, code=1):
        """The command ended with this code, and its message says all of this."""
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assert_parts(done.stderr, *parts)

    def assert_parts(self, text, *parts):
        for part in parts:
            self.assertIn(str(part), text)

    def states(self, dag_id, run_id):
        return {task: row["state"] for task, row in self.venturi.states(dag_id, run_id).items()}

    def task_log(self, dag_id, run_id, task_id, *more):
        return self.venturi.cli("tasks", "logs", dag_id, task_id, run_id, *more)

    def import_error(self, name, *parts, seconds=120):
        """Waits for the import error of this file, and that it says all of this."""
        def told():
            rows = self.import_errors()
            return name in rows and all(part in rows[name] for part in parts)
        try:
            self.venturi.wait_until(told, seconds, f"the import error of {name}")
        except TimeoutError:
            self.assert_parts(self.import_errors().get(name, "(there is no import error)"), *parts)
        return self.import_errors()[name]

    def import_errors(self):
        return {path.rsplit("/", 1)[-1]: error for path, error in self.venturi.import_errors().items()}


def processes_of(home):
    """pid → command line of all processes that work for this home."""
    marks = (f"VENTURI_HOME={home}".encode(), f"VENTURI_WORKER={home}".encode())
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue  # it ended meanwhile, or is somebody else's
        if int(folder.name) != os.getpid() and any(mark in environment for mark in marks):
            found[int(folder.name)] = command
    return found


def end_all(venturi):
    """Drains; a test that failed may have left tasks that never end."""
    process = venturi.process
    venturi.process = None
    if process is not None:
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            process.send_signal(number)
            try:
                process.wait(8)
                break
            except subprocess.TimeoutExpired:
                continue
    for pid in processes_of(venturi.home):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
