"""A small BigQuery for examples: datasets are databases of SQLite, jobs are run at once. It takes any token, or none."""

import http.server
import json
import sqlite3
import threading
import urllib.parse

TYPES = {int: "INTEGER", float: "FLOAT", str: "STRING"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def words(self):
        return [urllib.parse.unquote(word) for word in urllib.parse.urlsplit(self.path).path.strip("/").split("/")][4:]

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        with self.server.lock:
            match self.words:
                case ["datasets"]:
                    name = body["datasetReference"]["datasetId"]
                    if name in self.server.datasets:
                        return self.error(409, "duplicate")
                    self.server.datasets[name] = body
                    self.server.database.execute(f"ATTACH ':memory:' AS {name}")
                    return self.answer(200, body)
                case ["jobs"]:
                    return self.answer(200, self.run(body))
        return self.error(404, "notFound")

    def run(self, body):
        job = {**body, "status": {"state": "DONE"}, "statistics": {"totalBytesProcessed": "0"}}
        try:
            cursor = self.server.database.execute(body["configuration"]["query"]["query"])
            self.server.results[body["jobReference"]["jobId"]] = self.result(cursor)
        except sqlite3.Error as e:
            job["status"]["errorResult"] = {"reason": "invalidQuery", "message": str(e)}
        return job

    def do_GET(self):
        with self.server.lock:
            match self.words:
                case ["datasets", name] if name in self.server.datasets:
                    return self.answer(200, self.server.datasets[name])
                case ["queries", name] if name in self.server.results:
                    return self.answer(200, {**self.server.results[name], "jobComplete": True})
                case ["datasets", dataset, "tables", table, *data] if dataset in self.server.datasets:
                    try:
                        result = self.result(self.server.database.execute(f"SELECT * FROM {dataset}.{table}"))
                    except sqlite3.Error:
                        return self.error(404, "notFound")
                    return self.answer(200, {"rows": result["rows"]} if data else {"schema": result["schema"]})
        return self.error(404, "notFound")

    def result(self, cursor):
        rows = cursor.fetchall()
        names = [column[0] for column in cursor.description or ()]
        kinds = [next((TYPES[type(row[i])] for row in rows if row[i] is not None), "STRING") for i in range(len(names))]
        return {"schema": {"fields": [{"name": name, "type": kind} for name, kind in zip(names, kinds)]},
                "rows": [{"f": [{"v": None if value is None else str(value)} for value in row]} for row in rows]}

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def error(self, status, reason):
        self.answer(status, {"error": {"code": status, "message": f"no {self.path}", "errors": [{"reason": reason}]}})

    def log_message(self, *_):
        pass


class BigQuery:
    def start(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.server.lock = threading.Lock()
        self.server.datasets, self.server.results = {}, {}
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        self.server.database.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"
