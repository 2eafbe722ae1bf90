#!/usr/bin/env python3
"""Objects of S3 as files of a folder, as fast as Python can send and receive them: whole, in ranges, and in parts. It checks no signatures.
It prints its port.
"""

import hashlib
import http.server
import os
import pathlib
import re
import sys
import threading
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])
PIECE = 1 << 20


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    uploads = {}
    lock = threading.Lock()

    def place(self):
        path, _, query = self.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        return FOLDER / hashlib.sha256(path.encode()).hexdigest()

    def do_PUT(self):
        path, left = self.place(), int(self.headers.get("Content-Length", 0))
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        part = self.query.get("partNumber")
        with open(path.with_suffix(".part"), "r+b" if part else "wb") as file:
            if part:
                file.seek((int(part) - 1) * self.uploads[self.query["uploadId"]].setdefault("size", left))  # the first says how large all are
            buffer = memoryview(bytearray(PIECE))
            while left:
                count = self.rfile.readinto1(buffer[:min(PIECE, left)])
                if not count:
                    raise ConnectionError
                file.write(buffer[:count])
                left -= count
        if not part:
            os.replace(path.with_suffix(".part"), path)
        self.answer(200, headers={"ETag": '"bench"'})

    def do_POST(self):
        path = self.place()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "uploads" in self.query:
            with self.lock:
                name = f"upload-{len(self.uploads) + 1}"
                self.uploads[name] = {}
            path.with_suffix(".part").write_bytes(b"")
            return self.answer(200, f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>")
        os.replace(path.with_suffix(".part"), path)
        return self.answer(200, '<CompleteMultipartUploadResult><ETag>"bench"</ETag></CompleteMultipartUploadResult>')

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.place()
        if not path.exists():
            return self.answer(404, "<Error><Code>NoSuchKey</Code></Error>")
        size = path.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2] or size - 1)) if asked else (0, size - 1)
        self.send_response(206 if asked else 200)
        for name, value in (("Content-Length", last + 1 - first), ("ETag", '"bench"'), ("Accept-Ranges", "bytes"), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")):
            self.send_header(name, str(value))
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.end_headers()
        if self.command == "GET":
            with path.open("rb") as file:
                self.wfile.flush()
                self.connection.sendfile(file, first, last + 1 - first)

    def answer(self, status, body="", headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
