"""OpenSSH's server with keys of its own, on a free port of this machine."""

import json
import os
import pathlib
import pwd
import socket
import subprocess
import time


class Sftp:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)

    def start(self):
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = self.folder / "sshd_config"
        config.write_text(f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder / 'host'}\nPidFile none\nStrictModes no\n"
                          f"AuthorizedKeysFile {self.folder / 'client.pub'}\nPermitRootLogin yes\nUsePAM no\nSubsystem sftp internal-sftp\n")
        self.log = open(self.folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", config], stderr=self.log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit("sshd did not start (install it: apt-get install openssh-server)")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()

    @property
    def connection(self):
        return json.dumps({"conn_type": "sftp", "host": "127.0.0.1", "port": self.port, "login": pwd.getpwuid(os.geteuid()).pw_name,
                           "extra": {"key_file": str(self.folder / "client"),
                                     "host_key": " ".join((self.folder / "host.pub").read_text(encoding="utf-8").split()[:2])}})
