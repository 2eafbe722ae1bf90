#!/usr/bin/env python3
"""Makes orders with a given share of errors, as CSV: the file that extract_csv reads, or what COPY takes into PostgreSQL.

An order in error has the status `error`, or lacks a field; in a file one may also be unreadable. Everything follows from the seed.
"""

import argparse
import datetime
import random
import sys

HEADER = "id,customer_id,amount,status,created_at"
STATUSES = ["paid", "shipped", "оплачен", "доставлен", "возврат", "new"]
FIRST_DAY = datetime.datetime(2026, 1, 1)


def spoil(fields, kind, rng):
    if kind == "status":
        fields[3] = "error"
    elif kind == "missing":
        fields[rng.randrange(1, 5)] = ""
    else:
        column, text = rng.choice([(2, "12,5o"), (4, "the day before"), (1, "№ 17"), (2, "много")])
        fields[column] = f'"{text}"'


def orders(count, errors, first_id, seed, kinds):
    rng = random.Random(seed)
    bad = set(rng.sample(range(count), round(count * errors)))
    for i in range(count):
        moment = FIRST_DAY + datetime.timedelta(seconds=rng.randrange(300 * 86400))
        fields = [str(first_id + i), str(rng.randrange(1, 100_000)), f"{rng.randrange(100, 1_000_000) / 100:.2f}",
                  rng.choice(STATUSES), moment.strftime("%Y-%m-%d %H:%M:%S")]
        if i in bad:
            spoil(fields, rng.choice(kinds), rng)
        yield ",".join(fields)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--errors", type=float, default=0.05, help="share of orders in error, 0 to 1 (default 0.05)")
    parser.add_argument("--first-id", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--for", dest="target", choices=["csv", "postgres"], default="csv",
                        help="postgres: only what typed columns can hold (default csv)")
    arguments = parser.parse_args()
    if not 0 <= arguments.errors <= 1:
        parser.error(f"--errors is a share from 0 to 1, not {arguments.errors}")
    kinds = ["status", "missing"] if arguments.target == "postgres" else ["status", "missing", "unreadable"]
    out = sys.stdout
    out.reconfigure(encoding="utf-8")
    print(HEADER, file=out)
    for line in orders(arguments.count, arguments.errors, arguments.first_id, arguments.seed, kinds):
        print(line, file=out)


if __name__ == "__main__":
    main()
