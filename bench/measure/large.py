"""A row about one very large run, of which no task starts: what its creation, its end, its clearing and its deletion cost others."""

import statistics
import threading
import time

from .client import Client
from .home import BenchHome, Wrong
from .table import percentile


class SmallRuns:
    """The small DAG, four times a second, while something else goes on."""

    def __init__(self, home):
        self.home, self.run_ids, self.ended = home, [], threading.Event()
        self.thread = threading.Thread(target=self.trigger)

    def trigger(self):
        while not self.ended.wait(0.25):
            run_id = f"small_{len(self.run_ids)}"
            self.home.begin_runs("bench_small", [run_id])
            self.run_ids.append(run_id)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def gaps(self, from_, to):
        """From the last line of a task's body to the first of the next one's, in ms, of what fell into this time."""
        gaps = []
        for run_id in self.run_ids:
            tasks = sorted(self.home.tasks(run_id), key=lambda task: task.began)
            if len(tasks) != 3:
                raise Wrong(f"run {run_id} of the small DAG has {len(tasks)} tasks instead of 3")
            gaps += [1e3 * (after.began - before.ended) for before, after in zip(tasks, tasks[1:]) if from_ <= before.ended < to]
        return gaps


def beside(bench):
    items = 20_000 if bench.quick else 1_000_000
    dag = f"bench_large_{items}"
    home = BenchHome(bench.fresh("large"), [dag, "bench_small"], {"VENTURI__CORE__MAX_MAP_LENGTH": str(items)})
    times = {}

    def command(name, **members):
        with Client(home.home) as client:
            return client.command(name, dag_id=dag, run_id="large", user="bench", **members)

    def until(what, sql, wanted):
        from_ = time.time()
        while home.read(sql)[0][0] != wanted:
            home.check_server()
            if time.time() > from_ + 1800:
                raise Wrong(f"{what} took more than half an hour (home {home.home})")
            time.sleep(0.1)

    def step(name, act, sql, wanted):
        from_ = time.time()
        act()
        until(name, sql, wanted)
        times[name] = (from_, time.time())

    run = "FROM dag_run WHERE run_id = 'large'"
    with home.running(), SmallRuns(home) as small:
        home.run_dag("bench_small", "first")
        step("created", lambda: home.begin_runs(dag, ["large"]), f"SELECT ifnull(max(created_task_instances), 0) {run}", items + 1)
        step("ended", lambda: command("dags set-state", state="failed"), f"SELECT state {run}", "failed")
        step("cleared", lambda: command("tasks clear", wants_rows=False), f"SELECT state <> 'failed' AND change IS NULL {run}", 1)
        # Its list is made anew, and all that was cleared waits for the pool again.
        until("the second list", "SELECT state FROM task_instance WHERE no = (SELECT first_task_instance + created_task_instances - 1 "
              f"{run})", "scheduled")
        step("ended again", lambda: command("dags set-state", state="failed"), f"SELECT state {run}", "failed")
        step("deleted", lambda: command("dags delete-run"), "SELECT count(*) FROM deleted_run", 0)
        until("the deletion", f"SELECT count(*) {run}", 0)
        small.ended.set()
        small.thread.join()
        home.wait_for_runs("bench_small", small.run_ids)
    left = home.read("SELECT (SELECT count(*) FROM task_instance WHERE task_id IN ('never_run', 'list_items')) + "
                     "(SELECT count(*) FROM task_instance_history)")[0][0]
    if left:
        raise Wrong(f"{left} rows of the large run are left (home {home.home})")
    all_gaps = small.gaps(times["created"][0], times["deleted"][1])
    if not all_gaps:
        raise Wrong("the large run was gone before the small DAG ran")
    found = {"value": percentile(all_gaps, 0.99), "median": statistics.median(all_gaps), "longest": max(all_gaps), "gaps": len(all_gaps), "items": items}
    for name, (from_, to) in times.items():
        gaps = small.gaps(from_, to)
        found[name.replace(" ", "_") + "_s"] = to - from_
        if gaps:
            found[name.replace(" ", "_") + "_p99_ms"] = percentile(gaps, 0.99)
    return {"small_dag_beside_large_run_p99_ms": found}
