"""A row about the server's pages."""

import http.client
import statistics
import time
import urllib.parse

from support.pages import Pages

from .home import THROUGHPUT, BenchHome, Wrong


def run_page(bench):
    """Of a run with 1,000 tasks, from the request to the last byte, over a connection that is kept."""
    home = BenchHome(bench.fresh("pages"), ["bench_noop_1000"], THROUGHPUT)
    with home.running():
        home.run_dag("bench_noop_1000")
        pages = Pages(home)
        pages.log_in()
        run_id = home.rows("dags", "list-runs", "bench_noop_1000")[0]["run_id"]
        path = "/dags/bench_noop_1000/runs/" + urllib.parse.quote(run_id)
        connection = http.client.HTTPConnection(pages.address)
        times = []
        for _ in range(10 if bench.quick else 50):
            begin = time.perf_counter()
            connection.request("GET", path, headers={"cookie": f"venturi_session={pages.cookies['venturi_session']}"})
            answer = connection.getresponse()
            text = answer.read().decode()
            times.append(time.perf_counter() - begin)
            if answer.status != 200 or text.count("<tr>") < 1000:
                raise Wrong(f"the page of a run has the status {answer.status} and {text.count('<tr>')} rows")
        connection.close()
    return {"page_run_1000_ms": {"value": 1e3 * statistics.median(times), "bytes": len(text)}}
