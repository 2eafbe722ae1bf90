"""Rows about waiting: what thousands of waits cost, and how late they are."""

import asyncio
import datetime
import resource
import threading
import time

from . import processes
from .home import BenchHome, Wrong

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class LongPolls:
    """An HTTP server that answers no request before `answer_at`, and then all of them."""

    def __init__(self):
        files = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
        self.waiting, self.answer_at, self.port = 0, None, None
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    async def serve(self, reader, writer):
        while await reader.readuntil(b"\r\n\r\n"):
            self.waiting += 1
            await self.due.wait()
            writer.write(ANSWER)

    async def main(self):
        self.due, self.over = asyncio.Event(), asyncio.Event()

        async def one(reader, writer):
            try:
                await self.serve(reader, writer)
            except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
                writer.close()

        server = await asyncio.start_server(one, "127.0.0.1", 0, backlog=10_000)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.over.wait()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.main())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self.loop), return_exceptions=True))
        self.loop.close()

    def answer_all(self, at):
        self.loop.call_soon_threadsafe(lambda: self.loop.call_later(at - time.time(), self.due.set))

    def __enter__(self):
        self.thread.start()
        self.ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join()


def waits(bench):
    """All are due at once, a while after the last has begun to wait. Late is the last end that the host told, of all tries."""
    tasks = 1000 if bench.quick else 10_000
    many = str(4 * tasks)
    dag = f"bench_waits_{tasks}"
    home = BenchHome(bench.fresh(dag), [dag], {"VENTURI__CORE__PARALLELISM": many, "VENTURI__WORKER__PARALLELISM": many,
                                                  "VENTURI__CORE__DEFAULT_POOL_TASK_SLOT_COUNT": many})
    home.cli("db", "migrate")
    with LongPolls() as server:
        home.connection("bench_http", f"http://127.0.0.1:{server.port}")
        with home.running():
            at = time.time() + (6 if bench.quick else 20)
            text = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat()
            home.begin_runs(dag, ["waits"], at=text)
            server.answer_all(at)

            def all_wait():
                return server.waiting == tasks // 2 and home.read("SELECT count(*) FROM task_instance WHERE state IN ('running', 'deferred')")[0][0] == tasks

            home.wait_until(all_wait, seconds=at - time.time(), what=f"{tasks} waits")
            time.sleep(max(0.0, min(1.0, at - time.time() - 0.5)))
            hosts = {pid for pid in processes.family(home.home) if processes.name(pid) == "venturi-operato"}
            memory = processes.pss_mib(hosts)
            if time.time() > at:
                raise Wrong(f"{tasks} waits had not begun in time")
            home.wait_for_runs(dag, ["waits"], interval=0.05)
            ends = [end / 1e6 - at for end, in home.read("SELECT end_date FROM task_instance")]
    home.check(dag, tasks, xcoms=tasks // 2, logs=home.count(dag)["logs"])
    if min(ends) < -0.001:
        raise Wrong(f"a wait ended {-min(ends):.3f} s before it was due (home {home.home})")
    return {"waits_10000_mib": {"value": memory, "waits": tasks}, "waits_10000_late_s": {"value": max(ends), "median": sorted(ends)[tasks // 2], "waits": tasks}}
