#!/usr/bin/env python3
"""bqemulator (PyPI) for tests and examples: BigQuery's REST API over DuckDB, a stand-in that keeps what it is told in memory and takes any
token, or none. Objects of gs://bucket are the files of FOLDER/bucket; with --gcs those of a Cloud Storage, which it keeps copies of there.

Usage: bigquery_server.py REST_PORT GRPC_PORT FOLDER [--gcs URL]
"""

import argparse
import fnmatch
import json
import os
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request


class Objects:
    """Of a Cloud Storage: fetched before they are read, sent when they are written."""

    def __init__(self, url, folder):
        self.url, self.folder = url, pathlib.Path(folder)

    def fetch(self, uri):
        bucket, _, pattern = uri.removeprefix("gs://").partition("/")
        listed = self.ask(f"/storage/v1/b/{bucket}/o?prefix={urllib.parse.quote(pattern.partition('*')[0])}")
        for item in json.loads(listed or "{}").get("items", []):
            if fnmatch.fnmatchcase(item["name"], pattern):
                path = self.folder / bucket / item["name"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.ask(f"/storage/v1/b/{bucket}/o/{urllib.parse.quote(item['name'], safe='')}?alt=media") or b"")

    def send(self, uri):
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        self.ask(f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={urllib.parse.quote(name, safe='')}", (self.folder / bucket / name).read_bytes())

    def ask(self, target, body=None):
        request = urllib.request.Request(self.url + target, data=body, headers={"Content-Type": "application/octet-stream"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.read()
        except urllib.error.HTTPError as e:
            if e.code == 404 and body is None:
                return None
            raise


def connect(executor, objects):
    """Has jobs that load and extract read and write those objects."""
    resolve, extract = executor._resolve_uri, executor.execute_extract_job

    def fetched(uri, ctx):
        if uri.startswith("gs://"):
            objects.fetch(uri)
            (objects.folder / uri.removeprefix("gs://")).parent.mkdir(parents=True, exist_ok=True)
        return resolve(uri, ctx)

    async def sent(project_id, job_id, config, ctx):
        done = await extract(project_id, job_id, config, ctx)
        for uri in config["extract"]["destinationUris"][:1]:
            objects.send(uri)
        return done

    executor._resolve_uri, executor.execute_extract_job = fetched, sent


def main():
    parser = argparse.ArgumentParser()
    for name in ("rest_port", "grpc_port", "folder"):
        parser.add_argument(name)
    parser.add_argument("--gcs")
    args = parser.parse_args()
    os.environ["BQEMU_GCS_LOCAL_ROOT"] = args.folder
    from bqemulator.jobs import executor
    from bqemulator.storage import engine

    if args.gcs:  # before others take these functions over by their names
        connect(executor, Objects(args.gcs, args.folder))
    from bqemulator.cli import main as run

    # DuckDB's extension for GEOGRAPHY would be fetched from the network.
    for kind in vars(engine).values():
        if isinstance(kind, type) and hasattr(kind, "_load_spatial"):
            kind._load_spatial = lambda self: None
    sys.argv = ["bqemulator", "start", "--rest-port", args.rest_port, "--grpc-port", args.grpc_port, "--project", "shop"]
    return run()


if __name__ == "__main__":
    sys.exit(main())
