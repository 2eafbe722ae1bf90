"""What pyarrow does with the same files; run by the Python of .cache/parquet.

  make CSV PARQUET COPIES   the orders of the CSV so many times over, in row groups of a million
  convert PARQUET CSV       prints how many seconds that took, and the peak of this process in MiB
  totals PARQUET|CSV        prints count, sums, states and the newest date
"""

import json
import resource
import sys
import time

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet


def make(source, target, copies):
    orders = pyarrow.csv.read_csv(source)
    with pyarrow.parquet.ParquetWriter(target, orders.schema) as writer:
        for _ in range(int(copies)):
            writer.write_table(orders, row_group_size=1_000_000)


def convert(source, target):
    from_ = time.perf_counter()
    with pyarrow.parquet.ParquetFile(source) as file, pyarrow.csv.CSVWriter(target, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            writer.write_batch(batch)
    took = time.perf_counter() - from_
    print(json.dumps({"seconds": took, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def batches(path):
    if path.endswith(".parquet"):
        with pyarrow.parquet.ParquetFile(path) as file:
            yield from file.iter_batches()
    else:
        yield from pyarrow.csv.open_csv(path)


def totals(path):
    count, sums, states, newest = 0, {}, {}, ""
    for batch in batches(path):
        count += batch.num_rows
        for name in ("id", "customer_id", "amount"):
            # In cents: sums of floating point depend on how they are cut into batches.
            cents = pc.cast(pc.round(pc.multiply(batch[name], 100)), pa.int64())
            sums[name] = sums.get(name, 0) + pc.sum(cents).as_py()
        for entry in pc.value_counts(batch["status"]):
            states[entry["values"].as_py()] = states.get(entry["values"].as_py(), 0) + entry["counts"].as_py()
        newest = max(newest, str(pc.max(batch["created_at"]).as_py()))
    print(json.dumps([count, sums, sorted(states.items()), newest]))


{"make": make, "convert": convert, "totals": totals}[sys.argv[1]](*sys.argv[2:])
