"""The server under a service manager: what it says on NOTIFY_SOCKET, and what it does at SIGHUP."""

import pathlib
import signal
import socket
import unittest

from support.case import HomeCase

DAG = """
dag_id: {0}
schedule: null
start_date: 2026-01-01
tasks:
  say: {{operator: BashOperator, bash_command: 'echo socket=$NOTIFY_SOCKET; ls /proc/self/fd | wc -l'}}
"""


class NotifyTest(HomeCase):
    environment = {"VENTURI__DAG_PROCESSOR__REFRESH_INTERVAL_S": "3600"}

    def setUp(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        path = self.folder / "notify"
        path.unlink(missing_ok=True)
        self.socket.bind(str(path))
        self.socket.settimeout(30)
        self.venturi.environment |= {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "200000"}

    def message(self):
        """The next one that is no sign of life."""
        while (text := self.socket.recv(1024).decode()) == "WATCHDOG=1":
            self.alive += 1
        return text

    def test_a_life_with_a_service_manager(self):
        self.alive = 0
        (self.venturi.home / "dags" / "one.yaml").write_text(DAG.format("one"))
        self.venturi.start()
        self.assertEqual(self.message(), "READY=1")
        # Ready means that it takes commands.
        self.venturi.wait_for_dag("one")
        self.venturi.cli("dags", "unpause", "one")
        self.assertEqual(self.venturi.trigger("one", "first"), "success")
        # Tasks cannot speak in the server's name.
        self.assertIn("socket=\n", self.venturi.cli("tasks", "logs", "one", "say", "first") + "\n")

        self.venturi.process.send_signal(signal.SIGHUP)
        self.assertRegex(self.message(), r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertEqual(self.message(), "READY=1")
        self.assertIn("the configuration was read", self.venturi.log.read_text())

        while self.alive < 5:
            self.assertEqual(self.socket.recv(1024), b"WATCHDOG=1")
            self.alive += 1
        self.venturi.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.message(), "STOPPING=1")
        self.assertEqual(self.venturi.process.wait(30), 0)
        self.venturi.process = None


if __name__ == "__main__":
    unittest.main()
