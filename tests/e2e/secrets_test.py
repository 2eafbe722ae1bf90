"""Where secrets are, and where they are not: modes, the first start, masking, and a search of everything that can be read."""

import os
import pathlib
import re
import stat
import subprocess
import unittest

from support.case import HomeCase, processes_of
from support.venturi import BIN, Venturi

PASSWORD = "correct-horse-battery-staple"
API_KEY = "k9-d41d8cd98f00b204"
TOKEN = "extra-token-5f4dcc3b5aa7"


class SecretsTest(HomeCase):
    programs = ("e2e_processes",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.folder / "files"
        cls.files.mkdir()
        cls.venturi.connection("secret_db", f'{{"conn_type": "postgres", "host": "h", "password": "{PASSWORD}", "extra": {{"token": "{TOKEN}"}}}}')
        cls.venturi.cli("variables", "set", "folder", cls.files)
        cls.venturi.cli("variables", "set", "api_key", "-", input=API_KEY)
        cls.venturi.cli("variables", "set", "colour", "green")
        cls.start_server("betrayal")

    def test_no_secret_is_in_the_open(self):
        self.assertEqual(self.venturi.trigger("betrayal", "one"), "failed")
        self.assertEqual(set((self.files / "betrayed").read_text().split()), {PASSWORD})  # the task had it
        log = self.task_log("betrayal", "one", "betrays")
        self.assert_parts(log, "the password is ***", "stdout *** end", "the key is ***, the colour green", "connecting with *** failed")
        self.assertIn("connecting with *** failed", self.venturi.states("betrayal", "one")["betrays"]["why"])
        # Whatever an ordinary command shows:
        shown = "".join(self.venturi.cli(*words) for words in (
            ("connections", "list", "-o", "json"), ("connections", "get", "secret_db", "-o", "json"), ("variables", "list", "--show-values"),
            ("config", "list")))
        self.assertIn("green", shown)
        secrets = (PASSWORD, API_KEY, TOKEN)
        for secret in secrets:
            self.assertNotIn(secret, shown)
        # All files of the home: database with its WAL, logs, records of the worker.
        files = [path for path in self.venturi.home.rglob("*") if path.is_file()] + [self.venturi.log]
        self.assertGreater(len(files), 6)
        processes = [pathlib.Path(f"/proc/{pid}/{name}") for pid in processes_of(self.venturi.home) for name in ("cmdline", "environ")]
        self.assertGreater(len(processes), 3)
        for path in files + processes:
            try:
                data = path.read_bytes()
            except OSError:
                self.assertNotIn(path, files)
                continue
            for secret in secrets:
                self.assertNotIn(secret.encode(), data, path)

    def test_everything_is_for_its_owner_alone(self):
        self.assertEqual(self.venturi.trigger("betrayal", "modes"), "failed")
        open_ones = [f"{stat.S_IMODE(path.lstat().st_mode):o} {path}" for path in [self.venturi.home, *self.venturi.home.rglob("*")]
                     if not path.is_symlink() and path.lstat().st_mode & 0o077 and self.venturi.home / "dags" not in path.parents]
        self.assertEqual(open_ones, [])

    def test_a_home_that_others_can_read_is_refused_with_the_command_that_mends_it(self):
        venturi = self.make_home("open")
        venturi.home.chmod(0o755)
        (venturi.home / "venturi.db").chmod(0o644)
        for words in (("standalone",), ("dags", "list"), ("variables", "set", "a", "b")):
            done = venturi.run(*words)
            self.assert_failed(done, venturi.home, "it must be for its owner alone: it holds passwords and keys", "mend it with: chmod 700")
        command = re.search(r"mend it with: (.*?)\)?$", done.stderr.strip()).group(1)
        self.assertEqual(os.system(command), 0, command)
        self.assertEqual(venturi.run("variables", "set", "a", "b").returncode, 0)

    def test_the_first_start_shows_the_admin_password_once(self):
        venturi = Venturi(self.folder / "fresh")
        shown = []
        for i in range(2):
            out = self.folder / f"out{i}"
            with out.open("w") as f:
                process = subprocess.Popen([BIN / "venturi", "standalone"], env=venturi.environment, stdin=subprocess.DEVNULL, stdout=f, stderr=f)
            try:
                venturi.wait_until(lambda: "admin password" in out.read_text(), what="the greeting")
            finally:
                process.terminate()
                process.wait(20)
            shown.append(out.read_text())
        file = venturi.home / "admin_password"
        password = file.read_text().strip()
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertGreaterEqual(len(password), 16)
        self.assertIn(f"admin password  {password}   (shown this once; kept in {file})", shown[0])
        self.assertIn(f"admin password  in {file}", shown[1])
        self.assertNotIn(password, shown[1])


if __name__ == "__main__":
    unittest.main()
