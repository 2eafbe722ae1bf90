#!/usr/bin/env python3
"""Jobs of BigQuery and statements of Redshift's Data API that never end by themselves, for rows about waiting. It prints its port.

GET /looks: how many jobs there are, and how often somebody looked at one. POST /end: from now on all have ended.
"""

import asyncio
import json
import re

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TARGET = re.compile(rb"\r\nx-amz-target: *RedshiftData\.(\w+)", re.IGNORECASE)


class Jobs:
    def __init__(self):
        self.configurations, self.statements, self.looks, self.ended = {}, 0, 0, False

    def bigquery(self, job_id):
        status = {"state": "DONE" if self.ended else "RUNNING"}
        return {"kind": "bigquery#job", "jobReference": {"projectId": "shop", "jobId": job_id, "location": "EU"}, "status": status,
                "configuration": self.configurations[job_id], "statistics": {"query": {"totalBytesProcessed": "0"}}}

    def answer(self, method, path, head, body):
        if target := TARGET.search(head):
            if target[1] == b"ExecuteStatement":
                self.statements += 1
                return 200, {"Id": f"00000000-0000-4000-8000-{self.statements:012}", "Database": "dev", "CreatedAt": 1767225600.0}
            self.looks += 1
            return 200, {"Id": json.loads(body)["Id"], "Status": "FINISHED" if self.ended else "STARTED", "HasResultSet": False, "ResultRows": 0}
        if path == "/looks":
            return 200, {"jobs": len(self.configurations) + self.statements, "looks": self.looks}
        if path == "/end":
            self.ended = True
            return 200, {}
        if method == "POST" and path.startswith("/bigquery/v2/projects/shop/jobs"):
            job = json.loads(body)
            self.configurations[job["jobReference"]["jobId"]] = job["configuration"]
            return 200, self.bigquery(job["jobReference"]["jobId"])
        job_id = path.partition("?")[0].rpartition("/")[2]
        if job_id not in self.configurations:
            return 404, {"error": {"code": 404, "message": f"Not found: {path}", "errors": [{"reason": "notFound"}]}}
        self.looks += 1
        return 200, self.bigquery(job_id)


class Connection(asyncio.Protocol):
    def __init__(self, jobs):
        self.jobs, self.data, self.transport = jobs, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end]
            length = LENGTH.search(head)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self.data) < size:
                return
            body, self.data = self.data[end + 4:size], self.data[size:]
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            status, found = self.jobs.answer(method, path, head, body)
            text = json.dumps(found).encode()
            self.transport.write(b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(text), text))


async def main():
    jobs = Jobs()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(jobs), "127.0.0.1", 0, backlog=10_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
