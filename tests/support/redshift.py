"""A stand-in for Redshift (tests/servers/redshift_server.py) in front of a PostgreSQL and an S3."""

import json
import os
import pathlib
import subprocess

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "servers" / "redshift_server.py"


class Redshift:
    def __init__(self, postgres, s3):
        self.postgres, self.s3 = postgres, json.loads(s3.connection)

    def start(self):
        command = ["python3", PROGRAM, "--postgres", f"127.0.0.1:{self.postgres.port}", "--database", "test_db",
                   "--s3", self.s3["extra"]["endpoint_url"], "--access-key", self.s3["login"]]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PGPASSWORD": self.postgres.password})
        self.port, self.data_api_port = (int(self.process.stdout.readline()) for _ in range(2))
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    @property
    def connection(self):
        return json.dumps({"conn_type": "redshift", "host": "127.0.0.1", "port": self.port, "schema": "test_db", "login": "postgres",
                           "password": self.postgres.password})

    @property
    def aws_connection(self):
        """The S3's, with the Data API beside it."""
        endpoint = {"endpoint_url": f"http://127.0.0.1:{self.data_api_port}"}
        return json.dumps(self.s3 | {"extra": self.s3["extra"] | {"service_config": {"redshift-data": endpoint}}})
