#!/usr/bin/env python3
"""A stand-in for Redshift in front of a PostgreSQL and an S3, for tests and examples. It prints its port for PostgreSQL's protocol,
then the one of the Data API.

On the wire everything passes through to PostgreSQL, but for two statements that it carries out itself, as COPY with STDIN and STDOUT:

  COPY TABLE [(COLUMNS)] FROM 's3://BUCKET/PREFIX' CREDENTIALS '...' [REGION '...'] [CSV] [DELIMITER [AS] 'c'] [IGNOREHEADER n] [GZIP]
  UNLOAD ('QUERY' or $$QUERY$$) TO 's3://BUCKET/PREFIX' CREDENTIALS '...' [CSV] [DELIMITER [AS] 'c'] [HEADER] [GZIP] [PARALLEL OFF]
         [ALLOWOVERWRITE]

Credentials have to be --access-key or a role; otherwise the error repeats the statement, as far as Redshift does.

The Data API (JSON 1.1) runs statements with psql (PGPASSWORD is its password), through the port above; a list is one transaction. The same ClientToken is the
same statement. Results come two records a page. POST /throttle/N refuses the next N requests. At the same port there are workgroups and
namespaces of Redshift Serverless, without anything behind them.

What it cannot be: keys of distribution and sort, SUPER, spectrum, rights by IAM, and Redshift's own dialect.
"""

import argparse
import datetime
import gzip
import http.server
import json
import re
import signal
import socket
import socketserver
import struct
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
import uuid

CREDENTIALS = r"CREDENTIALS\s+'(?P<credentials>[^']*)'"
COPY = re.compile(r"\s*COPY\s+(?P<table>\S+)\s*(?P<columns>\([^)]*\))?\s+FROM\s+'s3://(?P<bucket>[^/']+)/(?P<key>[^']*)'\s+" + CREDENTIALS +
                  r"(?P<options>.*)", re.IGNORECASE | re.DOTALL)
UNLOAD = re.compile(r"\s*UNLOAD\s*\((?:\$\$(?P<dollars>.*)\$\$|'(?P<quoted>(?:[^']|'')*)')\)\s*TO\s+'s3://(?P<bucket>[^/']+)/(?P<key>[^']*)'\s+" +
                    CREDENTIALS + r"(?P<options>.*)", re.IGNORECASE | re.DOTALL)
args = None


class Refused(Exception):
    pass


class Conflict(Exception):
    pass


# ---- S3 ----------------------------------------------------------------------------------------------------------------------

def s3(method, path, body=None):
    request = urllib.request.Request(args.s3 + urllib.parse.quote(path, safe="/?=&-"), data=body, method=method)
    request.add_header("Content-Type", "application/octet-stream")
    request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={args.access_key}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read()
    except urllib.error.HTTPError as e:
        code = re.search(r"<Code>(.*?)</Code>", e.read().decode())
        raise Refused(f"S3ServiceException:{code[1] if code else e.reason}") from e


def objects_below(bucket, prefix):
    listing = s3("GET", f"/{bucket}?list-type=2&prefix={prefix}").decode()
    keys = re.findall(r"<Key>(.*?)</Key>", listing)
    if not keys:
        raise Refused(f"The specified S3 prefix '{prefix}' does not exist")
    return [s3("GET", f"/{bucket}/{key}") for key in keys]


# ---- COPY and UNLOAD ---------------------------------------------------------------------------------------------------------

class Options:
    def __init__(self, text):
        self.csv, self.gzip = self.has(text, "CSV"), self.has(text, "GZIP")
        self.header, self.overwrites = self.has(text, "HEADER"), self.has(text, "ALLOWOVERWRITE")
        self.parallel = not re.search(r"\bPARALLEL\s+(OFF|FALSE)\b", text, re.IGNORECASE)
        delimiter = re.search(r"\bDELIMITER\s+(?:AS\s+)?'(.)'", text, re.IGNORECASE)
        self.delimiter = delimiter[1] if delimiter else "," if self.csv else "|"
        skipped = re.search(r"\bIGNOREHEADER\s+(?:AS\s+)?(\d+)", text, re.IGNORECASE)
        self.skipped = int(skipped[1]) if skipped else 0

    @staticmethod
    def has(text, word):
        return re.search(rf"(?<!\w){word}(?!\w)", text, re.IGNORECASE) is not None

    @property
    def format(self):
        return f"(FORMAT {'csv' if self.csv else 'text'}, DELIMITER '{self.delimiter}'{', HEADER' if self.header else ''})"


def check_credentials(match, sql):
    pairs = dict(part.partition("=")[::2] for part in match["credentials"].split(";"))
    if pairs.get("aws_access_key_id") != args.access_key and not pairs.get("aws_iam_role", "").startswith("arn:"):
        raise Refused("The AWS Access Key Id you provided does not exist in our records. " + " ".join(sql.split())[:200])


def rows_for(match):
    options = Options(match["options"])
    for content in objects_below(match["bucket"], match["key"]):
        content = gzip.decompress(content) if options.gzip else content
        yield b"".join(line for line in content.splitlines(keepends=True)[options.skipped:]) if options.skipped else content


def put_unloaded(match, options, rows):
    key = match["key"] + ("0000_part_00" if options.parallel else "000") + (".gz" if options.gzip else "")
    if not options.overwrites and f"<Key>{key}</Key>" in s3("GET", f"/{match['bucket']}?list-type=2&prefix={key}").decode():
        raise Refused(f"Specified unload destination on S3 is not empty: s3://{match['bucket']}/{key}")
    s3("PUT", f"/{match['bucket']}/{key}", gzip.compress(rows) if options.gzip else rows)


# ---- PostgreSQL's protocol ---------------------------------------------------------------------------------------------------

def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def exactly(stream, size):
    data = stream.read(size)
    if len(data) != size:
        raise ConnectionError
    return data


def read_message(stream):
    kind = exactly(stream, 1)
    return kind, exactly(stream, struct.unpack("!i", exactly(stream, 4))[0] - 4)


class Wire(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            self.server_socket = socket.create_connection(args.postgres)
            self.from_client, self.from_server = self.request.makefile("rb"), self.server_socket.makefile("rb")
            self.open()
        except (ConnectionError, OSError, ValueError):
            pass
        finally:
            self.server_socket.close()

    def open(self):
        while True:
            size, code = struct.unpack("!ii", exactly(self.from_client, 8))
            rest = exactly(self.from_client, size - 8)
            if code == 80877103:  # TLS, which PostgreSQL would be asked for
                self.request.sendall(b"N")
                continue
            self.server_socket.sendall(struct.pack("!ii", size, code) + rest)
            break
        if code == 80877102:  # that something be cancelled: PostgreSQL closes the connection then
            self.from_server.read()
            return
        self.own = None  # what takes the server's messages, while there is a statement of ours
        threading.Thread(target=self.pass_answers, daemon=True).start()
        while True:
            kind, body = read_message(self.from_client)
            sql = body[:-1].decode() if kind == b"Q" else ""
            if copy := COPY.fullmatch(sql):
                self.run(sql, copy, self.copy)
            elif unload := UNLOAD.fullmatch(sql):
                self.run(sql, unload, self.unload)
            else:
                self.server_socket.sendall(message(kind, body))

    def pass_answers(self):
        try:
            while True:
                kind, body = read_message(self.from_server)
                if self.own is None or not self.own(kind, body):
                    self.request.sendall(message(kind, body))
                if kind == b"Z":
                    self.own = None
        except (ConnectionError, OSError, ValueError):
            self.request.close()

    def query(self, sql):
        self.server_socket.sendall(message(b"Q", sql.encode() + b"\0"))

    def run(self, sql, match, work):
        try:
            check_credentials(match, sql)
            work(match)
        except Refused as e:
            # PostgreSQL itself says it, so that a transaction is broken as it is to be.
            text = str(e).replace("'", "''").replace("%", "%%")
            self.query(f"DO $do$ BEGIN RAISE EXCEPTION '{text}'; END $do$")

    def copy(self, match):
        content = list(rows_for(match))

        def take(kind, _):
            if kind != b"G":
                return False
            for rows in content:
                self.server_socket.sendall(message(b"d", rows if rows.endswith(b"\n") or not rows else rows + b"\n"))
            self.server_socket.sendall(message(b"c", b""))
            return True

        self.own = take
        self.query(f"COPY {match['table']} {match['columns'] or ''} FROM STDIN WITH {Options(match['options']).format}")

    def unload(self, match):
        query = match["dollars"] if match["dollars"] is not None else match["quoted"].replace("''", "'")
        options, rows = Options(match["options"]), []

        def take(kind, body):
            if kind == b"d":
                rows.append(body)
            elif kind == b"C":
                try:
                    put_unloaded(match, options, b"".join(rows))
                    self.request.sendall(message(b"C", b"UNLOAD\0"))
                except Refused as e:
                    self.request.sendall(message(b"E", b"SERROR\0CXX000\0M" + str(e).encode() + b"\0\0"))
            elif kind not in b"Hc":
                return False
            return True

        self.own = take
        self.query(f"COPY ({query}) TO STDOUT WITH {options.format}")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


# ---- the Data API ------------------------------------------------------------------------------------------------------------

def psql(*words):
    host, port = args.wire
    return ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", str(port), "-U", args.user, "-d", args.database, *words]


def literal(value):
    return "'" + value.replace("'", "''") + "'"


class Statement:
    """One that runs, or a list of them."""

    def __init__(self, body):
        self.id = str(uuid.uuid4())
        self.is_list = "Sqls" in body
        values = {p["name"]: literal(p["value"]) for p in body.get("Parameters", ())}
        self.sqls = [re.sub(r"(?<!:):(\w+)", lambda m: values.get(m[1], m[0]), sql) for sql in body.get("Sqls") or [body["Sql"]]]
        self.returns = [re.match(r"\s*(SELECT|WITH)\b", sql, re.IGNORECASE) is not None for sql in self.sqls]
        self.results, self.error, self.status = [None] * len(self.sqls), "", "STARTED"
        # One line for each statement: its rows as JSON, or nothing. What ends with a semicolon may not stand in a FROM.
        words = ["--single-transaction"] if self.is_list else []
        for sql, returns in zip(self.sqls, self.returns):
            bare = sql.strip().rstrip(";")
            words += ["-c", f"SELECT replace(coalesce(json_agg(q), '[]')::text, E'\\n', ' ') FROM ({bare}) AS q" if returns else bare]
        self.process = subprocess.Popen(psql(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.wait, daemon=True).start()

    def wait(self):
        out, err = self.process.communicate()
        lines = iter([line for line in out.splitlines() if line])
        if self.process.returncode == 0:
            self.results = [json.loads(next(lines)) if returns else None for returns in self.returns]
            self.status = "FINISHED"
        elif self.status != "ABORTED":
            self.error, self.status = err.strip(), "FAILED"

    def cancel(self):
        if self.status != "STARTED":
            raise Refused(f"Could not cancel a query that is already in {self.status} state")
        self.status = "ABORTED"
        self.process.send_signal(signal.SIGINT)

    def described(self):
        body = {"Id": self.id, "Status": self.status, "HasResultSet": self.results[0] is not None, "ResultRows": -1}
        if self.results[0] is not None:
            body["ResultRows"] = len(self.results[0])
        if self.error:
            body["Error"] = self.error
        if self.is_list:
            # psql does not say which one failed.
            status = "ABORTED" if self.status == "FAILED" else self.status
            body["SubStatements"] = [{"Id": f"{self.id}:{n}", "Status": status, "HasResultSet": result is not None}
                                     for n, result in enumerate(self.results, 1)]
        return body

    @staticmethod
    def cell(value):
        if value is None:
            return {"isNull": True}
        kinds = {bool: "booleanValue", int: "longValue", float: "doubleValue", str: "stringValue"}
        return {kinds[type(value)]: value} if type(value) in kinds else {"stringValue": json.dumps(value)}

    def page(self, number, begin):
        rows = self.results[number]
        body = {"Records": [[self.cell(value) for value in row.values()] for row in rows[begin:begin + 2]], "TotalNumRows": len(rows)}
        body["ColumnMetadata"] = [{"name": name} for name in rows[0]] if rows else []
        return body | ({"NextToken": str(begin + 2)} if begin + 2 < len(rows) else {})


class DataApi(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    statements, tokens, lock, throttled = {}, {}, threading.Lock(), 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/throttle/"):
            DataApi.throttled = int(self.path.rpartition("/")[2])
            return self.answer(200, {})
        with self.lock:
            if self.throttled > 0:
                DataApi.throttled -= 1
                return self.answer(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
            try:
                return self.answer(200, getattr(self, self.headers["X-Amz-Target"].rpartition(".")[2])(json.loads(body)))
            except Conflict as e:
                return self.answer(400, {"__type": "ConflictException", "message": str(e)})
            except Refused as e:
                return self.answer(400, {"__type": "ValidationException", "message": str(e)})
            except KeyError as e:
                return self.answer(400, {"__type": "ResourceNotFoundException", "message": f"Query does not exist: {e}"})

    def ExecuteStatement(self, body):
        token = body["ClientToken"]
        if token not in self.tokens:
            statement = Statement(body)
            self.statements[statement.id] = statement
            self.tokens[token] = statement.id
        return {"Id": self.tokens[token]} | ({"SessionId": str(uuid.uuid4())} if "SessionKeepAliveSeconds" in body else {})

    BatchExecuteStatement = ExecuteStatement

    def DescribeStatement(self, body):
        return self.statements[body["Id"]].described()

    def CancelStatement(self, body):
        self.statements[body["Id"]].cancel()
        return {"Status": True}

    def GetStatementResult(self, body):
        name, _, number = body["Id"].partition(":")
        return self.statements[name].page(int(number or 1) - 1, int(body.get("NextToken", 0)))

    # ---- Redshift Serverless: each look brings what is under way one step further -------------------------------------------

    workgroups, namespaces = {}, {}

    def make(self, kind, name, resource):
        if name in kind:
            raise Conflict(f"There is already a resource {name}")
        kind[name] = resource | {"status": "CREATING", "creationDate": datetime.datetime.now(datetime.timezone.utc).isoformat()}
        return kind[name]

    def look(self, kind, name):
        resource = dict(kind[name])
        if resource["status"] == "DELETING":
            del kind[name]
        else:
            kind[name]["status"] = "AVAILABLE"
        return resource

    def delete(self, kind, name):
        if kind[name]["status"] != "AVAILABLE":
            raise Conflict(f"{name} is being changed")
        kind[name]["status"] = "DELETING"
        return kind[name]

    def CreateNamespace(self, body):
        return {"namespace": self.make(self.namespaces, body["namespaceName"], {"namespaceName": body["namespaceName"]})}

    def GetNamespace(self, body):
        return {"namespace": self.look(self.namespaces, body["namespaceName"])}

    def DeleteNamespace(self, body):
        if any(w["namespaceName"] == body["namespaceName"] for w in self.workgroups.values()):
            raise Conflict("the namespace has a workgroup")
        return {"namespace": self.delete(self.namespaces, body["namespaceName"])}

    def CreateWorkgroup(self, body):
        if body["workgroupName"] not in self.workgroups and body["namespaceName"] not in self.namespaces:
            raise KeyError(body["namespaceName"])
        made = body | {"endpoint": {"address": body["workgroupName"] + ".serverless.example", "port": 5439}}
        return {"workgroup": self.make(self.workgroups, body["workgroupName"], made)}

    def GetWorkgroup(self, body):
        return {"workgroup": self.look(self.workgroups, body["workgroupName"])}

    def DeleteWorkgroup(self, body):
        return {"workgroup": self.delete(self.workgroups, body["workgroupName"])}

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("x-amzn-RequestId", "of-the-stand-in")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def main():
    global args
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", required=True, metavar="HOST:PORT")
    parser.add_argument("--user", default="postgres")
    parser.add_argument("--database", default="postgres")
    parser.add_argument("--s3", required=True, metavar="URL")
    parser.add_argument("--access-key", required=True, help="the one that counts in CREDENTIALS")
    args = parser.parse_args()
    host, _, port = args.postgres.rpartition(":")
    args.postgres = (host, int(port))
    wire = Server(("127.0.0.1", 0), Wire)
    args.wire = wire.server_address
    threading.Thread(target=wire.serve_forever, daemon=True).start()
    data_api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), DataApi)
    data_api.daemon_threads = True
    print(args.wire[1], data_api.server_address[1], sep="\n", flush=True)
    data_api.serve_forever()


main()
