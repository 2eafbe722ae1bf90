"""The pages of a real server over HTTP, without a browser: log-in, forms, changes, and texts that would be markup."""

import gzip
import json
import unittest

from support.api import Api
from support.case import HomeCase
from support.pages import Check, Pages

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{"

DAG = """
dag_id: shop
description: %s
tags: [orders]
doc_md: %s
params:
  limit: {default: 3, type: integer, minimum: 1, description: %s}
  region: {default: eu, enum: [eu, us]}
  dry: {default: false, type: boolean}
tasks:
  - task_id: first
    operator: BashOperator
    bash_command: %s
  - task_id: bad
    operator: BashOperator
    bash_command: "exit 3"
  - task_id: last
    operator: EmptyOperator
    upstream: [in_group.one]
task_groups:
  in_group:
    upstream: [first]
    tasks:
      one: {operator: EmptyOperator}
""" % (json.dumps(HOSTILE), json.dumps("# Of it\n" + HOSTILE + " [x](javascript:alert(1)) **bold**"), json.dumps(HOSTILE),
       json.dumps("printf '%s\\n' \"$TEXT\"; printf '\\033[31mred\\033[0m\\n'; echo {{ params.limit }}") + "\n    env: {TEXT: " + json.dumps("\"'><script>alert(1)</script>") + "}")


SECRETS = """
dag_id: secrets
tasks:
  - task_id: ask
    operator: BashOperator
    bash_command: ": 'the password is {{ conn.warehouse.password }}'"
    env: {API_KEY: hush-hush, OTHER: plain to see}
"""


class PagesTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.venturi.home / "dags" / "shop.yaml").write_text(DAG)
        cls.start_server("shop")
        cls.api = Api(cls.venturi)
        cls.venturi.trigger("shop", "seen", "-c", json.dumps({"text": HOSTILE, "api_key": "hush-hush"}))

    def setUp(self):
        self.pages = Pages(self.venturi)
        self.assertEqual(self.pages.log_in().status, 303)

    def assert_page(self, path, *parts, status=200):
        answer = self.pages("GET", path)
        self.assertEqual(answer.status, status, answer.text)
        self.assertEqual(Check(answer.text).problems, [], path)
        for text in ("<script", "<img", '="javascript:'):
            self.assertNotIn(text, answer.text, path)
        for part in parts:
            self.assertIn(part, answer.text, path)
        return answer

    # ---- who ----

    def test_log_in_and_out(self):
        nobody = Pages(self.venturi)
        self.assertEqual((nobody("GET", "/dags/shop?page=2").status, nobody("GET", "/dags/shop?page=2").location), (303, "/login?next=%2Fdags%2Fshop%3Fpage%3D2"))
        wrong = nobody.log_in("wrong", "/dags/shop")
        self.assertEqual(wrong.status, 401)
        self.assertIn("User or password are wrong.", wrong.text)
        self.assertEqual(Check(wrong.text).problems, [])
        self.assertNotIn("venturi_session", nobody.cookies)
        right = nobody.log_in(next="/dags/shop")
        self.assertEqual((right.status, right.location), (303, "/dags/shop"))
        cookie = next(cookie for cookie in right.cookies if cookie.startswith("venturi_session="))
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        self.assertEqual(Pages(self.venturi).log_in(next="//evil.example").location, "/")
        session = dict(nobody.cookies)
        self.assertEqual(nobody.post("/logout").location, "/login")
        nobody.cookies = session
        self.assertEqual(nobody("GET", "/").status, 303, "the session is over, whoever kept its cookie")

    def test_the_apis_log_out_ends_the_session_of_the_pages_too(self):
        session = dict(self.pages.cookies)
        answer = self.pages("GET", "/api/v2/auth/logout")
        self.assertEqual((answer.status, answer.location), (307, "/login"))
        self.assertNotIn("venturi_session", self.pages.cookies, "the browser forgets it")
        self.pages.cookies = session
        self.assertEqual(self.pages("GET", "/").location, "/login?next=%2F", "and whoever kept it has nothing of it")
        self.assertEqual(self.pages("GET", "/api/v2/auth/login?next=/dags/shop").location, "/login?next=%2Fdags%2Fshop")
        self.assertEqual(self.pages("GET", "/login?next=%2Fdags%2Fshop").status, 200)

    def test_a_cookie_of_ones_own_is_none(self):
        head, claims, signature = self.pages.cookies["venturi_session"].split(".")
        for forged in (f"{head}.{claims}.{signature[:-4]}AAAA", "x.y.z", ""):
            self.pages.cookies["venturi_session"] = forged
            self.assertEqual(self.pages("GET", "/").status, 303)

    def test_forms_of_others_are_refused(self):
        other = Pages(self.venturi)
        other.log_in()
        for token in (None, "", "nonsense", other.get("/").form_token):
            refused = self.pages("POST", "/dags/shop/pause", {} if token is None else {"form_token": token})
            self.assertEqual(refused.status, 403)
        self.assertFalse(self.api.get("/api/v2/dags/shop")["is_paused"])
        stranger = Pages(self.venturi)
        stranger("GET", "/login")
        answer = stranger("POST", "/login", {"form_token": other("GET", "/").form_token, "username": "admin", "password": self.pages.password})
        self.assertEqual(answer.status, 403, "nor is anybody logged in by somebody else's page")
        self.assertNotIn("venturi_session", stranger.cookies)
        self.assertEqual(self.api("GET", "/api/v2/dags", token=None, headers={"cookie": f"venturi_session={self.pages.cookies['venturi_session']}"}.items())[0], 401,
                         "the API, which asks for no form's token, does not take the cookie")

    def test_what_a_browser_is_told(self):
        answer = self.pages.get("/")
        policy = answer.headers["content-security-policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("script-src", policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(answer.headers["cache-control"], "no-store")
        self.assertEqual(self.pages("GET", "/static/style.css").headers["content-type"], "text/css; charset=utf-8")
        self.assertEqual(self.pages("GET", "/api/nope").headers["content-type"], "application/json", "the API's own answers stay its own")

    # ---- pages ----

    def test_all_pages_are_sound(self):
        task = "/dags/shop/runs/seen/tasks/"
        self.assert_page("/", "shop", "in all")
        self.assert_page("/dags/shop", "Last runs", "in_group", "<strong>bold</strong>", "<svg")
        self.assert_page("/dags/shop/code", "bash_command", "(current)")
        self.assert_page("/dags/shop/trigger", "limit", "region")
        self.assert_page("/dags/shop/runs/seen", "failed", "upstream", "<svg", "***")
        self.assertNotIn("hush-hush", self.pages.get("/dags/shop/runs/seen").text)
        self.assert_page(task + "first", "&lt;script&gt;alert(1)", ">red<", "it succeeded", "Rendered fields", "XComs")
        self.assert_page(task + "bad", "exit code 3", "Bash command failed")
        for path in ("/connections", "/new/connections", "/variables", "/new/variables", "/pools", "/pools/default_pool", "/import-errors", "/simulation?hours=6"):
            self.assert_page(path)
        self.assert_page("/nope", "There is no page", status=404)
        self.assert_page("/dags/nope", status=404)
        self.assert_page("/dags/shop/runs/nope", status=404)
        self.assert_page("/dags/shop/runs/%3Cscript%3E", "&lt;script&gt;", status=404)
        self.assert_page(task + "nope", status=404)

    def test_an_old_log_is_shown_too(self):
        self.venturi.trigger("shop", "old")
        log, = self.venturi.home.glob("logs/**/run_id=old/**/task_id=first/**/attempt=1.log")
        with gzip.open(log.with_name(log.name + ".gz"), "wb") as compressed:
            compressed.write(log.read_bytes())
        log.unlink()
        self.assert_page("/dags/shop/runs/old/tasks/first", "&lt;script&gt;alert(1)", ">red<")
        log.with_name(log.name + ".gz").write_bytes(b"\x1f\x8b nothing")
        self.assert_page("/dags/shop/runs/old/tasks/first", "the compressed file is damaged")

    def test_secrets_are_no_rendered_fields(self):
        self.venturi.cli("connections", "add", "warehouse", "--conn-uri", "postgres://me:pass-word-9@db/x")
        (self.venturi.home / "dags" / "secrets.yaml").write_text(SECRETS)
        self.venturi.wait_for_dag("secrets")
        self.venturi.trigger("secrets", "seen")
        page = self.assert_page("/dags/secrets/runs/seen/tasks/ask", "API_KEY", "the password is ***", "plain to see")
        self.assertNotIn("hush-hush", page.text)
        self.assertNotIn("pass-word-9", page.text)

    def test_no_letter_is_cut(self):
        self.api("POST", "/api/v2/variables", {"key": "long", "value": "x" + "\u00e4" * 200})
        self.assertNotIn("\ufffd", self.assert_page("/variables", "\u00e4\u2026").text)

    def test_search(self):
        self.assert_page("/?search=SHO", ">shop<")
        self.assert_page("/?tag=orders&paused=no", ">shop<")
        for nothing in ("/?search=nothing", "/?tag=none", "/?paused=yes", "/?search=%22%3E%3Cscript%3E"):
            self.assert_page(nothing, "No DAG fits.")
        self.assert_page("/?page=99", ">shop<")

    def test_zones(self):
        self.assertIn(" UTC</time>", self.pages.get("/dags/shop").text)
        self.assertEqual(self.pages.post("/zone", zone="Asia/Tokyo", back="/dags/shop").location, "/dags/shop?said=zone")
        self.assertIn(" JST</time>", self.pages.get("/dags/shop").text)
        wrong = self.pages.post("/zone", zone="../../etc/passwd")
        self.assertEqual(wrong.status, 400)
        self.assertIn("no time zone", wrong.text)

    # ---- changes ----

    def test_pause(self):
        self.assertEqual(self.pages.post("/dags/shop/pause", back="/?search=shop").location, "/?search=shop&said=paused")
        self.assertTrue(self.api.get("/api/v2/dags/shop")["is_paused"])
        self.venturi.cli("dags", "trigger", "shop", "-r", "waits")
        self.assert_page("/dags/shop/runs/waits", "The DAG is paused: the run waits until it is unpaused.", 'action="/dags/shop/unpause"')
        self.assertEqual(self.pages.post("/dags/shop/unpause").location, "/dags/shop?said=unpaused")
        self.assertFalse(self.api.get("/api/v2/dags/shop")["is_paused"])
        self.venturi.wait_for_run("shop", "waits")
        self.assertNotIn("The DAG is paused", self.pages.get("/dags/shop/runs/waits").text)
        self.assertEqual(self.pages.post("/dags/nope/pause").status, 404)

    def test_trigger(self):
        wrong = self.pages.post("/dags/shop/trigger", **{"p-limit": "0", "p-region": '"eu"', "conf": "[1]", "logical_date": "soon", "note": HOSTILE})
        self.assertEqual(wrong.status, 422)
        self.assertEqual(Check(wrong.text).problems, [])
        for part in ('id="p-limit-error"', 'id="conf-error"', 'id="logical_date-error"', "minimum", 'value="soon"'):
            self.assertIn(part, wrong.text)
        self.assertNotIn("<script", wrong.text)
        done = self.pages.post("/dags/shop/trigger", **{"p-limit": "5", "p-region": '"us"', "p-dry": "on", "conf": '{"more": 1}', "run_id": "by:hand+1", "note": HOSTILE})
        self.assertEqual((done.status, done.location), (303, "/dags/shop/runs/by%3Ahand%2B1?said=triggered"), done.text[-3000:] if done.status != 303 else "")
        self.venturi.wait_for_run("shop", "by:hand+1")
        run = self.api.get("/api/v2/dags/shop/dagRuns/by:hand%2B1")
        self.assertEqual((run["conf"], run["note"], run["triggering_user_name"]), ({"more": 1, "limit": 5, "region": "us", "dry": True}, HOSTILE, "admin"))
        self.assert_page("/dags/shop/runs/by%3Ahand%2B1?said=triggered", "A run was triggered.", "&lt;script&gt;")
        again = self.pages.post("/dags/shop/trigger", **{"p-limit": "5", "p-region": '"us"', "run_id": "by:hand+1"})
        self.assertEqual(again.status, 422)
        self.assertIn('value="by:hand+1"', again.text, "what was filled in is still there")

    def test_runs_are_changed(self):
        self.venturi.trigger("shop", "changed")
        run = "/dags/shop/runs/changed"
        self.assertEqual(self.pages.post(run + "/note", note="a\r\n" * 500, back=run).location, run + "?said=noted", "a browser counts a line's end as one character")
        self.assertEqual(self.pages.post(run + "/note", note=HOSTILE, back=run).location, run + "?said=noted")
        self.assert_page(run, "&lt;script&gt;")
        tries = lambda task: self.api.get(f"/api/v2/dags/shop/dagRuns/changed/taskInstances/{task}")["try_number"]
        self.assertEqual(self.pages.post(run + "/tasks/bad/clear", back=run + "/tasks/bad").location, run + "/tasks/bad?said=cleared")
        self.venturi.wait_until(lambda: tries("bad") == 2)
        self.venturi.wait_for_run("shop", "changed")
        self.assertEqual(tries("first"), 1)
        self.assert_page(run + "/tasks/bad?try=1", "Log of try 1")
        self.assertEqual(self.pages.post(run + "/clear", only_failed="yes").status, 303)
        self.venturi.wait_until(lambda: tries("bad") == 3)
        self.venturi.wait_for_run("shop", "changed")
        self.assertEqual(self.pages.post(run + "/tasks/bad/mark", state="success").status, 303)
        self.assertEqual(self.pages.post(run + "/mark", state="success").status, 303)
        self.assertEqual(self.api.get("/api/v2/dags/shop/dagRuns/changed")["state"], "success")
        refused = self.pages.post(run + "/mark", state="nonsense")
        self.assertIn(refused.status, (400, 422))
        self.assertEqual(Check(refused.text).problems, [])
        self.assertEqual(self.pages.post(run + "/delete").location, "/dags/shop?said=deleted")
        self.assertEqual(self.pages("GET", run).status, 404)

    def test_connections(self):
        new = {"connection_id": "db/main", "conn_type": "postgres", "host": "db<b>", "port": "5432", "login": "me", "password": "pass-word-1", "extra": '{"api_key": "hush", "mode": "x"}'}
        wrong = self.pages.post("/connections", **{**new, "port": "many"})
        self.assertEqual(wrong.status, 422)
        self.assertIn('id="port-error"', wrong.text)
        self.assertNotIn("pass-word-1", wrong.text)
        self.assertEqual(self.pages.post("/connections", **new).location, "/connections?said=saved")
        form = self.assert_page("/connections/db%2Fmain", "There is one; it is not shown", "db&lt;b&gt;", "What a connection of type postgres takes", "sslmode (extra)")
        self.assertNotIn("pass-word-1", form.text)
        self.assertNotIn("hush", form.text)
        shown = {"extra": '{"api_key":"***","mode":"x"}', "shown_extra": '{"api_key":"***","mode":"x"}'}
        self.assertEqual(self.pages.post("/connections/db%2Fmain", **{**new, **shown, "host": "other", "login": "", "password": ""}).status, 303)
        kept = self.exported()["db/main"]
        self.assertEqual((kept["host"], kept.get("login"), kept["password"]), ("other", None, "pass-word-1"), "what is not filled in stays, if it is secret")
        self.assertIn("hush", json.dumps(kept["extra"]))
        self.assertEqual(self.pages.post("/connections/db%2Fmain", **{**new, **shown, "password": "", "remove_password": "yes"}).status, 303)
        self.assertIsNone(self.exported()["db/main"].get("password"))
        self.assertIn("db/main", self.assert_page("/connections").text)
        self.assertEqual(self.pages.post("/connections/db%2Fmain/delete").location, "/connections?said=deleted")
        self.assertEqual(self.pages("GET", "/connections/db%2Fmain").status, 404)

    def exported(self):
        file = self.folder / "connections.json"
        file.unlink(missing_ok=True)
        self.venturi.cli("connections", "export", file)
        return json.loads(file.read_text())

    def test_variables_and_pools(self):
        self.assertEqual(self.pages.post("/variables", key="a", value=HOSTILE, description="d").status, 303)
        self.assert_page("/variables", "&lt;script&gt;")
        self.assertEqual(self.pages.post("/variables", key="nested", value='{"password": "hush", "x": 1}').status, 303)
        shown = '{"password":"***","x":1}'
        refused = self.pages.post("/variables/nested", key="nested", value='{"password":"***","x":2}', shown_value=shown)
        self.assertEqual(refused.status, 422)
        self.assertEqual(self.pages.post("/variables/nested", key="nested", value=shown, shown_value=shown, description="new").status, 303)
        self.assertEqual(json.loads(self.venturi.cli("variables", "get", "nested")), {"password": "hush", "x": 1})
        self.assertEqual(self.pages.post("/pools", name="small", slots="2", description="x", include_deferred="yes").status, 303)
        self.assertEqual(self.pages.post("/pools", name="wrong", slots="").status, 422)
        self.assertEqual(self.pages.post("/pools/small", name="small", slots="5", description="").status, 303)
        pool = self.api.get("/api/v2/pools/small")
        self.assertEqual((pool["slots"], pool["include_deferred"]), (5, False))
        self.assertEqual(self.pages.post("/pools/default_pool", name="default_pool", slots="64").status, 303)
        self.assertEqual(self.pages.post("/variables/a/delete", back="/pools/a").status, 303, "where one goes afterwards does not choose what is deleted")
        self.assertEqual(self.pages("GET", "/variables/a").status, 404)
        refused = self.pages.post("/pools/default_pool/delete")
        self.assertEqual(refused.status, 400)
        self.assertIn("Default Pool", refused.text)


if __name__ == "__main__":
    unittest.main()
