"""The processes of a home, their memory and their CPU time, from /proc."""

import os
import pathlib
import signal

PROC = pathlib.Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def children(pid):
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as f:
                found += map(int, f.read().split())
    except OSError:
        pass
    return found


def with_descendants(pids):
    found, todo = set(), list(pids)
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo += children(pid)
    return {pid for pid in found if os.path.exists(f"/proc/{pid}")}


def family(home):
    """All processes of the home: those whose environment names it, and what is below them."""
    marks = {f"VENTURI_HOME={home}".encode(), f"VENTURI_WORKER={home}".encode()}
    roots = []
    for entry in os.listdir(PROC):
        if not entry.isdigit():
            continue
        try:
            environment = (PROC / entry / "environ").read_bytes()
        except OSError:
            continue
        if marks & set(environment.split(b"\0")):
            roots.append(int(entry))
    return with_descendants(roots)


def pss_kib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            for line in f:
                if line.startswith("Pss:"):
                    return int(line.split()[1])
    except OSError:  # it has ended meanwhile
        pass
    return 0


def pss_mib(pids):
    return sum(map(pss_kib, pids)) / 1024


def name(pid):
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return "?"


def cpu_seconds(pids):
    """User and system time of these, in nanoseconds' resolution, with that of children that they have waited for."""
    total = 0.0
    for pid in pids:
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/schedstat") as f:
                    total += int(f.read().split()[0]) / 1e9
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            total += (int(fields[13]) + int(fields[14])) / TICKS
        except OSError:
            pass
    return total


def wakeups(pids):
    total = 0
    for pid in pids:
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/status") as f:
                    total += sum(int(line.split()[1]) for line in f if line.startswith("voluntary_ctxt_switches"))
        except OSError:
            pass
    return total


def kill_all(home):
    """SIGKILL to all, server and worker together, until none is left."""
    while pids := family(home):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
