"""What the REST API says to bad requests, with Airflow's statuses and {"detail": ...}; and that nothing comes of them."""

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
import urllib.parse
import unittest

from support.api import Api
from support.case import HomeCase

DAG = """
dag_id: shop
params: {limit: {default: 3, type: integer, minimum: 1}}
tasks:
  - {task_id: only, operator: EmptyOperator}
"""
LISTED = """
dag_id: %s
params: {limit: {default: 3, type: integer}}
tasks:
  - {task_id: only, operator: EmptyOperator}
"""
BAD_TOKEN = (403, {"detail": "Invalid JWT token"})


def encoded(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


class ApiBadInputTest(HomeCase):
    environment = {"VENTURI__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false", "VENTURI__CORE__TEST_CONNECTION": "Enabled",
                   "VENTURI__API__MAXIMUM_PAGE_LIMIT": "3"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.venturi.home / "dags" / "shop.yaml").write_text(DAG)
        for dag_id in ("listed_a", "listed_b"):
            (cls.venturi.home / "dags" / f"{dag_id}.yaml").write_text(LISTED % dag_id)
        cls.start_server("shop", "listed_a", "listed_b")
        cls.api = Api(cls.venturi)

    def refused(self, answer, status, *parts):
        self.assertEqual(answer[0], status, answer)
        self.assertEqual(list(answer[1]), ["detail"])
        self.assert_parts(json.dumps(answer[1]["detail"]), *parts)

    def connection(self):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.api.url).netloc, timeout=30)
        self.addCleanup(connection.close)
        return connection

    # ---- bodies

    def test_malformed_bodies(self):
        for body, status, part in ((b"", 422, "json_invalid"), (b"{", 422, "json_invalid"), (b"nonsense", 422, "json_invalid"), (b"[]", 422, "model_attributes_type"),
                                   (b'"text"', 422, "model_attributes_type"), (b"null", 422, "model_attributes_type"), (b"{} {}", 422, "json_invalid"),
                                   (b'{"key": "a", "value": "b"', 422, "json_invalid"), (b'{"key": "\xff\xfe", "value": "b"}', 400, "There was an error parsing the body"),
                                   (b'{"key": "\xed\xa0\x80", "value": "b"}', 400, "error parsing"), (b"[" * 100_000, 422, "json_invalid"),
                                   (b'{"key": "a", "value": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422, "json_invalid"),
                                   (b'{"key": 1, "value": "b"}', 422, "string_type"), (b'{"key": null, "value": "b"}', 422, "string_type"), (b'{"key": "a"}', 422, "missing"),
                                   (b'{"key": "a", "value": "b", "more": 1}', 422, "extra_forbidden"), (b'{"key": "", "value": "b"}', 400, "1 to 250"),
                                   (b'{"key": "' + b"k" * 251 + b'", "value": "b"}', 400, "1 to 250")):
            with self.subTest(body=body[:40]):
                self.refused(self.api("POST", "/api/v2/variables", body), status, part)
        self.assertEqual(self.api.get("/api/v2/variables")["total_entries"], 0)
        for actions, part in (({}, "list_type"), ([1], "model_attributes_type"), ([{"action": "explode", "entities": []}], "union_tag_invalid"), ([{"action": "create"}], "missing"),
                              ([{"action": "create", "entities": [{"key": 1}]}], "string_type"), ([{"action": "create", "entities": [], "action_on_existence": "panic"}], "enum"),
                              ([{"action": "update", "entities": ["key"]}], "model_attributes_type")):
            self.refused(self.api("PATCH", "/api/v2/variables", {"actions": actions}), 422, part)

    def test_actions_without_end(self):
        for path in ("variables", "connections", "pools"):
            nothing = {"action": "delete", "entities": []}
            self.refused(self.api("PATCH", f"/api/v2/{path}", {"actions": [nothing] * 100_000}), 422, "too_long", "10000")
            for action in (nothing, {"action": "delete", "entities": ["none"]}):
                status, answer = self.api("PATCH", f"/api/v2/{path}", {"actions": [action] * 10_000})
                self.assertEqual((status, list(answer)), (200, ["create", "update", "delete"]))
                self.assertEqual((answer["delete"]["success"], len(answer["delete"]["errors"])), ([], 10_000 * len(action["entities"])))

    def test_what_one_entity_changes_the_next_one_keeps(self):
        self.api("POST", "/api/v2/variables", {"key": "twice", "value": "0"})
        changes = [{"key": "twice", "value": "1"}, {"key": "twice", "value": "ignored", "description": "told"}, {"key": "twice", "value": "2"}]
        for action in ({"action": "update", "entities": changes}, {"action": "create", "action_on_existence": "overwrite", "entities": changes}):
            self.api("PATCH", "/api/v2/variables/twice", {"key": "twice", "value": "0", "description": None})
            status, answer = self.api("PATCH", "/api/v2/variables", {"actions": [action]})
            self.assertEqual((status, answer[action["action"]]), (200, {"success": ["twice"] * 3, "errors": []}))
            now = self.api.get("/api/v2/variables/twice")
            self.assertEqual((now["value"], now["description"]), ("2", "told"))
        many = [{"action": "delete", "action_on_non_existence": "skip", "entities": ["none"] * 5_000 + ["twice"]}]
        self.assertEqual(self.api("PATCH", "/api/v2/variables", {"actions": many})[1]["delete"], {"success": ["twice"], "errors": []})

    def test_lists_asked_for_with_a_body(self):
        runs, instances = "/api/v2/dags/~/dagRuns/list", "/api/v2/dags/~/dagRuns/~/taskInstances/list"
        for path, name in ((runs, "dag_ids"), (instances, "dag_ids"), (instances, "dag_run_ids"), (instances, "task_ids")):
            self.refused(self.api("POST", path, {name: [""]}), 422, "string_too_short", name)
            self.refused(self.api("POST", path, {name: [1]}), 422, "string_type", name)
            self.refused(self.api("POST", path, {name: ["a", "b"], "page_offset": 10_000, "page_limit": 1}), 422, "less_than_equal", "page_offset")
            for ids in (["none"], ["none", "no/ne"], ["none", "\u0000", "..", "%2f", "none"]):
                status, page = self.api("POST", path, {name: ids})
                self.assertEqual((status, page["total_entries"]), (200, 0), (name, ids))
        for dag_id, limits in (("listed_a", (2, 1, 4)), ("listed_b", (3, 5))):
            for limit in limits:
                self.assertEqual(self.api("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {"limit": limit}})[0], 200)
        both = {"dag_ids": ["listed_a", "listed_b", "listed_a"]}

        def limits(**more):
            status, page = self.api("POST", runs, {**both, **more})
            self.assertEqual((status, page.get("total_entries")), (200, 5), page)
            return [run["conf"]["limit"] for run in page["dag_runs"]]
        self.assertEqual(limits(order_by="conf"), [1, 2, 3], "clamped to [api] maximum_page_limit")
        self.assertEqual(limits(order_by="-conf", page_limit=2), [5, 4])
        self.assertEqual(limits(order_by="conf", page_offset=3), [4, 5])
        self.assertEqual(limits(order_by="conf", page_offset=9_000), [])
        for column in ("logical_date", "-logical_date", "end_date", "-end_date", "state", "run_after", "duration", "partition_date"):
            limits(order_by=column)
        page = self.api("POST", runs, {"dag_ids": ["listed_a"], "order_by": "conf", "page_offset": 1, "page_limit": 1})[1]
        self.assertEqual(([run["conf"]["limit"] for run in page["dag_runs"]], page["total_entries"]), ([2], 3))
        page = self.api("POST", runs, {"dag_ids": ["listed_a"], "page_offset": 2 ** 63 - 1})[1]
        self.assertEqual((page["dag_runs"], page["total_entries"]), ([], 3))

    def test_a_body_that_is_too_large(self):
        connection = self.connection()
        connection.putrequest("POST", "/api/v2/variables")
        connection.putheader("authorization", f"Bearer {self.api.token}")
        connection.putheader("content-length", str(1 << 30))
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)

    def test_params_that_fail_their_schema_make_no_run(self):
        for conf, part in (({"limit": 0}, "limit"), ({"limit": "many"}, "limit"), ({"limit": None}, "limit")):
            self.refused(self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": None, "conf": conf}), 400, "limit", part)
        self.refused(self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": None, "conf": [1]}), 422, "dict_type")
        for run_id in ("../../etc", "..", "a/b", "{{ 7 * 7 }}", "x" * 251, "scheduled__2024-01-01T00:00:00+00:00", "a b", "a\u0000b", "'; DROP TABLE dag_run; --"):
            self.refused(self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": None, "dag_run_id": run_id}), 400, "run")
        self.assertEqual(self.api.get("/api/v2/dags/shop/dagRuns")["total_entries"], 0)

    # ---- paths and queries

    def test_paths_out_of_the_home(self):
        for way in ("..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fadmin_password", "..%5c..%5cadmin_password", "%00", "a%00b", "..%2Fadmin_password"):
            for path in (f"/api/v2/dags/{way}", f"/api/v2/dags/{way}/details", f"/api/v2/dagSources/{way}", f"/api/v2/dags/{way}/dagRuns/x", f"/api/v2/dags/shop/dagRuns/{way}",
                         f"/api/v2/dags/shop/dagRuns/{way}/taskInstances/{way}/logs/1", f"/api/v2/dags/shop/dagRuns/x/taskInstances/only/xcomEntries/{way}",
                         f"/api/v2/variables/{way}", f"/api/v2/connections/{way}", f"/api/v2/pools/{way}"):
                with self.subTest(path=path):
                    status, body = self.api("GET", path)
                    self.assertEqual((status, list(body)), (404, ["detail"]))
            self.refused(self.api("PUT", f"/api/v2/parseDagFile/{way}"), 404, "File not found")
        for raw in ("/../../etc/passwd", "/api/v2/../../admin_password", "//etc/passwd", "/%2e%2e/admin_password", "/api/v2/dags/%zz", "/api/v2/dags/%ff%fe"):
            connection = self.connection()
            connection.request("GET", raw, headers={"authorization": f"Bearer {self.api.token}"})
            answer = connection.getresponse()
            self.assertIn(answer.status, (303, 404), raw)  # 303: to the log-in of the pages
            self.assertNotIn((self.venturi.home / "admin_password").read_text().strip(), answer.read().decode())

    def test_sql_and_templates_are_texts(self):
        self.api("POST", "/api/v2/variables", {"key": "kept", "value": "{{ 7 * 7 }}"})
        for text in ("' OR '1'='1", "x'; DROP TABLE variable; --", "\" OR 1=1 --", "{{ 7 * 7 }}", "${7*7}", "%27", "$[0]'),(1", "\\"):
            quoted = urllib.parse.quote(text, safe="")
            for path in (f"/api/v2/variables?variable_key_pattern={quoted}", f"/api/v2/dags?dag_id_pattern={quoted}", f"/api/v2/dags?tags={quoted}", f"/api/v2/dags?owners={quoted}",
                         f"/api/v2/eventLogs?event={quoted}", f"/api/v2/eventLogs?dag_id={quoted}&included_events={quoted}", f"/api/v2/eventLogs?owner_pattern={quoted}",
                         f"/api/v2/eventLogs?run_id_prefix_pattern={quoted}x", f"/api/v2/connections?connection_id_pattern={quoted}"):
                with self.subTest(path=path):
                    self.assertEqual(self.api.get(path)["total_entries"], 0)
            for path in ("/api/v2/dags", "/api/v2/dags/shop/dagRuns", "/api/v2/eventLogs", "/api/v2/variables", "/api/v2/importErrors"):
                self.refused(self.api("GET", f"{path}?order_by={quoted}"), 400, "Ordering with")
            for path in (f"/api/v2/variables/{quoted}", f"/api/v2/dags/shop/dagRuns/{quoted}", f"/api/v2/dags/{quoted}/dagRuns/x/taskInstances/{quoted}"):
                self.assertEqual(self.api("GET", path)[0], 404)
        self.assertEqual(self.api.get("/api/v2/variables/kept")["value"], "{{ 7 * 7 }}")

    def test_pages(self):
        for number in range(5):
            self.api("POST", "/api/v2/variables", {"key": f"page{number}", "value": "1"})
        of = "/api/v2/variables?variable_key_prefix_pattern=page"
        for limit, rows in ((0, 0), (2, 2), (3, 3), (4, 3), (10 ** 9, 3), (2 ** 62, 3)):
            page = self.api.get(f"{of}&limit={limit}")
            self.assertEqual((len(page["variables"]), page["total_entries"]), (rows, 5), "clamped to [api] maximum_page_limit")
        self.assertEqual(len(self.api.get(of)["variables"]), 3)
        self.assertEqual(self.api.get(f"{of}&offset={2 ** 62}")["variables"], [])
        for wrong, kind in (("limit=-1", "greater_than_equal"), ("offset=-1", "greater_than_equal"), ("limit=many", "int_parsing"), ("limit=", "int_parsing"), ("limit=1e3", "int_parsing"),
                            (f"limit={10 ** 30}", "int_parsing"), ("offset=%20", "int_parsing")):
            self.refused(self.api("GET", f"{of}&{wrong}"), 422, kind, wrong.split("=")[0])
        for path, kind in (("/api/v2/dags?paused=perhaps", "bool_parsing"), ("/api/v2/eventLogs?before=soon", "datetime_parsing"), ("/api/v2/assets/one", "int_parsing"),
                           ("/api/v2/dags?tags=a&tags_match_mode=some", "literal_error"), ("/api/v2/dags?last_dag_run_state=tired", "enum"), ("/api/v2/eventLogs/none", "int_parsing")):
            self.refused(self.api("GET", path), 422, kind)
        self.refused(self.api("GET", "/api/v2/dags?nonsense=1"), 400, "nonsense")
        for wrong in ("%zz", "%f", "%ff", "%ed%a0%80"):
            self.refused(self.api("GET", "/api/v2/dags?dag_id_pattern=" + wrong), 400, "percent-encoded")

    # ---- who calls

    def token(self, key=None, algorithm="HS512", **claims):
        now = int(time.time())
        head = encoded({"alg": algorithm, "kid": "not-used", "typ": "JWT"})
        body = encoded({"sub": "admin", "role": "admin", "jti": "made up", "iss": "venturi", "aud": "apache-airflow", "nbf": now, "iat": now, "exp": now + 60, **claims})
        key = (self.venturi.home / "signing_key").read_text().strip() if key is None else key
        digest = {"HS512": hashlib.sha512, "HS256": hashlib.sha256}.get(algorithm)
        signature = encoded(hmac.new(key.encode(), f"{head}.{body}".encode(), digest).digest()) if digest else ""
        return f"{head}.{body}.{signature}"

    def test_tokens(self):
        ask = lambda token: self.api("GET", "/api/v2/dags", token=token)
        good = self.token()
        self.assertEqual(ask(good)[0], 200, "what is refused below is refused for what is different in it")
        now = int(time.time())
        head, body, signature = good.split(".")
        for name, token in {"expired": self.token(exp=now - 60, nbf=now - 120, iat=now - 120), "not yet": self.token(nbf=now + 600), "another key": self.token(key="another"),
                            "empty key": self.token(key=""), "another audience": self.token(aud="elsewhere"), "of tasks": self.token(aud="urn:airflow.apache.org:task"),
                            "another issuer": self.token(iss="somebody"), "no issuer": self.token(iss=None), "none": self.token(algorithm="none"), "None": self.token(algorithm="None"),
                            "HS256": self.token(algorithm="HS256"), "no signature": f"{head}.{body}.", "two parts": f"{head}.{body}", "four parts": f"{good}.{signature}",
                            "forged": f"{head}.{encoded({'sub': 'admin', 'role': 'admin'})}.{signature}", "signature of others": f"{head}.{body}.{encoded(b'x' * 64)}",
                            "no role": self.token(role="emperor"), "no expiry": self.token(exp=None), "text as date": self.token(exp="9999999999"), "nothing": "..","noise": "x.y.z"}.items():
            with self.subTest(token=name):
                self.assertEqual(ask(token), BAD_TOKEN)
        self.refused(self.api("PATCH", "/api/v2/dags/shop", {"is_paused": True}, token=self.token(role="viewer")), 403, "Forbidden")
        self.refused(self.api("GET", "/api/v2/config", token=self.token(role="viewer")), 403, "Forbidden")
        self.refused(self.api("GET", "/api/v2/config"), 403, "chose not to expose")

    def test_who_may_do_what(self):
        # As in Airflow's simple auth manager. What may be done is not there, and answered with another status.
        for least, method, path, body in (("viewer", "GET", "/api/v2/dags", None), ("viewer", "GET", "/api/v2/pools", None), ("viewer", "GET", "/api/v2/assets", None),
                                          ("viewer", "GET", "/api/v2/backfills", None), ("user", "PATCH", "/api/v2/dags/none", {"is_paused": True}),
                                          ("op", "GET", "/api/v2/variables", None), ("op", "GET", "/api/v2/variables/none", None), ("op", "GET", "/api/v2/connections", None),
                                          ("op", "GET", "/api/v2/connections/none", None), ("op", "POST", "/api/v2/assets/events", {"asset_id": 99}),
                                          ("op", "POST", "/api/v2/assets/99/materialize", {}), ("op", "DELETE", "/api/v2/assets/99/queuedEvents", None),
                                          ("op", "DELETE", "/api/v2/dags/none/assets/queuedEvents", None), ("op", "POST", "/api/v2/backfills", {}),
                                          ("op", "PUT", "/api/v2/backfills/99/cancel", None), ("op", "PATCH", "/api/v2/pools", {"actions": []})):
            roles = ("viewer", "user", "op", "admin")
            for role in roles:
                with self.subTest(path=path, role=role):
                    status, answer = self.api(method, path, body, token=self.token(role=role))
                    self.assertEqual(answer == {"detail": "Forbidden"}, roles.index(role) < roles.index(least), (status, answer))
                    self.assertLess(status, 500)

    def test_a_description_is_taken_away(self):
        def patched(body, query=""):
            self.api("PATCH", "/api/v2/variables/told", {"key": "told", "value": "1", "description": "what it is"})
            return self.api("PATCH", f"/api/v2/variables/told{query}", {"key": "told", "value": "2", **body})[1]
        self.api("POST", "/api/v2/variables", {"key": "told", "value": "1"})
        for body, query, value, description in (({}, "", "2", "what it is"), ({"description": None}, "", "2", None), ({"description": None}, "?update_mask=description", "1", None),
                                                ({}, "?update_mask=description", "1", None), ({"description": None}, "?update_mask=value", "2", "what it is")):
            with self.subTest(body=body, query=query):
                answer = patched(body, query)
                self.assertEqual((answer["value"], answer["description"]), (value, description))
        self.api("DELETE", "/api/v2/variables/told")

    def test_a_token_that_logged_out_is_good_for_nothing(self):
        password = (self.venturi.home / "admin_password").read_text().strip()
        token = self.api("POST", "/auth/token", {"username": "admin", "password": password}, token=None)[1]["access_token"]
        connection = self.connection()
        for path, status, location in (("/api/v2/auth/login?next=/dags%3Fx", 307, "/login?next=%2Fdags%3Fx"), ("/api/v2/auth/logout", 307, "/login")):
            connection.request("GET", path, headers={"cookie": f"_token={token}"})
            answer = connection.getresponse()
            answer.read()
            self.assertEqual((answer.status, answer.headers["location"]), (status, location))
        self.assertEqual(self.api("GET", "/api/v2/dags", token=token), BAD_TOKEN)
        for unsafe in ("https://elsewhere.example", "//elsewhere.example", "/%5Celsewhere.example", "javascript:alert(1)", "/a%0d%0ab", "/%20b"):
            self.refused(self.api("GET", f"/api/v2/auth/login?next={unsafe}", token=None), 400, "unsafe")

    # ---- connections

    def test_two_users_change_one_connection(self):
        self.api("POST", "/api/v2/connections", {"connection_id": "both", "conn_type": "http", "host": "a", "login": "a", "extra": '{"kept": 1}'})
        wrong = []

        def change(name, field):
            for number in range(1, 31):
                # Two fields that belong together, and one that is this user's alone.
                body = {"connection_id": "both", "conn_type": "http", "host": name, "login": name, field: number}
                status, answer = self.api("PATCH", "/api/v2/connections/both", {**body, field: str(number) if field == "description" else number})
                if status != 200 or answer["host"] != answer["login"]:
                    wrong.append((status, answer))
        users = [threading.Thread(target=change, args=pair) for pair in (("a", "port"), ("b", "description"))]
        for user in users:
            user.start()
        while any(user.is_alive() for user in users):
            seen = self.api.get("/api/v2/connections/both")
            if seen["host"] != seen["login"]:
                wrong.append(seen)
        self.assertEqual(wrong, [])
        last = self.api.get("/api/v2/connections/both")
        self.assertEqual((last["port"], last["description"], last["extra"]), (30, "30", '{"kept":1}'), "nobody's change was lost")

    def test_one_of_two_who_make_the_same_connection_is_told(self):
        statuses = []
        make = lambda: statuses.append(self.api("POST", "/api/v2/connections", {"connection_id": "once", "conn_type": "http"})[0])
        users = [threading.Thread(target=make) for _ in range(8)]
        for user in users:
            user.start()
        for user in users:
            user.join()
        self.assertEqual(sorted(statuses), [201] + [409] * 7)

    def test_state_stores(self):
        run = self.api("POST", "/api/v2/dags/shop/dagRuns", {"logical_date": None})[1]["dag_run_id"]
        self.addCleanup(lambda: self.venturi.wait_until(lambda: self.api("DELETE", f"/api/v2/dags/shop/dagRuns/{run}")[0] == 204))
        task = f"/api/v2/dags/shop/dagRuns/{run}/taskInstances/only/state-store"
        self.venturi.wait_until(lambda: self.api("PUT", task + "/there", {"value": 1})[0] == 204)
        for method, body, status, part in (("PUT", {}, 422, "missing"), ("PUT", {"value": None}, 422, "value cannot be null"), ("PUT", b"{", 422, "json_invalid"),
                                           ("PUT", {"value": 1, "more": 1}, 422, "extra_forbidden"), ("PUT", {"value": "x" * 65534}, 422, "max_value_storage_bytes (65535)"),
                                           ("PUT", {"value": 1, "expires_at": "soon"}, 422, "expires_at"), ("PUT", {"value": 1, "expires_at": 7}, 422, "expires_at"),
                                           ("PUT", {"value": 1, "expires_at": "2026-01-01T00:00:00"}, 422, "timezone"),
                                           ("PATCH", {"value": None}, 422, "value cannot be null"), ("PATCH", {"value": 1, "expires_at": None}, 422, "extra_forbidden")):
            with self.subTest(method=method, body=str(body)[:60]):
                self.refused(self.api(method, task + "/there", body), status, part)
        self.assertEqual(self.api.get(task + "/there")["value"], 1)
        self.assertEqual(self.api("PUT", task + "/there", {"value": "x" * 65533})[0], 204, "65535 bytes as JSON")
        self.refused(self.api("PUT", task + "/" + "k" * 513, {"value": 1}), 400, "1 to 512 bytes")
        for query in ("map_index=-2", "map_index=x", "limit=-1", "offset=-1"):
            self.assertEqual(self.api("GET", f"{task}?{query}")[0], 422, query)
        for other in (task.replace(run, "nope"), task.replace("only", "nope"), task.replace("shop", "nope")):
            self.assertEqual(self.api.get(other), {"task_state_store": [], "total_entries": 0})
            for method, path, body in (("PUT", other + "/k", {"value": 1}), ("PATCH", other + "/k", {"value": 1}), ("DELETE", other + "/k", None), ("DELETE", other, None),
                                       ("DELETE", other + "?all_map_indices=true", None)):
                self.refused(self.api(method, path, body), 404, "Task instance not found for dag_id=")
        for method, path, body in (("GET", "", None), ("GET", "/k", None), ("PUT", "/k", {"value": 1}), ("DELETE", "/k", None), ("DELETE", "", None)):
            self.assertEqual(self.api(method, "/api/v2/assets/4711/state-store" + path, body)[0], 404)
            self.assertEqual(self.api(method, "/api/v2/assets/x/state-store" + path, body)[0], 422)

    def test_connections_are_tested(self):
        status, said = self.api("POST", "/api/v2/connections/test", {"connection_id": "x", "conn_type": "postgres", "host": "127.0.0.1", "port": 1, "password": "s3cret"})
        self.assertEqual((status, said["status"]), (200, False))
        self.assert_parts(said["message"], "127.0.0.1")
        self.assertNotIn("s3cret", said["message"])
        self.assertEqual(self.api("POST", "/api/v2/connections/test", {"connection_id": "x", "conn_type": "nonsense"}), (200, {"status": False, "message": 'Unknown hook type "nonsense"'}))
        mail = {"connection_id": "x", "conn_type": "smtp", "host": "127.0.0.1", "port": 1, "login": "robot", "password": "s3cret"}
        status, said = self.api("POST", "/api/v2/connections/test", mail)
        self.assertEqual((status, said["status"]), (200, False))
        self.assert_parts(said["message"], "127.0.0.1:1")
        self.assertNotIn("s3cret", said["message"])
        folder = lambda path: self.api("POST", "/api/v2/connections/test", {"connection_id": "x", "conn_type": "fs", "extra": json.dumps({"path": path})})[1]
        self.assertEqual(folder("/"), {"status": True, "message": "Path / is existing."})
        self.assertEqual(folder("/no/such")["status"], False)
        self.assert_parts(self.api("POST", "/api/v2/connections/test", {"connection_id": "x", "conn_type": "slackwebhook", "password": "T/B/X"})[1]["message"],
                          "of type slackwebhook cannot be tested")
        api = urllib.parse.urlsplit(self.api.url)
        there = {"connection_id": "api", "conn_type": "http", "host": f"http://{api.netloc}/api/none"}
        status, said = self.api("POST", "/api/v2/connections/test", there)
        self.assertEqual((status, said), (200, {"status": False, "message": "404:Not Found"}), "it answered, with a refusal")
        self.api("POST", "/api/v2/connections", {**there, "password": "s3cret"})
        self.refused(self.api("POST", "/api/v2/connections/test", {**there, "host": "elsewhere.example"}), 400, "Include the credentials")


if __name__ == "__main__":
    unittest.main()
