"""A small Google Cloud Storage for examples: objects in memory, by bucket and name, through the JSON API. It takes any token, or none."""

import base64
import datetime
import fnmatch
import http.server
import json
import threading
import urllib.parse


def crc32c(content):
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return base64.b64encode((crc ^ 0xFFFFFFFF).to_bytes(4, "big")).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.buckets = self.server.buckets

    @property
    def words(self):
        return [urllib.parse.unquote(word) for word in urllib.parse.urlsplit(self.path).path.strip("/").split("/")]

    @property
    def query(self):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_POST(self):
        body = self.body()
        match self.words:
            case ["storage", "v1", "b"]:
                name = json.loads(body)["name"]
                if name in self.buckets:
                    return self.error(409, "conflict")
                self.buckets[name] = {}
                return self.answer(200, {"name": name})
            case ["upload", "storage", "v1", "b", bucket, "o"] if bucket in self.buckets:
                name = urllib.parse.quote(self.query["name"], safe="")
                host, port = self.server.server_address
                return self.answer(200, {}, {"Location": f"http://{host}:{port}/session/{bucket}/{name}"})
            case ["storage", "v1", "b", bucket, "o", name, "rewriteTo", "b", to_bucket, "o", to_name]:
                if name not in self.buckets.get(bucket, {}) or to_bucket not in self.buckets:
                    return self.error(404, "notFound")
                self.store(to_bucket, to_name, self.buckets[bucket][name]["content"])
                size = str(len(self.buckets[bucket][name]["content"]))
                return self.answer(200, {"done": True, "totalBytesRewritten": size, "objectSize": size})
        return self.error(404, "notFound")

    def do_PUT(self):
        _, bucket, name = self.words
        first, _, total = self.headers["Content-Range"].removeprefix("bytes ").partition("/")
        content = self.server.sessions.pop(self.path, b"") + self.body()
        if len(content) < int(total):
            self.server.sessions[self.path] = content
            return self.answer(308, {}, {"Range": f"bytes=0-{len(content) - 1}"})
        self.store(bucket, name, content)
        return self.answer(200, self.resource(bucket, name))

    def do_DELETE(self):
        match self.words:
            case ["storage", "v1", "b", bucket, "o", name] if name in self.buckets.get(bucket, {}):
                del self.buckets[bucket][name]
            case ["storage", "v1", "b", bucket] if bucket in self.buckets:
                del self.buckets[bucket]
            case _:
                return self.error(404, "notFound")
        return self.answer(204)

    def do_GET(self):
        match self.words:
            case ["storage", "v1", "b", bucket, "o"] if bucket in self.buckets:
                prefix, glob = self.query.get("prefix", ""), self.query.get("matchGlob", "*")
                found = [name for name in sorted(self.buckets[bucket]) if name.startswith(prefix) and fnmatch.fnmatch(name, glob)]
                return self.answer(200, {"items": [self.resource(bucket, name) for name in found]})
            case ["storage", "v1", "b", bucket, "o", name] if name in self.buckets.get(bucket, {}):
                if self.query.get("alt") != "media":
                    return self.answer(200, self.resource(bucket, name))
                its = self.buckets[bucket][name]
                return self.answer(200, its["content"], {"X-Goog-Generation": its["generation"], "X-Goog-Hash": "crc32c=" + crc32c(its["content"])})
            case ["storage", "v1", "b"]:
                return self.answer(200, {"items": [{"name": name} for name in self.buckets]})
        return self.error(404, "notFound")

    def store(self, bucket, name, content):
        self.server.generation += 1
        self.buckets[bucket][name] = {"content": content, "generation": str(self.server.generation),
                                      "updated": datetime.datetime.now(datetime.timezone.utc).isoformat()}

    def resource(self, bucket, name):
        its = self.buckets[bucket][name]
        return {"name": name, "size": str(len(its["content"])), "generation": its["generation"], "updated": its["updated"],
                "crc32c": crc32c(its["content"])}

    def answer(self, status, body=b"", headers=()):
        body = json.dumps(body).encode() if isinstance(body, dict) else body
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, reason):
        self.answer(status, {"error": {"code": status, "message": f"no {self.path}", "errors": [{"reason": reason}]}})

    def log_message(self, *_):
        pass


class Gcs:
    def start(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.buckets = {}  # bucket → name → content, generation, updated
        self.server.sessions = {}
        self.server.generation = 0
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"


def google_connection(project, **endpoints):
    """With the stand-ins' addresses by service."""
    return json.dumps({"conn_type": "google_cloud_platform", "extra": {"endpoints": endpoints, "project": project}})
