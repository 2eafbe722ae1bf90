"""A Docker engine for tests: the one that the machine has, or dockerd on folders of its own, ended with the test.

Images that cannot be pulled are made here: the Debian base from debootstrap, the others from tests/docker/stand_ins. On the machine's own
engine nothing is left behind, and names that were somebody else's are given back.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
BASE = "debian:bookworm-slim"
COMPOSE_PLUGIN = """#!/bin/sh
# Hands `docker compose ...` to docker-compose 1.29, where the machine has no Compose v2.
if [ "$1" = docker-cli-plugin-metadata ]; then
  echo '{"SchemaVersion": "0.1.0", "Vendor": "tests", "Version": "1.29", "ShortDescription": "docker-compose"}'
  exit
fi
shift
exec docker-compose "$@"
"""


def debian(folder=CACHE / "debian-12"):
    """A minimal Debian 12 made by debootstrap, once for all tests."""
    if not folder.exists():
        making = folder.with_name(folder.name + ".making")
        shutil.rmtree(making, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", making], check=True, stdout=subprocess.DEVNULL)
        # As on a machine that is kept up to date: fixes come from there, and what the machine's packages were built with.
        sources = making / "etc" / "apt" / "sources.list"
        archive = sources.read_text().split()[1]
        sources.write_text(f"deb {archive} bookworm main\ndeb {archive} bookworm-updates main\ndeb {archive}-security bookworm-security main\n")
        making.rename(folder)
    return folder


class DockerEngine:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment = dict(os.environ)
        self.process = None
        self.named = {}  # the images that the test gave a name → the id that had it before, None where there was none

    def start(self):
        if shutil.which("docker") and self.run("info", check=False).returncode == 0:
            self.find_compose()
            return self
        if os.getuid() != 0 or not shutil.which("dockerd"):
            raise unittest.SkipTest("no Docker engine runs here, and only root can start one (package docker.io)")
        self.rules = subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout
        for table, chains in (("filter", ":FORWARD ACCEPT"), ("nat", ":PREROUTING ACCEPT")):
            if f"*{table}\n" not in self.rules:  # nobody has used it so far
                self.rules += f"*{table}\n{chains}\nCOMMIT\n"
        self.ip_forward = pathlib.Path("/proc/sys/net/ipv4/ip_forward").read_text()
        self.socket = self.folder / "docker.sock"
        self.environment["DOCKER_HOST"] = f"unix://{self.socket}"
        with (self.folder / "dockerd.log").open("w") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--data-root", CACHE / "docker", "--exec-root", self.folder / "exec", "--pidfile", self.folder / "dockerd.pid",
                 "-H", f"unix://{self.socket}"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while self.run("info", check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit("dockerd did not start:\n" + (self.folder / "dockerd.log").read_text()[-3000:])
            time.sleep(0.2)
        self.find_compose()
        return self

    def find_compose(self):
        if self.run("compose", "version", check=False).returncode == 0:
            return
        if not shutil.which("docker-compose"):
            raise unittest.SkipTest("there is neither Compose v2 nor docker-compose (package docker-compose)")
        plugins = self.folder / "docker_config" / "cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / "docker-compose").write_text(COMPOSE_PLUGIN)
        (plugins / "docker-compose").chmod(0o755)
        self.environment["DOCKER_CONFIG"] = str(plugins.parent)

    def stop(self):
        if self.process is None:
            self.remove_images()
            return
        self.run("image", "prune", "-f", check=False)  # its images stay, so that the next test is quicker; not those of the one before
        self.process.terminate()
        self.process.wait(60)
        # What it changed in the machine's network.
        with contextlib.suppress(OSError):
            pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text(self.ip_forward)
        subprocess.run(["iptables-restore"], input=self.rules, text=True, check=False)
        subprocess.run(["ip", "link", "delete", "docker0"], check=False, capture_output=True)

    def run(self, *words, check=True, **more):
        """`docker words...`, with what it wrote."""
        done = subprocess.run(["docker", *map(str, words)], env={**self.environment, "DOCKER_BUILDKIT": "0"}, text=True, check=False, cwd=ROOT,
                              **({"capture_output": True} | more))
        if check and done.returncode != 0:
            raise AssertionError(f"docker {' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def out(self, *words):
        return self.run(*words).stdout.strip()

    def inspect(self, name):
        return json.loads(self.out("inspect", name))[0]

    def has_image(self, name):
        return self.run("image", "inspect", name, check=False).returncode == 0

    def will_name(self, name):
        """To be called before an image of this name is made or pulled."""
        before = self.run("image", "inspect", "-f", "{{.Id}}", name, check=False)
        self.named.setdefault(name, before.stdout.strip() if before.returncode == 0 else None)

    def remove_images(self):
        for name, before in reversed(self.named.items()):
            self.run("rmi", name, check=False)
            if before is not None:
                self.run("tag", before, name)
        self.named.clear()

    def build(self, name, *words):
        self.will_name(name)
        self.run("build", "-q", "-t", name, *words)

    def image(self, name, stand_in):
        """There, pulled, or made from the folder `stand_in`. Tells where it came from."""
        if self.has_image(name):
            return "it was there"
        self.will_name(name)
        if self.run("pull", "-q", name, check=False).returncode == 0:
            return "pulled"
        self.base()
        self.build(name, ROOT / "tests" / "docker" / "stand_ins" / stand_in)
        return "a stand-in"

    def base(self):
        if self.has_image(BASE):
            return
        self.will_name(BASE)
        if self.run("pull", "-q", BASE, check=False).returncode == 0:
            return
        with subprocess.Popen(["tar", "-C", debian(), "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./var/lib/apt/lists/*",
                               "--exclude=./usr/share/doc/*", "--exclude=./usr/share/man/*", "--exclude=./usr/share/locale/*", "-c", "."],
                              stdout=subprocess.PIPE) as tar:
            self.run("import", "-", BASE, stdin=tar.stdout)
