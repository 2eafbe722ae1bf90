"""A PostgreSQL cluster of its own on a free loopback port."""

import contextlib
import os
import pathlib
import pwd
import secrets
import shutil
import socket
import subprocess

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Postgres:
    """initdb and the server run as the user postgres where we are root, which PostgreSQL refuses. The folder is kept by stop(),
    and start() goes on with what it holds."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.password_file = self.folder.with_name(self.folder.name + "_password")
        self.data = self.folder / "data"
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if not (PROGRAMS / "initdb").exists():
            raise SystemExit("there is no PostgreSQL 15 (install it: apt-get install postgresql-15)")

    def run(self, *command, **more):
        return subprocess.run([*self.prefix, *map(str, command)], check=True, cwd="/", **more)

    def start(self):
        first = not (self.data / "PG_VERSION").exists()
        if first:
            self.initialize()
        with contextlib.suppress(subprocess.CalledProcessError):  # one that a killed run left behind
            self.run(PROGRAMS / "pg_ctl", "-D", self.data, "-m", "immediate", "stop", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self.run(PROGRAMS / "pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start", stdout=subprocess.DEVNULL)
        if first:
            self.sql("create database test_db", database="postgres")
        return self

    def initialize(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        descriptor = os.open(self.password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as f:
            f.write(secrets.token_urlsafe(18) + "\n")
        if self.prefix:
            user = pwd.getpwnam("postgres")
            for path in (self.folder, self.password_file):
                os.chown(path, user.pw_uid, user.pw_gid)
        self.run(PROGRAMS / "initdb", "-D", self.data, "-A", "scram-sha-256", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                 f"--pwfile={self.password_file}", "-N", stdout=subprocess.DEVNULL)

    def stop(self):
        self.run(PROGRAMS / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop", stdout=subprocess.DEVNULL)

    @property
    def password(self):
        return self.password_file.read_text().strip()

    @property
    def connection(self):
        """As people write it who come from .NET."""
        return f"Host=127.0.0.1;Database=test_db;Port={self.port};Username=postgres;Password={self.password}"

    def sql(self, text, database="test_db", **more):
        environment = {**os.environ, "PGPASSWORD": self.password}
        return subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database,
                               "-c", text], check=True, env=environment, **more)
