"""Every example of docs/reference/cli.md, and that each command has one: run in a shell as they stand there, on a home with what they
name. What they do is tested elsewhere; here, that they do it."""

import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import unittest

from support.case import HomeCase
from support.venturi import BIN, ROOT

EXAMPLE = """
dag_id: example
schedule: "@daily"
start_date: 2026-01-01
catchup: false
is_paused_upon_creation: false
params: {limit: 5}
tags: [demo]
tasks:
  extract: {operator: BashOperator, bash_command: "echo rows", outlets: [{name: orders}]}
  load: {operator: BashOperator, bash_command: "echo {{ params.limit }}", upstream: extract}
"""
FILES = {
    "uri.txt": "postgresql://me:a-long-secret@db.example/shop",
    "connections.json": json.dumps({"other_db": "postgresql://db.example/other"}),
    "pools.json": json.dumps({"shop": {"slots": 2, "description": ""}}),
    "variables.json": json.dumps({"limit": 10}),
    "airflow.cfg": "[core]\nparallelism = 8\nexecutor = LocalExecutor\n",
    "src/providers/skeleton/src/providers/@name@/provider.cpp.in": "",
    "orders.yaml": EXAMPLE.replace("dag_id: example", "dag_id: orders"),
}
PROGRAMS = ("standalone", "server", "worker")
ELSEWHERE = ("plugins install",)  # tests/formats: it gets 50 MB from PyPI
WITHOUT_A_SERVER = ("rotate-fernet-key", "db reset", "db restore")


def examples():
    """(command, line) of each in the page; and the commands."""
    page = (ROOT / "docs" / "reference" / "cli.md").read_text()
    commands, found = [], []
    for section in re.split(r"^### venturi ", page, flags=re.MULTILINE)[1:]:
        command = section.partition("\n")[0]
        commands.append(command)
        for block in re.findall(r"^```sh\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL):
            found += [(command, line) for line in block.splitlines() if line]
    return commands, found


class ReferenceTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.work = cls.folder / "work"
        cls.work.mkdir()
        (cls.folder / ".local/share/bash-completion/completions").mkdir(parents=True)
        for name, content in FILES.items():
            (cls.work / name).parent.mkdir(parents=True, exist_ok=True)
            (cls.work / name).write_text(content)
            (cls.work / name).chmod(0o600)
        cls.backups = cls.folder / "backups"
        cls.backups.mkdir()
        (cls.venturi.home / "dags" / "example.yaml").write_text(EXAMPLE)
        cls.website = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        cls.website.RequestHandlerClass.log_message = lambda *_: None
        threading.Thread(target=cls.website.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.website.server_close)
        cls.addClassCleanup(cls.website.shutdown)
        cls.environment_of_shell = {**cls.venturi.environment, "HOME": str(cls.folder), "PATH": f"{BIN}:{os.environ['PATH']}"}

    def serve(self):
        if self.venturi.process is None:
            self.start_server("example")

    def prepare(self, command, line):
        """What the example needs is there, and nothing that it is about to make."""
        run = self.venturi.run
        group = command.partition(" ")[0]
        if command in WITHOUT_A_SERVER or command in PROGRAMS or group == "backfill":
            self.venturi.stop()
        else:
            self.serve()
        if command in PROGRAMS:
            return
        if group == "connections":
            run("connections", "delete", "test_db")
            (self.work / "connections.json").write_text(FILES["connections.json"])
            if command != "connections add":
                self.venturi.connection("test_db", FILES["uri.txt"])
        if group == "variables":
            run("variables", "set", "limit", "10")
            (self.work / "variables.json").write_text(FILES["variables.json"])
        if group == "pools":
            run("pools", "set", "shop_database", "2", "")
            (self.work / "pools.json").write_text(FILES["pools.json"])
        if group == "backfill" and command != "backfill create" and not self.venturi.rows("backfill", "list"):
            self.venturi.cli("backfill", "create", "--dag-id", "example", "--from-date", "2026-01-01", "--to-date", "2026-01-03")
        if command == "db restore":
            shutil.rmtree(self.backups / "venturi-2026-01-31", ignore_errors=True)
            self.venturi.cli("db", "backup", self.backups / "venturi-2026-01-31")
        if re.search(r"example\b.*\bfirst\b", line):
            self.venturi.cli("dags", "unpause", "example")
            if run("dags", "state", "example", "first").returncode != 0:
                self.venturi.cli("dags", "trigger", "example", "-r", "first")
            self.venturi.wait_for_run("example", "first")
        if command == "doctor":  # a server that has just begun waits for its worker
            self.venturi.wait_until(lambda: run("doctor").returncode == 0, 30, "a worker")
        if command == "connections test":
            self.venturi.connection("website", f"http://127.0.0.1:{self.website.server_port}")
        if command == "dags delete":
            self.venturi.cli("dags", "unpause", "example")
            self.venturi.wait_until(lambda: all(row["state"] in ("success", "failed") for row in self.venturi.rows("dags", "list-runs", "example")),
                                    60, "the end of all runs")
        if command == "tasks failed-deps":  # of runs that have not ended
            self.venturi.cli("dags", "pause", "example")
            self.venturi.cli("dags", "clear", "example", "--run-id", "first", "--yes")

    def shell(self, line, **more):
        line = line.replace("/backups/", f"{self.backups}/")
        return subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=self.work, env=self.environment_of_shell, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=120, **more)

    def program(self, line):
        """Runs until it is ended, and ends well then."""
        process = subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=self.work, env=self.environment_of_shell, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        def minds_signals():
            """It has ended, or SIGTERM is blocked or caught: by the program, no longer by the shell."""
            if process.poll() is not None:
                return True
            status = dict(row.split(":\t", 1) for row in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines() if ":\t" in row)
            mask = int(status["SigBlk"], 16) | int(status["SigCgt"], 16)
            return status["Name"].startswith("venturi") and mask >> (signal.SIGTERM - 1) & 1
        self.venturi.wait_until(minds_signals, 30, f"{line} to mind SIGTERM")
        self.assertIsNone(process.poll(), process.stdout.read() if process.poll() is not None else "")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, out)

    def test_every_example(self):
        commands, found = examples()
        self.assertGreater(len(commands), 80)
        self.assertEqual(set(commands) - {command for command, _ in found}, set(), "commands without an example")
        for command, line in found:
            with self.subTest(line):
                if command in ELSEWHERE:
                    continue
                self.prepare(command, line)
                if command in PROGRAMS:
                    self.program(line)
                    continue
                done = self.shell(line)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_completion_in_bash(self):
        self.serve()
        script = 'eval "$(venturi completion bash)"; COMP_LINE=$1; COMP_POINT=${#1}; _venturi; printf "%s\\n" "${COMPREPLY[@]}"'
        def offered(line):
            done = subprocess.run(["bash", "-c", script, "bash", line], env=self.environment_of_shell, text=True, capture_output=True)
            self.assertEqual(done.stderr, "")
            return done.stdout.split()
        self.assertEqual(offered("venturi dags unp"), ["unpause"])
        self.assertEqual(offered("venturi dags unpause "), ["example"])
        self.assertEqual(offered("venturi tasks why example l"), ["load"])
        self.assertEqual(offered("venturi dags list -o "), ["table", "json", "yaml", "plain"])
        self.venturi.trigger("example", "a:b:c")
        self.assertEqual(offered("venturi dags state example a:b"), ["b:c"], "readline replaces what is behind the last colon")


if __name__ == "__main__":
    unittest.main()
