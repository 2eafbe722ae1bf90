"""A small S3 for examples: objects in memory, by path (/BUCKET/KEY), listed a page at a time. It checks no signatures."""

import hashlib
import http.server
import json
import threading
import urllib.parse
from xml.sax.saxutils import escape


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def place(self):
        bucket, _, key = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).lstrip("/").partition("/")
        return bucket, key

    @property
    def query(self):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))

    def do_PUT(self):
        bucket, key = self.place
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not key:
            self.server.buckets.setdefault(bucket, {})
            return self.answer(200)
        if bucket not in self.server.buckets:
            return self.error(404, "NoSuchBucket")
        source = self.headers.get("x-amz-copy-source")
        if source is None:
            self.server.buckets[bucket][key] = body
            return self.answer(200, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})
        from_bucket, _, from_key = urllib.parse.unquote(source).lstrip("/").partition("/")
        self.server.buckets[bucket][key] = self.server.buckets[from_bucket][from_key]
        return self.answer(200, "<CopyObjectResult/>")

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        bucket, key = self.place
        objects = self.server.buckets.get(bucket)
        if objects is None:
            return self.error(404, "NoSuchBucket")
        if key:
            return self.answer(200, objects[key]) if key in objects else self.error(404, "NoSuchKey")
        found = [name for name in sorted(objects) if name.startswith(self.query.get("prefix", ""))]
        return self.answer(200, "<ListBucketResult>" + "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(objects[name])}</Size></Contents>" for name in found) + "</ListBucketResult>")

    def answer(self, status, body=b"", headers=()):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code></Error>")

    def log_message(self, *_):
        pass


class S3:
    def start(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.buckets = {}  # bucket → key → bytes
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def connection(self):
        return json.dumps({"conn_type": "aws", "login": "key", "password": "secret-of-the-key",
                           "extra": {"endpoint_url": f"http://127.0.0.1:{self.server.server_address[1]}"}})
