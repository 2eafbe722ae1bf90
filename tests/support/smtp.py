"""The SMTP server of scripts/smtp_server.py: asks for a login, keeps each mail as .eml."""

import json
import os
import pathlib
import secrets
import shutil
import subprocess

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "smtp_server.py"


class Smtp:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.password = secrets.token_urlsafe(12) + "@;%"

    def start(self, *options):
        self.process = subprocess.Popen(["/usr/bin/python3", PROGRAM, "--folder", self.folder, "--user", "venturi", "--until-stdin-ends", *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "SMTP_SERVER_PASSWORD": self.password})
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the SMTP server did not start")
        self.port = int(line)
        return self

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    @property
    def connection(self):
        return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": self.port, "login": "venturi", "password": self.password,
                           "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "venturi@example.com"}})

    def mails(self):
        return sorted(self.folder.glob("*.eml"))
