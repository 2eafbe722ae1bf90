"""Users beside the admin: made, changed and deleted by the command line while a server runs, and what each may do."""

import json
import os
import pty
import pwd
import sqlite3
import stat
import subprocess
import unittest

from support.api import Api
from support.case import HomeCase
from support.venturi import BIN

DAG = """
dag_id: shop
tasks:
  first: {operator: EmptyOperator}
"""
PASSWORD = "a-long-secret"


class UsersTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.venturi.home / "dags" / "shop.yaml").write_text(DAG)
        cls.start_server("shop")
        cls.api = Api(cls.venturi)

    def create(self, name, role, password=PASSWORD):
        self.venturi.cli("users", "create", "-u", name, "-r", role, "-p", "-", input=password + "\n")
        self.addCleanup(self.venturi.run, "users", "delete", "-u", name)

    def log_in(self, name, password=PASSWORD):
        status, body = self.api("POST", "/auth/token", {"username": name, "password": password}, token=None)
        return body["access_token"] if status == 201 else status

    def status(self, token, method, path, body=None):
        return self.api(method, "/api/v2" + path, body, token=token)[0]

    def roles(self):
        return {row["username"]: row["role"] for row in self.venturi.rows("users", "list")}

    def test_a_viewer_reads_and_changes_nothing(self):
        self.create("ada", "viewer")
        token = self.log_in("ada")
        for path in ("/dags", "/dags/shop/dagRuns", "/pools", "/eventLogs"):
            self.assertEqual(self.status(token, "GET", path), 200, path)
        for method, path, body in (("PATCH", "/dags/shop", {"is_paused": False}), ("POST", "/dags/shop/dagRuns", {"logical_date": None}),
                                   ("DELETE", "/dags/shop", None), ("GET", "/connections", None), ("GET", "/variables", None),
                                   ("POST", "/pools", {"name": "p", "slots": 1})):
            self.assertEqual(self.status(token, method, path, body), 403, (method, path))
        self.assertEqual((self.log_in("ada", "wrong-password"), self.log_in("nobody")), (401, 401))

    def test_each_role_may_do_more(self):
        for name, role in (("a-user", "User"), ("an-op", "op"), ("an-admin", "admin")):
            self.create(name, role)
        user, op, admin = (self.log_in(name) for name in ("a-user", "an-op", "an-admin"))
        self.assertEqual(self.roles(), {"admin": "admin", "a-user": "user", "an-op": "op", "an-admin": "admin"})
        triggers = [self.status(token, "POST", "/dags/shop/dagRuns", {"logical_date": None}) for token in (user, op, admin)]
        lists = [self.status(token, "GET", "/connections") for token in (user, op, admin)]
        self.assertEqual((triggers, lists), ([200, 200, 200], [403, 200, 200]))
        owners = {row["owner"] for row in self.api.get("/api/v2/eventLogs?event=trigger_dag_run")["event_logs"]}
        self.assertLessEqual({"a-user", "an-op", "an-admin"}, owners)

    def test_a_deleted_user_is_out_at_once(self):
        self.create("ada", "op")
        token = self.log_in("ada")
        self.assertEqual(self.status(token, "GET", "/connections"), 200)
        self.venturi.cli("users", "delete", "--username", "ada")
        self.assertEqual((self.status(token, "GET", "/dags"), self.log_in("ada")), (403, 401))
        self.create("ada", "viewer")
        self.assertEqual(self.status(token, "GET", "/connections"), 403, "the role is that of now")
        self.assert_failed(self.venturi.run("users", "delete", "-u", "nobody"), "there is no user nobody", "users list")
        self.assert_failed(self.venturi.run("users", "delete", "-u", "admin"), "every home has")

    def test_the_event_log_has_what_became_of_users(self):
        self.create("eve", "viewer")
        told = self.venturi.cli("users", "reset-password", "-u", "eve", "--use-random-password")
        self.assert_failed(self.venturi.run("users", "create", "-u", "eve", "-r", "op", "--use-random-password"), "there is a user eve")
        self.venturi.cli("users", "delete", "-u", "eve")
        self.assert_failed(self.venturi.run("users", "delete", "-u", "eve"), "there is no user eve")
        rows = [row for row in self.api.get("/api/v2/eventLogs?event_pattern=cli_users&limit=100")["event_logs"] if "eve" in row["extra"]]
        self.assertEqual([(row["event"], json.loads(row["extra"])) for row in rows],
                         [("cli_users_create", {"username": "eve", "role": "viewer"}), ("cli_users_reset_password", {"username": "eve"}),
                          ("cli_users_delete", {"username": "eve", "role": "viewer"})])
        self.assertEqual({row["owner"] for row in rows}, {pwd.getpwuid(os.geteuid()).pw_name})
        text = json.dumps(rows)
        self.assertNotIn(PASSWORD, text)
        self.assertNotIn(told.split()[-1], text)
        self.assertNotIn("scrypt", text)

    def test_the_event_log_has_it_without_a_server_too(self):
        home = self.make_home("no_server")
        home.cli("users", "create", "-u", "ada", "-r", "op", "--use-random-password")
        home.cli("users", "reset-password", "-u", "admin", "--use-random-password")
        database = sqlite3.connect(home.home / "venturi.db")
        self.addCleanup(database.close)
        self.assertEqual([(event, json.loads(extra)) for event, extra in database.execute("SELECT event, extra FROM event_log ORDER BY no")],
                         [("cli_users_create", {"username": "ada", "role": "op"}), ("cli_users_reset_password", {"username": "admin"})])

    def test_a_log_out_counts_after_the_server_was_killed(self):
        home = self.make_home("killed")
        home.start()
        api = Api(home)
        gone, cookie, kept = ([api("POST", "/auth/token", {"username": "admin", "password": (home.home / "admin_password").read_text().strip()}, token=None)[1]["access_token"]
                               for _ in range(3)])
        status = lambda token: api("GET", "/api/v2/dags", token=token)[0]
        self.assertEqual([status(token) for token in (gone, cookie, kept)], [200, 200, 200])
        status_of_page, page = api("GET", "/api/v2/auth/logout", token=gone, headers={"cookie": f"_token={cookie}"}.items(), raw=True)
        self.assertEqual(status_of_page, 200, "it leads to the log-in")
        home.process.kill()  # at once: the answer said that it is durable
        home.process.wait()
        home.start()
        api = Api(home)
        self.assertEqual([status(token) for token in (gone, cookie, kept)], [403, 403, 200])
        self.assertEqual(api("GET", "/api/v2/dags", token=gone), (403, {"detail": "Invalid JWT token"}))
        home.stop()

    def test_a_new_password(self):
        self.create("ada", "viewer")
        told = self.venturi.cli("users", "reset-password", "-u", "ada", "--use-random-password")
        password = told.split()[-1]
        self.assertEqual(self.log_in("ada"), 401)
        self.assertIsInstance(self.log_in("ada", password), str)
        self.venturi.cli("users", "reset-password", "-u", "ada", "-p", "-", input="another-one\n")
        self.assertIsInstance(self.log_in("ada", "another-one"), str)
        self.assert_failed(self.venturi.run("users", "reset-password", "-u", "me", "--use-random-password"), "there is no user me")

    def test_what_is_kept_is_a_hash(self):
        self.create("ada", "viewer")
        file = self.venturi.home / "users"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertTrue(file.read_text().startswith("ada viewer scrypt:"), file.read_text())
        self.assertNotIn(PASSWORD, file.read_text())
        self.assertNotIn(PASSWORD, self.venturi.log.read_text())
        self.venturi.cli("db", "backup", self.folder / "backup")
        self.assertEqual((self.folder / "backup" / "users").read_text(), file.read_text())

    def test_mistakes(self):
        run = self.venturi.run
        self.create("ada", "viewer")
        self.assert_failed(run("users", "create", "-u", "ada", "-r", "op", "--use-random-password"), "there is a user ada already")
        self.assert_failed(run("users", "create", "-u", "admin", "-r", "op", "--use-random-password"), "there is a user admin already")
        self.assert_failed(run("users", "create", "-r", "op"), "--username is missing", code=2)
        self.assert_failed(run("users", "create", "-u", "eve"), "--role is missing", "viewer, user, op, admin", code=2)
        self.assert_failed(run("users", "create", "-u", "eve", "-r", "king"), "there is no role king", code=2)
        self.assert_failed(run("users", "create", "-u", "e v e", "-r", "op"), "no blanks", code=2)
        self.assert_failed(run("users", "create", "-u", "eve", "-r", "op", "-p", PASSWORD), "everybody on this machine can read", code=2)
        self.assert_failed(run("users", "create", "-u", "eve", "-r", "op", "-p", "-", input="short"), "too short")
        self.assert_failed(run("users", "create", "-u", "eve", "-r", "op", input=""), "nobody can be asked", "--use-random-password")
        self.assertNotIn("eve", self.roles())

    def test_the_password_is_asked_for_at_a_terminal(self):
        def asked(name, *lines):
            master, slave = pty.openpty()
            process = subprocess.Popen([BIN / "venturi", "users", "create", "-u", name, "-r", "viewer"], stdin=slave, stdout=slave, stderr=slave,
                                       env=self.venturi.environment)
            os.close(slave)
            out = b""
            def read_until(mark):
                nonlocal out
                while mark not in out:
                    out += os.read(master, 4096)
            for prompt, line in zip((b"does not show:", b"Once more:"), lines):
                read_until(prompt)
                os.write(master, line.encode() + b"\n")
            code = process.wait(30)
            try:
                while piece := os.read(master, 4096):
                    out += piece
            except OSError:
                pass  # its end
            os.close(master)
            return code, out.decode()
        code, out = asked("bea", PASSWORD, PASSWORD)
        self.addCleanup(self.venturi.run, "users", "delete", "-u", "bea")
        self.assertEqual(code, 0, out)
        self.assertNotIn(PASSWORD, out)
        self.assertIsInstance(self.log_in("bea"), str)
        code, out = asked("eve", PASSWORD, PASSWORD + "x")
        self.assertEqual(code, 1, out)
        self.assertIn("the two differ", out)

    def test_the_pages_offer_a_viewer_no_changes(self):
        self.create("ada", "viewer")
        page = {}
        for name, token in (("admin", self.api.token), ("ada", self.log_in("ada"))):
            status, page[name] = self.api("GET", "/", token=None, headers={"cookie": f"venturi_session={token}"}, raw=True)
            self.assertEqual(status, 200)
            self.assertIn("/dags/shop", page[name])
        self.assertIn("/dags/shop/trigger", page["admin"])
        self.assertNotIn("/dags/shop/trigger", page["ada"])


if __name__ == "__main__":
    unittest.main()
