"""A shop's web service for examples: GET /health, and GET /orders?page=N, three pages of orders and empty ones behind them."""

import http.server
import json
import threading
import urllib.parse

PAGES, ORDERS_A_PAGE = 3, 10


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/health":
            return self.answer(200, {"status": "ok"})
        if url.path == "/orders":
            page = int(urllib.parse.parse_qs(url.query).get("page", ["1"])[0])
            first = (page - 1) * ORDERS_A_PAGE + 1
            ids = range(first, first + ORDERS_A_PAGE) if page <= PAGES else ()
            return self.answer(200, {"page": page, "items": [{"id": i, "amount": i / 2, "status": "open"} for i in ids]})
        return self.answer(404, {"error": f"there is no {url.path}"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.posted.append((self.path, body))
        self.answer(201, {"received": len(body)})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Http:
    def start(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.posted = []  # (path, body) of each POST
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def posted(self):
        return self.server.posted

    @property
    def connection(self):
        return json.dumps({"conn_type": "http", "host": "127.0.0.1", "port": self.server.server_address[1]})
