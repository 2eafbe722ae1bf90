"""The server's REST API, as a client in any language calls it."""

import json
import urllib.error
import urllib.request


class Api:
    def __init__(self, venturi):
        address = venturi.home / "run" / "api_url"
        password = (venturi.home / "admin_password").read_text().strip()

        def log_in():
            """A server that was killed leaves the address behind that it had."""
            self.url = address.exists() and address.read_text().strip()
            try:
                return self.url and self("POST", "/auth/token", {"username": "admin", "password": password}, token=None)
            except urllib.error.URLError:
                return None
        status, body = venturi.wait_until(log_in, what="the API's answer")
        assert status == 201, (status, body)
        self.token = body["access_token"]

    def __call__(self, method, path, body=None, token="", headers=(), raw=False):
        """(status, body). `token`: another than the user's own; None: none."""
        token = getattr(self, "token", None) if token == "" else token
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"content-type": "application/json", **dict(headers)}, method=method)
        if token is not None:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, (text := answer.read()) and (text.decode() if raw else json.loads(text)) or None
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else None

    def get(self, path):
        status, body = self("GET", path)
        assert status == 200, (path, status, body)
        return body
