"""Nothing is answered that a power cut could take back. Server, worker and tasks run under strace; at the beginning of each
send the home is made as it would be without everything that was not synced, and what the message says is looked up in it:

  server → command       the run that it names is in the database
  server → worker        ExecuteTask: the task instance has this token; the answer to SetXCom: the XCom is there; to
                         SucceedTask: the task instance is success
  worker → warm process  ForkTask, and StartOperator to the operator host: the token stands in worker/launch.rec

From some of these homes, spread over the recording, and from the last one a server is started. All runs end there, and the
ledger, as it was at that moment, is judged with what it gets then.
"""

import collections
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import unittest

from crash.ledger import Judge
from crash.recording import Disk, Recording, command, unpack
from crash.rig import Rig, all_processes, wait_until
from support.venturi import BIN

RUNS = 4
RESTARTS = int(os.environ.get("VENTURI_CRASH_RESTARTS", "20"))


class DurabilityTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(self)
        self.base = self.rig.folder / "base"
        self.problems = []
        self.looked_up = collections.Counter()
        self.asked = {}  # (worker's socket, id) → (token, message)
        self.workers = set()
        self.tokens = {}  # ti_id → token
        self.run_of = {}  # token → run_id, task_id
        self.cuts = []
        self.answered = set()
        self.seen = (-1, None)

    def record(self):
        output = self.rig.folder / "strace"
        server = [str(BIN / "venturi"), "standalone"]
        with self.rig.log.open("a") as log:
            tracer = subprocess.Popen([*command(output), *server], env=self.rig.environment, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=log)
        self.rig.process = tracer
        self.rig.wait_for_server()
        for n in range(RUNS):
            self.rig.trigger_again(f"run_{n}")
        self.rig.wait_until(lambda: not self.rig.unfinished(), 60, "the end of all runs")
        traced, = [p for p in all_processes() if p.parent == tracer.pid]
        traced.kill(signal.SIGTERM)
        tracer.wait(60)
        wait_until(lambda: not any(str(self.rig.home) in p.words for p in all_processes()), 20, "the end of the worker")
        self.rig.process = None
        return output

    def test_what_was_answered_survives_a_power_cut(self):
        shutil.copytree(self.rig.home, self.base, symlinks=True, ignore=lambda folder, names: [n for n in names if n.endswith((".sock", "-shm"))])
        self.disk = Disk([self.rig.home])
        self.disk.folders += (str(self.rig.folder) + "/ledger",)  # outside of the home; what is written there counts as synced
        recording = Recording(self.disk, self.on_frame)
        recording.read(self.record())
        self.cut()
        print(", ".join(f"{n} {what}" for what, n in self.looked_up.items()) + f"; {len(self.cuts)} moments", flush=True)
        if self.problems:
            self.fail("not on disk when it was said:\n" + "\n".join(self.problems[:50]))
        for what in ("runs", "launches", "XComs", "XComs in files", "successes", "forks", "operators"):
            self.assertGreater(self.looked_up[what], 0, what)
        whole = len(self.cuts)
        chosen = sorted({round(i * (whole - 1) / (RESTARTS - 1)) for i in range(RESTARTS)})
        for at in chosen:
            with self.subTest(moment=f"{at + 1} of {whole}"):
                self.restart(*self.cuts[at])
        print(f"started again from {len(chosen)} of them", flush=True)

    def find(self, sql, *values):
        """The first row in the database as it would be found."""
        if self.seen[0] != self.disk.version:
            if self.seen[1] is not None:
                self.seen[1].close()
            folder = self.rig.folder / "found"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name in ("venturi.db", "venturi.db-wal"):
                content = self.disk.durable(self.rig.home / name)
                if content is not None:
                    (folder / name).write_bytes(content)
            self.seen = (self.disk.version, sqlite3.connect(folder / "venturi.db"))
        return self.seen[1].execute(sql, values).fetchone()

    def query(self, sql, *values):
        return self.find(sql, *values) is not None

    def has_xcom(self, run_id, value):
        """Whether it is there: in its row, or in the file that the row names."""
        if not str(value).startswith("@"):
            return value is not None
        files = list((self.rig.home / "xcoms").glob(f"*/{run_id}/{value[1:]}"))
        return len(files) == 1 and self.disk.durable(files[0]) is not None

    def check(self, what, holds, text):
        self.looked_up[what] += 1
        if not holds:
            self.problems.append(text)

    def on_frame(self, sender, receiver, is_server, frame):
        number, body, *_ = frame
        kind = body.get("type") if isinstance(body, dict) else None
        if kind == "WorkerHello":
            self.workers.add(sender)
        if sender in self.workers:
            if kind == "TryMessage":
                # A large one is handed on as the bytes of its msgpack.
                message = body["body"] if "body" in body else unpack(body["packed"].encode(errors="surrogateescape"))[0]
                self.asked[sender, number] = (tuple(body["token"]), message)
        elif is_server:
            self.from_server(receiver, number, kind, body)
        elif kind in ("ForkTask", "StartOperator"):
            token = self.tokens[body["ti_id"]] if kind == "ForkTask" else tuple(body["token"])
            record = self.disk.durable(self.rig.home / "worker" / "launch.rec") or b""
            slots = [record[at:at + 16] for at in range(0, len(record), 32)]
            self.check("forks" if kind == "ForkTask" else "operators", struct.pack("<QQ", *token) in slots,
                       f"{kind} of {token}: it is not in launch.rec")

    def from_server(self, receiver, number, kind, body):
        if kind == "ExecuteTask":
            token, ti = tuple(body["token"]), body["ti"]
            self.tokens[ti["id"]], self.run_of[token] = token, (ti["run_id"], ti["task_id"])
            self.check("launches", self.query("SELECT 1 FROM task_instance WHERE token_epoch = ? AND token_sequence = ?", *token),
                       f"launch {token} is sent and not in the database")
            self.cut()
        elif (receiver, number) in self.asked:
            token, message = self.asked.pop((receiver, number))
            run_id, task_id = self.run_of[token]
            where = "task_id = ? AND run_no = (SELECT no FROM dag_run WHERE run_id = ?)"
            if message["type"] == "SetXCom":
                row = self.find(f"SELECT value FROM xcom WHERE {where} AND key = ?", task_id, run_id, message["key"])
                if row is not None and str(row[0]).startswith("@"):
                    self.looked_up["XComs in files"] += 1
                self.check("XComs", row is not None and self.has_xcom(run_id, row[0]),
                           f"the XCom {message['key']} of {run_id}/{task_id} is answered and not in the database")
            elif message["type"] == "SucceedTask":
                self.check("successes", self.query(f"SELECT 1 FROM task_instance WHERE {where} AND state = 'success'", task_id, run_id),
                           f"the success of {run_id}/{task_id} is answered and not in the database")
                self.cut()
        elif receiver not in self.workers:
            for run_id in {text for text in self.texts(body) if text.startswith("run_")}:
                self.check("runs", self.query("SELECT 1 FROM dag_run WHERE run_id = ?", run_id), f"{run_id} is answered and not in the database")
                self.answered.add(run_id)
                self.cut()

    def texts(self, value):
        if isinstance(value, str):
            yield value
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from self.texts(item)

    def cut(self):
        ledger = self.disk.names.get(str(self.rig.ledger))
        self.cuts.append((self.disk.lay_out(lambda path: path.startswith(str(self.rig.home))), len(ledger.now) if ledger else 0,
                          set(self.answered)))

    def restart(self, files, ledger_size, answered):
        shutil.rmtree(self.rig.home)
        shutil.copytree(self.base, self.rig.home, symlinks=True)
        for path in [p for p in self.rig.home.rglob("*") if p.is_file() and str(p) not in files]:
            path.unlink()
        for path, content in files.items():
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            known = os.path.exists(path)
            with open(path, "r+b" if known else "xb") as f:
                f.write(content)
                f.truncate()
            if not known:
                os.chmod(path, 0o600)
        whole = self.rig.folder / "ledger_whole"
        if not whole.exists():
            shutil.copy(self.rig.ledger, whole)
        self.rig.ledger.write_bytes(whole.read_bytes()[:ledger_size])
        self.rig.start()
        self.rig.drain()
        judge = Judge(self.rig.ledger, self.rig.home, answered)
        judge.check(self)


if __name__ == "__main__":
    unittest.main()
