#!/usr/bin/env python3
"""An HTTP/1.1 server for tests, which does on demand what servers do wrong. It prints its port, then its TLS port where it has one.

  /echo                   JSON of the request              /status/N            answers N (?body=...)
  /redirect/N             N redirects, then /echo          /to?url=U&status=S   one redirect
  /circle/a               /circle/b, /circle/a, ...        /cookie              sets one and redirects to /echo
  /hang  /slow/S          never, or after S seconds        /stall               a head, some bytes, then nothing
  /poll/NAME              waits for /release/NAME          /waiting/NAME        how many wait there
  /zeros/N                N zeros, in chunks               /short               breaks off in its body
  /file/NAME              what lies in --files; takes Range; ?breaks=K breaks the first K answers half way
  /gzip/N  /badgzip       N letters compressed; rubbish    /charset             Latin-1
  /page?page=P&of=N       a list of two, empty after N     /link?page=P&of=N    the same with a Link header
  /next?cursor=C&of=N     {"items": ..., "paging": {"next": URL}}
  /flaky/NAME/K/N         status N for the first K, then 200
  /token?secret=S&token=T an access token for who has the secret (OAuth 2.0, client credentials)
  /refused/CODE/N/...     status N with an error as S3 writes it
  /broken/NAME            /file/NAME, whose first answer breaks off
  /parts/...              multipart uploads, whose second part is refused; of /parts/slow after a minute
  / with an action of Amazon's (header X-Amz-Target, or Action in a form): the file of that name in --files has a line of JSON for
                          each answer, [status, body, seconds before it]; the last one is given again and again
  /latest/...             the metadata service of an EC2 instance, whose role is etl-role: the file of that name in --files
  /google/...             token servers as Google has them: see Google below
  /bigquery/...           jobs of BigQuery's, whose query says what becomes of them: see bigquery() below
  /storage/... /upload/... /session/...   Google Cloud Storage, by names that say what it does wrong: see Google below
  /drop  /rubbish         closes; answers what is no HTTP
  /reset                  breaks off in its body with a reset
  /heads /continues /longhead /trailers   a head, interim heads, a line of a head, what follows a body: without an end
  /drip                   a byte of its body each 20 ms, without an end

Every request is recorded as a line of JSON in --record.
"""

import argparse
import asyncio
import gzip
import json
import os
import socket
import ssl
import struct
import urllib.parse

options = None
counters = {}
pollers = {}
sessions = {}
bigquery_jobs = {}


def head(status, headers, reason="Because"):
    text = f"HTTP/1.1 {status} {reason}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers)
    return (text + "\r\n").encode("latin-1")


class Request:
    def __init__(self, method, target, headers, body, tls, client):
        self.method, self.target, self.headers, self.body, self.tls, self.client = method, target, headers, body, tls, client
        parts = urllib.parse.urlsplit(target)
        self.path = parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))

    def value(self):
        return {"method": self.method, "target": self.target, "headers": self.headers,
                "body": self.body.decode("utf-8", "backslashreplace"), "tls": self.tls, "client": self.client}


async def read_request(reader, tls, client):
    first = await reader.read(1)
    if first == b"\x16" and not tls:  # a client that speaks TLS: most servers hang up
        raise ConnectionError
    line = (first + await reader.readline()).decode("latin-1").split()
    if len(line) < 2:
        return None
    headers = {}
    while True:
        text = (await reader.readline()).decode("latin-1").rstrip("\r\n")
        if not text:
            break
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(line[0], line[1], headers, body, tls, client)


class Answers:
    def __init__(self, request, writer):
        self.r, self.w = request, writer

    def send(self, status, body=b"", headers=(), reason="Because"):
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body).encode(), [*headers, ("Content-Type", "application/json")]
        if isinstance(body, str):
            body = body.encode()
        self.w.write(head(status, [("Content-Length", len(body)), *headers], reason))
        if self.r.method != "HEAD":
            self.w.write(body)

    def echo(self, *_):
        self.send(200, self.r.value())

    def status(self, number):
        self.send(int(number), self.r.query.get("body", f"status {number}"))

    def redirect(self, number):
        left = int(number)
        self.send(302, b"moved", [("Location", f"/redirect/{left - 1}" if left > 1 else "/echo")])

    def to(self):
        self.send(int(self.r.query.get("status", 302)), b"x" * int(self.r.query.get("size", 0)), [("Location", self.r.query["url"])])

    def circle(self, name):
        self.send(302, b"", [("Location", "/circle/b?token=hush" if name == "a" else "/circle/a")])

    def cookie(self):
        self.send(302, b"", [("Location", "/echo"), ("Set-Cookie", "session=42; Path=/")])

    async def hang(self, *_):
        await asyncio.sleep(3600)

    async def slow(self, seconds):
        await asyncio.sleep(float(seconds))
        self.send(200, "late")

    async def stall(self):
        self.w.write(head(200, [("Content-Length", 1000)]) + b"some")
        await self.w.drain()
        await asyncio.sleep(3600)

    async def poll(self, name):
        event, waiting = pollers.setdefault(name, (asyncio.Event(), []))
        waiting.append(1)
        await event.wait()
        self.send(200, f"released {name}")

    def release(self, name):
        pollers.setdefault(name, (asyncio.Event(), []))[0].set()
        self.send(200)

    def waiting(self, name):
        self.send(200, str(len(pollers.get(name, (None, []))[1])))

    async def zeros(self, count):
        left, block = int(count), bytes(64 << 10)
        self.w.write(head(200, [("Transfer-Encoding", "chunked")]))
        while left > 0:
            part = block[: min(left, len(block))]
            self.w.write(b"%x\r\n" % len(part) + part + b"\r\n")
            left -= len(part)
            await self.w.drain()
        self.w.write(b"0\r\n\r\n")

    async def short(self):
        self.w.write(head(200, [("Content-Length", 1000)]) + b"some")
        await self.w.drain()
        raise ConnectionError

    async def file(self, name):
        with open(os.path.join(options.files, name), "rb") as f:
            content = f.read()
        tag = '"' + self.r.query.get("tag", "one") + '"'
        begin, headers, status = 0, [("ETag", tag), ("Accept-Ranges", "bytes")], 200
        wanted = self.r.headers.get("range")
        if wanted and self.r.headers.get("if-range", tag) == tag and "noranges" not in self.r.query:
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
            status = 206
            headers.append(("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}"))
        rest = content[begin:]
        self.w.write(head(status, [("Content-Length", len(rest)), *headers]))
        counters[self.r.target] = counters.get(self.r.target, 0) + 1
        if counters[self.r.target] <= int(self.r.query.get("breaks", 0)):
            self.w.write(rest[: len(rest) // 2])
            await self.w.drain()
            raise ConnectionError
        self.w.write(rest)

    def gzip(self, count):
        self.send(200, gzip.compress(b"a" * int(count)), [("Content-Encoding", "gzip")])

    def badgzip(self):
        self.send(200, b"no gzip at all", [("Content-Encoding", "gzip")])

    def charset(self):
        self.send(200, "gr\u00fc\u00df".encode("latin-1"), [("Content-Type", "text/plain; charset=ISO-8859-1")])

    def items(self, page):
        return [] if page > int(self.r.query.get("of", 3)) else [2 * page - 1, 2 * page]

    def page(self):
        self.send(200, self.items(int(self.r.query.get("page", 1))))

    def link(self):
        page, of = int(self.r.query.get("page", 1)), int(self.r.query.get("of", 3))
        more = [("Link", f'</first>; rel="first", </link?page={page + 1}&of={of}>; rel="next"')] if page < of else []
        self.send(200, self.items(page), more)

    def next(self):
        page, of = int(self.r.query.get("cursor", 1)), int(self.r.query.get("of", 3))
        link = f"/next?cursor={page + 1}&of={of}" if page < of else None
        self.send(200, {"items": self.items(page), "paging": {"next": link}})

    def flaky(self, name, count, status):
        counters[name] = counters.get(name, 0) + 1
        failed = counters[name] <= int(count)
        self.send(int(status) if failed else 200, "not yet" if failed else "now", [("Retry-After", "0")] if failed else [])

    def token(self):
        form = dict(urllib.parse.parse_qsl(self.r.body.decode()))
        if form.get("grant_type") == "client_credentials" and form.get("client_secret") == self.r.query["secret"]:
            return self.send(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": self.r.query["token"]})
        return self.send(401, {"error": "invalid_client", "error_description": "Invalid client secret provided.\r\nTrace ID: 1"})

    def error(self, code, status):
        self.send(status, f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>It was said.</Message><RequestId>R17</RequestId></Error>")

    def refused(self, code, status, *_):
        self.error(code, int(status))

    async def broken(self, name):
        self.r.query["breaks"] = "1"
        await self.file(name)

    async def parts(self, *words):
        if "uploads" in self.r.query:
            return self.send(200, "<InitiateMultipartUploadResult><UploadId>u/1</UploadId></InitiateMultipartUploadResult>")
        if self.r.query.get("partNumber") == "2":
            await asyncio.sleep(60 if "slow" in words else 0)
            return self.error("AccessDenied", 403)
        return self.send(200, "", [("ETag", '"one"')])

    def action(self):
        """The name of what is asked of a service of Amazon's, or nothing."""
        if "x-amz-target" in self.r.headers:
            return self.r.headers["x-amz-target"].rpartition(".")[2]
        return dict(urllib.parse.parse_qsl(self.r.body.decode("latin-1"))).get("Action") if self.r.path == "/" else None

    async def scripted(self, action):
        with open(os.path.join(options.files, action)) as f:
            lines = f.read().splitlines()
        counters[action] = counters.get(action, 0) + 1
        status, body, *wait = json.loads(lines[min(counters[action], len(lines)) - 1])
        await asyncio.sleep(*wait or [0])
        self.send(status, body, [("x-amzn-RequestId", "R17")])

    def latest(self, *words):
        """The metadata service of an EC2 instance, version 2: its role's credentials are the file of that name."""
        if words == ("api", "token"):
            return self.send(200, "of-session") if self.r.method == "PUT" and "x-aws-ec2-metadata-token-ttl-seconds" in self.r.headers else self.send(405)
        if self.r.headers.get("x-aws-ec2-metadata-token") != "of-session":
            return self.send(401, "")
        roles = ("meta-data", "iam", "security-credentials")
        if words[:3] != roles:
            return self.send(404, "")
        if len(words) == 3:
            return self.send(200, "etl-role")
        with open(os.path.join(options.files, words[3])) as f:
            self.send(200, f.read())

    # ---- Google: tokens -------------------------------------------------------------------------------------------------
    # /google/token?token=T&lasts=S   for a signed assertion, a refresh token, or one that is exchanged; ?error=CODE refuses
    # /computeMetadata/...            the metadata server
    # /v1/projects/-/serviceAccounts/NAME:generateAccessToken    "as-NAME" for the bearer of a token
    # /tokeninfo

    def google(self, what):
        if what == "subject":
            return self.send(200, {"value": "subject-of-url"})
        if "error" in self.r.query:
            return self.send(400, {"error": self.r.query["error"], "error_description": "It was said."})
        counters["token"] = counters.get("token", 0) + 1
        token = self.r.query.get("token", "token") + f"-{counters['token']}"
        return self.send(200, {"access_token": token, "expires_in": int(self.r.query.get("lasts", 3600)), "token_type": "Bearer"})

    def computeMetadata(self, *path):
        if self.r.headers.get("metadata-flavor") != "Google":
            return self.send(403, "Missing Metadata-Flavor:Google header.")
        if path[-1] == "project-id":
            return self.send(200, "metadata-project")
        return self.send(200, {"access_token": "metadata-token", "expires_in": 3600, "token_type": "Bearer"})

    def v1(self, *path):
        name = path[-1].removesuffix(":generateAccessToken")
        if name.startswith("denied"):
            return self.google_error(403, "IAM_PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied")
        return self.send(200, {"accessToken": f"as-{name}", "expireTime": "2099-01-01T00:00:00Z"})

    def tokeninfo(self):
        self.send(200, {"expires_in": "3599"})

    def google_error(self, status, reason, message="It was said."):
        self.send(status, {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}})

    # ---- Google: BigQuery -----------------------------------------------------------------------------------------------
    # What becomes of a job its query says: "run N" (RUNNING for N questions), "fail REASON" (at once), "forever" (until it is
    # cancelled), "lost N" (it is taken, and the first N answers are 503), "slow REASON" (runs for two questions, then fails).

    def bigquery(self, _version, _projects, project, kind, name="", *rest):
        if kind == "queries":
            return self.send(200, {"jobComplete": True, "schema": {"fields": []}})
        if kind != "jobs":
            return self.google_error(404, "notFound", f"Not found: {kind} {name}")
        if self.r.method == "POST" and not name:
            return self.bigquery_insert(project, json.loads(self.r.body))
        job = bigquery_jobs.get(name)
        if job is None:
            return self.google_error(404, "notFound", f"Not found: Job {project}:{name}")
        if rest:
            job["cancelled"] = True
        else:
            job["asked"] += 1
        return self.send(200, {"job": self.bigquery_resource(job)} if rest else self.bigquery_resource(job))

    def bigquery_insert(self, project, body):
        name = body["jobReference"]["jobId"]
        if name in bigquery_jobs:
            return self.google_error(409, "duplicate", f"Already Exists: Job {project}:{name}")
        words = body["configuration"]["query"]["query"].split()
        job = {"body": body, "words": words, "asked": 0, "cancelled": False}
        bigquery_jobs[name] = job
        if words[0] == "lost":
            return self.google_error(503, "backendError")
        return self.send(200, self.bigquery_resource(job))

    def bigquery_resource(self, job):
        kind, *words = job["words"]
        runs = {"run": job["asked"] < int(words[0]) if kind == "run" else False, "forever": not job["cancelled"], "slow": job["asked"] < 2}.get(kind, False)
        status = {"state": "RUNNING" if runs else "DONE"}
        reason = "stopped" if job["cancelled"] else words[0] if kind in ("fail", "slow") else None
        if reason and not runs:
            status["errorResult"] = {"reason": reason, "message": "It was said.", "location": "query"}
            status["errors"] = [status["errorResult"]]
        reference = {"location": "EU", **job["body"]["jobReference"]}
        return {"jobReference": reference, "configuration": job["body"]["configuration"], "status": status, "statistics": {"totalBytesProcessed": "42"}}

    # ---- Google: Cloud Storage ------------------------------------------------------------------------------------------
    # By the names of objects: refused/REASON/STATUS, flaky/NAME/K/STATUS (the first K times), broken/NAME (breaks half way; what
    # lies in --files), replaced/NAME (breaks, and is another object then), corrupt/NAME, fresh (401 for the first token).
    # Copies come in three steps; a list has what is asked for, but for "none".

    async def storage(self, version, b, bucket, *rest):
        words = "/".join(rest[1:]).split("/")
        if "rewriteTo" in words:
            step = int(self.r.query.get("rewriteToken", "0"))
            done = {"done": True} if step == 2 else {"done": False, "rewriteToken": str(step + 1)}
            return self.send(200, {**done, "totalBytesRewritten": str(step * 10), "objectSize": "20"})
        kind = words[0]
        if not kind:
            wanted = self.r.query.get("prefix") or self.r.query.get("matchGlob")
            return self.send(200, {"items": [] if wanted == "none" else [{"name": wanted, "generation": "1"}]})
        if kind == "refused":
            return self.google_error(int(words[2]), words[1])
        if kind == "flaky":
            return await self.google_flaky(words)
        if kind == "fresh":
            if self.r.headers.get("authorization", "").endswith("-1"):
                return self.google_error(401, "authError", "Invalid Credentials")
            return self.send(200, {"name": "fresh", "size": "0"})
        if kind in ("broken", "replaced", "corrupt"):
            return await self.google_media(kind, words[1])
        return self.google_error(404, "notFound", f"No such object: {bucket}/{'/'.join(words)}")

    async def google_flaky(self, words):
        name, count, status = words[1:4]
        counters[name] = counters.get(name, 0) + 1
        if counters[name] <= int(count):
            return self.google_error(int(status), "backendError")
        return self.send(200, b"now", [("X-Goog-Generation", "1")])

    async def google_media(self, kind, name):
        with open(os.path.join(options.files, name), "rb") as f:
            content = f.read()
        key = f"{kind}/{name}"
        counters[key] = counters.get(key, 0) + 1
        generation = "2" if kind == "replaced" and counters[key] > 1 else "1"
        if self.r.query.get("generation", generation) != generation:
            return self.google_error(404, "notFound")
        begin = int(self.r.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        digest = "AAAAAA==" if kind == "corrupt" else self.r.query.get("crc", "")
        headers = [("X-Goog-Generation", generation), ("X-Goog-Hash", f"crc32c={digest}")] if digest else [("X-Goog-Generation", generation)]
        if begin > 0:
            headers.append(("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}"))
        rest = content[begin:]
        self.w.write(head(206 if begin > 0 else 200, [("Content-Length", len(rest)), *headers]))
        if counters[key] == 1 and kind != "corrupt":
            self.w.write(rest[: len(rest) // 2])
            await self.w.drain()
            raise ConnectionError
        self.w.write(rest)

    # Resumable uploads, by the name of the object: "half" takes half of the first piece, then is busy once; "dead" refuses the
    # second piece; "slow" takes a minute for it; "lost" forgets the upload once; "changed" has another checksum in the end.
    def upload(self, *_):
        name = self.r.query["name"]
        counters["session"] = counters.get("session", 0) + 1
        self.send(200, b"", [("Location", f"http://{self.r.headers['host']}/session/{name}?upload_id=secret-{counters['session']}")])

    async def session(self, name):
        if self.r.method == "DELETE":
            return self.send(499)
        store = sessions.setdefault(self.r.target, bytearray())
        what, _, total = self.r.headers["content-range"].removeprefix("bytes ").partition("/")
        counters[name] = counters.get(name, 0) + 1
        if what != "*":
            if name == "dead" and counters[name] == 2:
                return self.google_error(403, "forbidden")
            if name == "lost" and counters[name] == 2:
                return self.google_error(410, "gone")
            if name == "slow" and counters[name] == 2:
                await asyncio.sleep(60)
            if name == "half" and counters[name] == 2:
                return self.google_error(503, "backendError")
            body = self.r.body[: len(self.r.body) // 2] if name == "half" and counters[name] == 1 else self.r.body
            assert int(what.split("-")[0]) == len(store), (what, len(store))
            store += body
        if total == "*" or len(store) < int(total):
            return self.send(308, b"", [("Range", f"bytes=0-{len(store) - 1}")] if store else [])
        if options.files != "/nowhere":
            with open(os.path.join(options.files, "uploaded-" + name), "wb") as f:
                f.write(store)
        return self.send(200, {"name": name, "size": total, "generation": "7", "crc32c": "AAAAAA==" if name == "changed" else ""})

    async def drop(self):
        raise ConnectionError

    async def reset(self):
        self.w.write(head(200, [("Content-Length", 1000)]) + b"some")
        await self.w.drain()
        await asyncio.sleep(0.05)
        connection = self.w.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.w.transport.abort()
        raise ConnectionError

    async def without_end(self, begin, again, pause=0.0):
        self.w.write(begin)
        while True:
            self.w.write(again)
            await self.w.drain()
            await asyncio.sleep(pause)

    async def heads(self):
        await self.without_end(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n")

    async def continues(self):
        await self.without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n")

    async def longhead(self):
        await self.without_end(b"HTTP/1.1 200 OK\r\nX-More: ", b"and more " * 100)

    async def trailers(self):
        await self.without_end(head(200, [("Transfer-Encoding", "chunked")]) + b"4\r\nsome\r\n0\r\n", b"X-More: and more\r\n")

    async def drip(self):
        await self.without_end(head(200, [("Transfer-Encoding", "chunked")]), b"1\r\nx\r\n", 0.02)

    async def rubbish(self):
        self.w.write(b"220 mail.example ESMTP\r\n")
        await self.w.drain()
        raise ConnectionError


async def serve(reader, writer):
    tls = writer.get_extra_info("ssl_object")
    client = None
    if tls is not None and tls.getpeercert():
        client = dict(pair[0] for pair in tls.getpeercert()["subject"]).get("commonName")
    try:
        while (request := await read_request(reader, tls is not None, client)) is not None:
            if options.record:
                with open(options.record, "a") as f:
                    f.write(json.dumps(request.value()) + "\n")
            words = [urllib.parse.unquote(w) for w in request.path.split("/") if w]
            answers = Answers(request, writer)
            handler = getattr(answers, words[0], None) if words else answers.echo
            if (action := answers.action()) is not None:
                handler, words = answers.scripted, [None, action]
            if handler is None:
                answers.send(404, f"no {request.path}", reason="Not Found")
            else:
                result = handler(*words[1:])
                if result is not None:
                    await result
            await writer.drain()
            if request.headers.get("connection") == "close":
                break
    except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
        pass
    finally:
        writer.transport.abort() if tls is None and writer.transport.is_closing() else writer.close()


async def main():
    global options
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record")
    parser.add_argument("--files", default="/nowhere")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--client-ca")
    options = parser.parse_args()
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=2000)
    print(server.sockets[0].getsockname()[1], flush=True)
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        if options.client_ca:
            context.load_verify_locations(options.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        secure = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        print(secure.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
