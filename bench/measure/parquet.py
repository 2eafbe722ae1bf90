"""Rows about Parquet: ten million orders to CSV, beside pyarrow on the same file."""

import json
import pathlib
import subprocess

from support.venturi import ROOT

from .home import BenchHome, Wrong
from .orders import PeakMemory

FOLDER = ROOT / ".cache" / "parquet"
PEER = pathlib.Path(__file__).with_name("pyarrow_peer.py")


def pyarrow(*words):
    done = subprocess.run([FOLDER / "bin" / "python", PEER, *map(str, words)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout) if done.stdout else None


def to_csv(bench):
    subprocess.run([ROOT / "scripts" / "install-parquet"], check=True)
    copies = 1 if bench.quick else 10
    source, theirs, ours = (bench.folder / name for name in ("orders.parquet", "theirs.csv", "ours_of_parquet.csv"))
    if not source.exists():
        pyarrow("make", bench.data().csv, source, copies)
    home = BenchHome(bench.fresh("bench_parquet"), ["bench_parquet"])
    home.home.mkdir(parents=True, mode=0o700)
    (home.home / "plugins").symlink_to(FOLDER / "plugins")
    peer = pyarrow("convert", source, theirs)
    theirs.unlink()
    with home.running():
        with PeakMemory(home) as peak:
            seconds = home.run_dag("bench_parquet", "timed", parquet=str(source), csv=str(ours))
    home.check("bench_parquet", 1, xcoms=1)
    if (found := pyarrow("totals", ours)) != (expected := pyarrow("totals", source)):
        raise Wrong(f"bench_parquet: {ours} has {found} instead of {expected} (home {home.home})")
    ours.unlink()
    limit = peer["seconds"]
    return {"parquet_10m_vs_pyarrow": {"value": seconds / limit, "limit": limit, "ratio": seconds / limit, "seconds": seconds, "rows": copies * 1_000_000},
            "parquet_10m_mib": {"value": peak.of_run, "all_processes_mib": peak.of_all, "peer_mib": peer["peak_mib"]}}
