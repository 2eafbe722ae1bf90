"""Plays the scenarios of a corpus over Airflow's REST API v2, and compares what came of them with the records.

play(api, scenarios, ...) is what ./run calls. Standard library only.
"""
from __future__ import annotations

import collections
import concurrent.futures
import datetime as dt
import json
import pathlib
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

TERMINAL = {"success", "failed"}
Q = lambda s: urllib.parse.quote(str(s), safe="")


class Problem(Exception):
    pass


class Api:
    def __init__(self, base, user, password, prefix="/api/v2"):
        self.base, self.user, self.password, self.prefix = base.rstrip("/"), user, password, prefix
        self.token, self.lock = None, threading.Lock()

    def login(self):
        body = json.dumps({"username": self.user, "password": self.password}).encode()
        r = urllib.request.Request(self.base + "/auth/token", body, {"content-type": "application/json"}, method="POST")
        with urllib.request.urlopen(r, timeout=60) as f:
            self.token = json.load(f)["access_token"]

    def __call__(self, method, path, body=None, ok=(200, 201, 202, 204), raw=False, **query):
        url = self.base + self.prefix + path
        query = {k: v for k, v in query.items() if v is not None}
        if query:
            url += "?" + urllib.parse.urlencode(query, doseq=True)
        for attempt in range(40):
            with self.lock:
                if not self.token:
                    self.login()
            r = urllib.request.Request(url, None if body is None else json.dumps(body).encode(),
                                       {"content-type": "application/json", "authorization": f"Bearer {self.token}"}, method=method)
            try:
                with urllib.request.urlopen(r, timeout=90) as f:
                    text = f.read()
                    return (f.status, json.loads(text) if text else None) if raw else (json.loads(text) if text else None)
            except urllib.error.HTTPError as e:
                text = e.read().decode(errors="replace")
                if e.code == 401 and attempt < 2:
                    self.token = None
                    continue
                if e.code >= 500 and attempt < 5 and method == "GET":
                    time.sleep(1)
                    continue
                if raw:
                    return e.code, text
                raise Problem(f"{method} {path}: {e.code} {text[:300]}")
            except (urllib.error.URLError, TimeoutError, ConnectionError) as e:
                if attempt == 39 or (method == "POST" and not isinstance(getattr(e, "reason", e), ConnectionRefusedError)):
                    raise Problem(f"{method} {path}: {e}")
                time.sleep(1.5)
        raise Problem(f"{method} {path}: no answer")

    def pages(self, path, key, **query):
        out, limit = [], 100
        while True:
            page = self("GET", path, limit=limit, offset=len(out), **query)
            out += page[key]
            if len(out) >= page.get("total_entries", len(out)) or not page[key]:
                return out


def ts(s):
    return dt.datetime.fromisoformat(s.replace("Z", "+00:00")) if s else None


def iso(s):
    t = ts(s)
    return t.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + (f".{t.microsecond:06d}" if t.microsecond else "") + "Z" if t else None


class Scenario:
    """Plays one scenario's script and collects what came of it."""

    def __init__(self, api, desc, timeout, factor=1.0):
        self.api, self.desc, self.timeout, self.factor = api, desc, timeout, factor
        self.names = {}     # name in the script -> (dag_id, run_id)
        self.notes = {}     # results of steps which return something
        self.dags = [d["dag_id"] for d in desc["dags"]]
        self.before = set()  # runs that were there before, which this scenario leaves out of account
        self.began = dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=1)

    # ---- script ----
    def play(self):
        if self.desc.get("reset", True):
            for d in self.dags:
                for r in self.runs(d):
                    if self.desc.get("family") == "asset":   # deleting runs would make their events count again
                        self.before.add((d, r["dag_run_id"]))
                        continue
                    self.api("PATCH", f"/dags/{Q(d)}/dagRuns/{Q(r['dag_run_id'])}", {"state": "failed"}, raw=True) \
                        if r["state"] not in TERMINAL else None
                    self.api("DELETE", f"/dags/{Q(d)}/dagRuns/{Q(r['dag_run_id'])}", raw=True)
                self.api("DELETE", f"/dags/{Q(d)}/assets/queuedEvents", raw=True)
        script = self.desc.get("script")
        if script is None:
            d = self.dags[0]
            script = [{"unpause": [d]}, {"trigger": d, "as": "r1"}, {"await": "r1"}]
        for step in script:
            self.step(step)

    def step(self, s):
        api = self.api
        if "unpause" in s:
            for d in s["unpause"]:
                self.wait(lambda: api("PATCH", f"/dags/{Q(d)}", {"is_paused": False}, raw=True)[0] == 200, f"unpausing {d}", 120)
        elif "pause" in s:
            for d in s["pause"]:
                api("PATCH", f"/dags/{Q(d)}", {"is_paused": True})
        elif "trigger" in s:
            d = s["trigger"]
            when = s.get("logical_date")
            body = {"logical_date": when, "dag_run_id": s.get("run_id") or f"oracle_{s.get('as', 'r')}_{uuid.uuid4().hex[:10]}"}
            for k in ("conf", "data_interval_start", "data_interval_end", "run_after", "note", "partition_key"):
                if k in s:
                    body[k] = s[k]
            status, answer = api("POST", f"/dags/{Q(d)}/dagRuns", body, raw=True)
            if "status" in s:
                self.notes[s.get("as") or d] = {"status": status}
                if status < 300 and "as" in s:
                    self.names[s["as"]] = (d, answer["dag_run_id"])
            elif status >= 300:
                raise Problem(f"trigger {d}: {status} {str(answer)[:300]}")
            else:
                self.names[s.get("as", "r1")] = (d, answer["dag_run_id"])
        elif "await" in s:
            d, r = self.names[s["await"]]
            self.wait(lambda: self.run(d, r)["state"] in TERMINAL, f"run {s['await']} of {d} to end")
        elif "await_runs" in s:
            d, n = s["await_runs"], s["count"]
            def enough():
                rs = self.runs(d)
                return len(rs) >= n and all(r["state"] in TERMINAL for r in rs)
            self.wait(enough, f"{n} finished runs of {d}")
        elif "await_state" in s:
            d, r = self.names[s["run"]]
            want = s["await_state"]
            self.wait(lambda: any(t["task_id"] == s["task"] and t["state"] in want for t in self.tis(d, r)), f"{s['task']} to be {want}")
        elif "settle_s" in s:
            time.sleep(s["settle_s"] * self.factor)
        elif "sleep_s" in s:
            time.sleep(s["sleep_s"])
        elif "clear" in s:
            d, r = self.names[s["clear"]]
            body = {"dry_run": False, "dag_run_id": r, "only_failed": s.get("only_failed", False), "reset_dag_runs": True}
            for k in ("task_ids", "include_downstream", "include_upstream", "include_future", "include_past", "only_running"):
                if k in s:
                    body[k] = s[k]
            got = api("POST", f"/dags/{Q(d)}/clearTaskInstances", body)
            self.notes[s.get("note", "clear")] = sorted([t["task_id"], t.get("map_index", -1)] for t in got["task_instances"])
        elif "clear_run" in s:
            d, r = self.names[s["clear_run"]]
            got = api("POST", f"/dags/{Q(d)}/dagRuns/{Q(r)}/clear", {"dry_run": False, "only_failed": s.get("only_failed", False)})
            self.notes[s.get("note", "clear_run")] = sorted({t["task_id"] for t in got.get("task_instances", [])}) if "task_instances" in got else got.get("state")
        elif "set_state" in s:
            d, r = self.names[s["run"]]
            path = f"/dags/{Q(d)}/dagRuns/{Q(r)}/taskInstances/{Q(s['task'])}"
            if "map_index" in s:
                path += f"/{s['map_index']}"
            body = {"new_state": s["set_state"]}
            for k in ("include_downstream", "include_upstream", "include_future", "include_past"):
                if k in s:
                    body[k] = s[k]
            api("PATCH", path, body)
        elif "mark_run" in s:
            d, r = self.names[s["run"]]
            api("PATCH", f"/dags/{Q(d)}/dagRuns/{Q(r)}", {"state": s["mark_run"]})
        elif "asset_event" in s:
            a = [a for a in api.pages("/assets", "assets", uri_pattern=s["asset_event"]) if a["uri"] == s["asset_event"]]
            if not a:
                raise Problem(f"no asset {s['asset_event']}")
            api("POST", "/assets/events", {"asset_id": a[0]["id"], "extra": s.get("extra", {})})
        elif "backfill" in s:
            body = {k: v for k, v in s.items() if k not in ("backfill", "note", "status")}
            status, got = api("POST", "/backfills", {"dag_id": s["backfill"], **body}, raw=True)
            if "status" in s:
                self.notes[s.get("note", "backfill")] = {"status": status}
            elif status >= 300:
                raise Problem(f"backfill: {status} {str(got)[:300]}")
        elif "delete_dated" in s:
            d = s["delete_dated"]
            for r in self.runs(d):
                if r["logical_date"] and iso(r["logical_date"]) == s["logical_date"]:
                    if r["state"] not in TERMINAL:
                        api("PATCH", f"/dags/{Q(d)}/dagRuns/{Q(r['dag_run_id'])}", {"state": "failed"}, raw=True)
                    api("DELETE", f"/dags/{Q(d)}/dagRuns/{Q(r['dag_run_id'])}", raw=True)
        elif "await_backfill" in s:
            d = s["await_backfill"]
            self.wait(lambda: all(b["completed_at"] for b in api("GET", "/backfills", dag_id=d)["backfills"]), f"backfill of {d} to be over")
        elif "pool" in s:
            body = {"name": s["pool"], "slots": s["slots"], "description": "", "include_deferred": s.get("include_deferred", False)}
            status, _ = api("POST", "/pools", body, raw=True)
            if status == 409:
                api("PATCH", f"/pools/{Q(s['pool'])}", {"name": s["pool"], "pool": s["pool"], "slots": s["slots"], "include_deferred": s.get("include_deferred", False)}, raw=True)
        elif "variable" in s:
            status, _ = api("POST", "/variables", {"key": s["variable"], "value": s["value"]}, raw=True)
            if status == 409:
                api("PATCH", f"/variables/{Q(s['variable'])}", {"key": s["variable"], "value": s["value"]}, raw=True)
        elif "connection" in s:
            body = {"connection_id": s["connection"], **s["values"]}
            status, _ = api("POST", "/connections", body, raw=True)
        else:
            raise Problem(f"unknown step {s}")

    def wait(self, test, what, limit=None):
        end = time.time() + (limit or self.timeout)
        pause = 0.8
        while True:
            try:
                if test():
                    return
            except Problem as e:
                if time.time() > end:
                    raise
            if time.time() > end:
                raise Problem(f"gave up waiting for {what}")
            time.sleep(pause)
            pause = min(pause * 1.3, 3.0)

    # ---- reading ----
    def run(self, d, r):
        return self.api("GET", f"/dags/{Q(d)}/dagRuns/{Q(r)}")

    def runs(self, d):
        status, _ = self.api("GET", f"/dags/{Q(d)}", raw=True)
        if status == 404:
            return []
        return [r for r in self.api.pages(f"/dags/{Q(d)}/dagRuns", "dag_runs", order_by="run_after") if (d, r["dag_run_id"]) not in self.before]

    def tis(self, d, r):
        return self.api.pages(f"/dags/{Q(d)}/dagRuns/{Q(r)}/taskInstances", "task_instances")

    def collect(self):
        out, timing = {}, {}
        for d in self.desc["dags"]:
            did = d["dag_id"]
            observe = d.get("observe", self.desc.get("observe", {}))
            runs = self.runs(did)
            names = {v[1]: k for k, v in self.names.items() if v[0] == did}
            if observe.get("manual_only"):
                runs = [r for r in runs if r["dag_run_id"] in names]
            rows = []
            anonymous = collections.Counter()
            for r in runs:
                rid = r["dag_run_id"]
                fixed_dates = r["run_type"] in ("scheduled", "backfill") and not observe.get("volatile_dates")
                row = {"run_type": r["run_type"], "state": r["state"]}
                if rid in names:
                    row["name"] = names[rid]
                    if r["logical_date"] and any(s.get("as", "r1") == names[rid] and s.get("logical_date") for s in self.desc.get("script") or []):
                        fixed_dates = True
                elif fixed_dates:
                    row["name"] = rid
                else:
                    row["name"] = f"{r['run_type']}#{anonymous[r['run_type']]}"
                    anonymous[r["run_type"]] += 1
                if fixed_dates:
                    for k in ("logical_date", "data_interval_start", "data_interval_end"):
                        row[k] = iso(r[k])
                    if r["run_type"] != "manual":
                        row["run_after"] = iso(r["run_after"])
                else:
                    row["logical_date"] = "null" if r["logical_date"] is None else "set"
                if observe.get("conf"):
                    row["conf"] = r.get("conf")
                if observe.get("asset_events"):
                    ev = self.api("GET", f"/dags/{Q(did)}/dagRuns/{Q(rid)}/upstreamAssetEvents")
                    row["asset_events"] = sorted(
                        ([e["uri"], e.get("source_dag_id"), e.get("source_task_id")]
                         + ([json.dumps(e.get("extra"), sort_keys=True)] if observe["asset_events"] == "extra" else [])
                         for e in ev["asset_events"] if ts(e["timestamp"]) >= self.began), key=json.dumps)
                tis = self.tis(did, rid)
                row["tis"] = sorted(([t["task_id"], t["map_index"], t["state"], t["try_number"]] for t in tis), key=lambda x: (x[0], x[1]))
                if observe.get("max_tries"):
                    row["max_tries"] = sorted([t["task_id"], t["map_index"], t["max_tries"]] for t in tis)
                if observe.get("priority"):
                    row["priority_weight"] = sorted([t["task_id"], t["priority_weight"]] for t in tis if t["map_index"] <= 0)
                if observe.get("rendered_map_index"):
                    row["rendered_map_index"] = sorted([t["task_id"], t["map_index"], t["rendered_map_index"]] for t in tis if t["map_index"] >= 0)
                if observe.get("xcoms"):
                    row["xcoms"] = self.xcoms(did, rid, observe)
                rows.append(row)
                timing[(did, row["name"])] = (r, tis)
            out[did] = sorted(rows, key=lambda x: (x.get("logical_date") or "", x["name"])) if any("logical_date" in x and x["logical_date"] not in ("null", "set") for x in rows) else rows
        return {"dags": out, "notes": self.notes}, timing

    def xcoms(self, d, r, observe):
        only = observe["xcoms"] if isinstance(observe["xcoms"], list) else None
        rows = []
        for e in self.api.pages(f"/dags/{Q(d)}/dagRuns/{Q(r)}/taskInstances/~/xcomEntries", "xcom_entries"):
            if e["key"] == "trigger_run_id" or (only and e["key"] not in only):
                continue
            v = self.api("GET", f"/dags/{Q(d)}/dagRuns/{Q(r)}/taskInstances/{Q(e['task_id'])}/xcomEntries/{Q(e['key'])}", map_index=e["map_index"], stringify="false")["value"]
            if e["key"] == "skipmixin_key" and isinstance(v, dict):   # made from a set: its order is random
                v = {k: sorted(x, key=str) if isinstance(x, list) else x for k, x in v.items()}
            rows.append([e["task_id"], e["map_index"], e["key"], v])
        return sorted(rows, key=lambda x: (x[0], x[1], x[2]))

    # ---- constraints on time, checked on the server under test ----
    def check_timing(self, timing):
        bad = []
        for d in self.desc["dags"]:
            did = d["dag_id"]
            for (dag, name), (run, tis) in timing.items():
                if dag != did:
                    continue
                by = {}
                for t in tis:
                    by.setdefault(t["task_id"], []).append(t)
                bad += [f"{did} {name}: {x}" for x in self.check_run(d, run, by)]
            for c in d.get("constraints", ()):
                if c["type"] == "runs_not_overlapping":
                    spans = sorted((ts(r["start_date"]), ts(r["end_date"])) for (dag, _), (r, _) in timing.items() if dag == did and r["start_date"])
                    limit = c.get("limit", 1)
                    peak = _peak(spans)
                    if peak > limit:
                        bad.append(f"{did}: {peak} runs at a time, allowed {limit}")
                if c["type"] == "runs_in_order":
                    rs = sorted((r for (dag, _), (r, _) in timing.items() if dag == did and r["logical_date"]), key=lambda r: r["logical_date"])
                    if c.get("descending"):
                        rs.reverse()
                    for a, b in zip(rs, rs[1:]):
                        if ts(b["start_date"]) < ts(a["start_date"]):
                            bad.append(f"{did}: run {b['dag_run_id']} started before {a['dag_run_id']}")
                if c["type"] == "task_after_previous_run":
                    rs = sorted((x for (dag, _), x in timing.items() if dag == did), key=lambda x: x[0]["logical_date"])
                    for (ra, ta), (rb, tb) in zip(rs, rs[1:]):
                        ea = [ts(t["end_date"]) for t in ta if t["task_id"] == c["previous"] and t["end_date"]]
                        sb = [ts(t["start_date"]) for t in tb if t["task_id"] == c["task"] and t["start_date"]]
                        if ea and sb and min(sb) < max(ea):
                            bad.append(f"{did}: {c['task']} of {rb['dag_run_id']} started before {c['previous']} of {ra['dag_run_id']} ended")
        for c in self.desc.get("constraints", ()):
            if c["type"] == "max_parallel_across":
                spans = [(ts(t["start_date"]), ts(t["end_date"])) for (dag, _), (_, tis) in timing.items() for t in tis
                         if [dag, t["task_id"]] in c["tasks"] and t["start_date"] and t["end_date"]]
                if _peak(spans) > c["limit"]:
                    bad.append(f"{_peak(spans)} of {c['tasks']} at a time, allowed {c['limit']}")
        return bad

    def check_run(self, d, run, by):
        bad = []
        waits_for_all = {"all_success", "all_failed", "all_done", "none_failed", "none_skipped", "none_failed_min_one_success",
                         "all_skipped", "all_done_min_one_success", "all_done_setup_success"}
        executed = lambda t: t["state"] in ("success", "failed") and t["start_date"]
        for t in d["tasks"]:
            tid = f"{t['group']}.{t['id']}" if t.get("group") else t["id"]
            if t.get("trigger_rule", "all_success") in waits_for_all and not t.get("group") and not d.get("loose_order"):
                for u in t.get("up", ()):
                    for a in by.get(u, ()):
                        for b in by.get(tid, ()):
                            if executed(b) and a["end_date"] and ts(b["start_date"]) < ts(a["end_date"]) - dt.timedelta(milliseconds=1):
                                bad.append(f"{tid} started before {u} ended")
        for c in d.get("constraints", ()):
            if c["type"] == "starts_before":      # in the order of a list
                firsts = [(x, min(ts(t["start_date"]) for t in by[x])) for x in c["tasks"] if by.get(x) and all(t["start_date"] for t in by[x])]
                for (a, ta), (b, tb) in zip(firsts, firsts[1:]):
                    if tb < ta:
                        bad.append(f"{b} started before {a}")
            if c["type"] == "starts_after_end":
                for a in by.get(c["earlier"], ()):
                    for b in by.get(c["later"], ()):
                        if a["end_date"] and b["start_date"] and ts(b["start_date"]) < ts(a["end_date"]):
                            bad.append(f"{c['later']} started before {c['earlier']} ended")
            if c["type"] == "starts_before_end":
                for a in by.get(c["later_end"], ()):
                    for b in by.get(c["earlier_start"], ()):
                        if a["map_index"] != c.get("later_index", a["map_index"]) or b["map_index"] != c.get("earlier_index", b["map_index"]):
                            continue
                        if a["end_date"] and b["start_date"] and ts(b["start_date"]) >= ts(a["end_date"]):
                            bad.append(f"{c['earlier_start']} did not start before {c['later_end']} ended")
            if c["type"] == "max_parallel":
                spans = [(ts(t["start_date"]), ts(t["end_date"])) for x in c["tasks"] for t in by.get(x, ()) if t["start_date"] and t["end_date"]]
                if _peak(spans) > c["limit"]:
                    bad.append(f"{_peak(spans)} of {c['tasks']} at a time, allowed {c['limit']}")
            if c["type"] == "map_indexes_in_order":
                starts = [ts(t["start_date"]) for t in sorted(by.get(c["task"], ()), key=lambda t: t["map_index"]) if t["start_date"]]
                if starts != sorted(starts):
                    bad.append(f"instances of {c['task']} did not start in order of map index")
            if c["type"] == "run_lasts_s":
                took = (ts(run["end_date"]) - ts(run["start_date"])).total_seconds()
                if not c.get("min", 0) <= took <= c.get("max", 1e9) * self.factor:
                    bad.append(f"run took {took:.1f} s, expected {c}")
            if c["type"] == "task_lasts_s":
                for t in by.get(c["task"], ()):
                    if t["duration"] is not None and not c.get("min", 0) <= t["duration"] <= c.get("max", 1e9) * self.factor:
                        bad.append(f"{c['task']} took {t['duration']:.1f} s, expected {c}")
            if c["type"] == "retry_gaps_s":
                for t in by.get(c["task"], ()):
                    path = f"/dags/{Q(d['dag_id'])}/dagRuns/{Q(run['dag_run_id'])}/taskInstances/{Q(c['task'])}" + (f"/{t['map_index']}" if t["map_index"] >= 0 else "")
                    tries = sorted(self.api("GET", path + "/tries")["task_instances"], key=lambda x: x["try_number"])
                    gaps = [(ts(b["start_date"]) - ts(a["end_date"])).total_seconds() for a, b in zip(tries, tries[1:])]
                    for i, (got, lo) in enumerate(zip(gaps, c["at_least"])):
                        if got < lo - 0.01:
                            bad.append(f"{c['task']} waited {got:.2f} s before try {i + 2}, at least {lo} expected")
                        if got > lo + c.get("slack", 60) * self.factor:
                            bad.append(f"{c['task']} waited {got:.2f} s before try {i + 2}, not more than {lo} + {c.get('slack', 20)} expected")
                    if len(gaps) < len(c["at_least"]):
                        bad.append(f"{c['task']} had {len(tries)} tries on record, {len(c['at_least']) + 1} expected")
        return bad


def _peak(spans):
    ev = sorted([(a, 1) for a, b in spans] + [(b, -1) for a, b in spans], key=lambda x: (x[0], x[1]))
    n = peak = 0
    for _, s in ev:
        n += s
        peak = max(peak, n)
    return peak


def differences(want, got, path=""):
    if isinstance(want, dict) and isinstance(got, dict):
        for k in sorted(set(want) | set(got)):
            if k not in got:
                yield f"{path}.{k}: missing, expected {short(want[k])}"
            elif k not in want:
                yield f"{path}.{k}: unexpected {short(got[k])}"
            else:
                yield from differences(want[k], got[k], f"{path}.{k}")
    elif isinstance(want, list) and isinstance(got, list) and path.endswith((".tis", ".xcoms", ".max_tries", ".priority_weight", ".rendered_map_index")):
        n = 3 if path.endswith(".xcoms") else 1 if path.endswith(".priority_weight") else 2
        w, g = {tuple(x[:n]): x[n:] for x in want}, {tuple(x[:n]): x[n:] for x in got}
        for k in sorted(set(w) | set(g)):
            if w.get(k) != g.get(k) and path.endswith(".xcoms") and w.get(k) and g.get(k):
                yield from inner_differences(w[k][0], g[k][0], f"{path}{list(k)}")
            elif w.get(k) != g.get(k):
                yield f"{path}{list(k)}: expected {short(w.get(k))}, got {short(g.get(k))}"
    elif isinstance(want, list) and isinstance(got, list) and want and isinstance(want[0], dict) and "name" in want[0]:
        w, g = {x["name"]: x for x in want}, {x["name"]: x for x in got}
        yield from differences(w, g, path)
    elif want != got:
        yield f"{path}: expected {short(want)}, got {short(got)}"


def inner_differences(want, got, path):
    """Of values that are long: which of their elements."""
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got) and want:
        for i, (w, g) in enumerate(zip(want, got)):
            if w != g:
                yield f"{path}[{i}]: expected {short(w)}, got {short(g)}"
    else:
        yield f"{path}: expected {short(want)}, got {short(got)}"


def short(v):
    s = json.dumps(v, sort_keys=True)
    return s if len(s) < 200 else s[:200] + "…"


def callback_lines(state_dir, dags, since_names):
    out = {}
    for d in dags:
        f = pathlib.Path(state_dir) / f"callbacks.{d}.jsonl"
        rows = []
        if f.exists():
            for line in f.read_text().splitlines():
                r = json.loads(line)
                if r["run_id"] in since_names:
                    r["run_id"] = since_names[r["run_id"]]
                    rows.append(r)
        out[d] = sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))
    return out


def play_one(api, path, args):
    desc = json.loads(path.read_text())
    s = Scenario(api, desc, args.timeout, args.factor)
    began = time.time()
    try:
        s.play()
        got, timing = s.collect()
        bad = s.check_timing(timing)
        if args.state_dir and desc.get("callbacks"):
            time.sleep(desc.get("callbacks_settle_s", 5))
            got["callbacks"] = callback_lines(args.state_dir, s.dags, {v[1]: k for k, v in s.names.items()})
    except Problem as e:
        return desc, None, [str(e)], time.time() - began
    except Exception as e:  # a server that answers in another form is a difference too, not a crash of the runner
        return desc, None, [f"{type(e).__name__}: {e}"], time.time() - began
    return desc, got, bad, time.time() - began


def compare_scenario(f, records, got, bad):
    ref = [r / f.name for r in records if (r / f.name).exists()]
    lines, n = list(bad), 0
    if not ref:
        lines.append("no record")
    elif got is not None:
        want = json.loads(ref[0].read_text())
        if "callbacks" not in got:
            want.pop("callbacks", None)
        n = sum(1 + len(r["tis"]) + len(r.get("xcoms", ())) for rs in want["dags"].values() for r in rs)
        lines += differences(want, got)
    return lines, n




def play_all(api, files, records, options, tell):
    """Plays each scenario, those that want to be alone after the others. tell(name, lines, seconds) is called as each ends."""
    scenarios = {f: json.loads(f.read_text()) for f in files}
    needs = {json.dumps(step, sort_keys=True): step for s in scenarios.values() for step in s.get("needs", ())}
    helper = Scenario(api, {"dags": []}, options.timeout)
    for step in needs.values():  # pools, variables and connections
        helper.step(step)
    failed = []

    def play(batch, width, last):
        with concurrent.futures.ThreadPoolExecutor(width) as threads:
            # The longest first: those that wait for settling times and time limits.
            batch = sorted(batch, key=lambda f: -patience(scenarios[f]))
            jobs = {threads.submit(play_one, api, f, options): f for f in batch}
            for job in concurrent.futures.as_completed(jobs):
                _, got, bad, took = job.result()
                lines, _ = compare_scenario(jobs[job], records, got, bad)
                if lines and not last and scenarios[jobs[job]].get("reset", True):
                    failed.append((jobs[job], lines))
                else:
                    tell(jobs[job].stem, lines, took)
    play([f for f in files if not scenarios[f].get("solo")], options.parallel, False)
    play([f for f in files if scenarios[f].get("solo")], 1, False)
    # What is a matter of time (which of two tasks ends first) comes out otherwise on a machine that has too much to do: those few are
    # played once more, one after the other, and it is said which.
    for f, lines in failed:
        print(f"AGAIN {f.stem}: {lines[0][:200]}")
        play([f], 1, True)


def patience(scenario):
    """About how long it lasts."""
    steps = scenario.get("script") or ()
    waits = sum(s.get("settle_s", 0) + s.get("sleep_s", 0) for s in steps)
    limits = sum(d.get("dagrun_timeout_s", 0) for d in scenario["dags"])
    tasks = sum(t.get("args", {}).get("timeout_s", 0) for d in scenario["dags"] for t in d["tasks"])
    return waits + limits + min(tasks, 60) + len(steps)
