"""Assets that are watched: each file that appears is one event, whoever is killed meanwhile."""

import os
import signal
import time

from support.api import Api
from support.case import HomeCase, processes_of

DAG = """
dag_id: imports
is_paused_upon_creation: false
schedule:
  - uri: file:///inbox
    watchers: [{{name: inbox, trigger: FileDeleteTrigger, filepath: {inbox}/orders.csv, poke_interval: 0.05}}]
tasks:
  load:
    operator: BashOperator
    bash_command: >-
      echo "came: {{% for events in triggering_asset_events.values() %}}{{% for event in events %}}{{{{ event.extra.payload }}}};
      {{% endfor %}}{{% endfor %}}"
"""
BROKEN = """
dag_id: broken
is_paused_upon_creation: false
schedule: [{{uri: file:///broken, watchers: [{{name: folder, trigger: FileDeleteTrigger, filepath: {inbox}}}]}}]
tasks: {{none: {{operator: EmptyOperator}}}}
"""


class WatchersTest(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = cls.folder / "inbox"
        cls.inbox.mkdir()
        (cls.venturi.home / "dags" / "imports.yaml").write_text(DAG.format(inbox=cls.inbox))
        (cls.venturi.home / "dags" / "broken.yaml").write_text(BROKEN.format(inbox=cls.inbox))
        cls.start_server("imports", "broken")

    def put(self, seconds=30):
        """A file comes whole, and is taken."""
        file = self.inbox / "orders.csv"
        (self.inbox / ".new").write_text("1,2\n")
        (self.inbox / ".new").rename(file)
        self.venturi.wait_until(lambda: not file.exists(), seconds=seconds, what="the end of the file")

    def test_the_api_names_them(self):
        asset, = (a for a in Api(self.venturi).get("/api/v2/assets")["assets"] if a["uri"] == "file:///inbox")
        self.assertEqual([watcher["name"] for watcher in asset["watchers"]], ["inbox"])

    def events(self):
        asset, = (a for a in Api(self.venturi).get("/api/v2/assets")["assets"] if a["uri"] == "file:///inbox")
        return Api(self.venturi).get(f"/api/v2/assets/events?asset_id={asset['id']}&limit=1000")["asset_events"]

    def kill(self, name):
        for pid in processes_of(self.venturi.home):
            try:
                with open(f"/proc/{pid}/comm") as comm:
                    if comm.read().strip().startswith(name):
                        os.kill(pid, signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                pass

    def test_each_file_is_one_event_whoever_dies(self):
        count = len(self.events())
        for turn in range(9):
            if turn % 3 == 1:
                self.kill("venturi-operato")
            elif turn % 3 == 2:
                self.venturi.process.kill()
                self.venturi.process.wait()
                self.venturi.start()
            self.put()
            count += 1
        self.venturi.wait_until(lambda: len(self.events()) >= count, what="the events")
        events = self.events()
        self.assertEqual(len(events), count)
        self.assertEqual({(e["extra"]["from_trigger"], e["extra"]["payload"]) for e in events}, {(True, str(self.inbox / "orders.csv"))})
        self.assertEqual({e["source_dag_id"] for e in events}, {None})
        # Every event is in exactly one run.
        self.assertEqual([len(e["created_dagruns"]) for e in events], [1] * count)
        run = events[0]["created_dagruns"][0]["run_id"]
        self.venturi.wait_until(lambda: self.venturi.states("imports", run)["load"]["state"] == "success", what="the run")
        self.assertIn(f"came: {self.inbox}/orders.csv;", self.venturi.cli("tasks", "logs", "imports", "load", run))

    def test_a_paused_dag_leaves_the_file_alone(self):
        self.venturi.cli("dags", "pause", "imports")
        before = len(self.events())
        (self.inbox / "orders.csv").write_text("later")
        time.sleep(0.5)
        self.assertTrue((self.inbox / "orders.csv").exists())
        self.venturi.cli("dags", "unpause", "imports")
        self.venturi.wait_until(lambda: not (self.inbox / "orders.csv").exists(), what="the end of the file")
        self.venturi.wait_until(lambda: len(self.events()) == before + 1, what="its event")

    def test_what_goes_wrong_is_told_and_disturbs_nobody(self):
        text = f"watcher folder of asset file:///broken failed: {self.inbox} is no file: it is not deleted; it is begun again in "
        self.venturi.wait_until(lambda: text in self.venturi.log.read_text(), what="the warning")
        self.put()

    def test_bad_watchers_are_import_errors(self):
        home = self.make_home("bad")
        cases = {
            "[{name: a, trigger: FileDeleteTriger, filepath: /a}]": "unknown trigger `FileDeleteTriger`: did you mean `FileDeleteTrigger`?",
            "[{name: a, trigger: FileDeleteTrigger}]": "FileDeleteTrigger needs `filepath`: give it",
            "[{name: a, trigger: FileDeleteTrigger, filepath: /a, poke: 1}]": "FileDeleteTrigger has no key `poke`: there are: name, filepath, poke_interval",
            "[{trigger: FileDeleteTrigger, filepath: /a}]": "a watcher has no name or no trigger: write {name: inbox",
            "5": "`watchers` has to be a list, not an integer",
        }
        for watchers, message in cases.items():
            file = home.home / "dags" / "bad.yaml"
            file.write_text(f"dag_id: bad\nschedule: [{{uri: s3://a, watchers: {watchers}}}]\ntasks: {{a: {{operator: EmptyOperator}}}}\n")
            with self.subTest(watchers):
                done = home.run("dags", "validate", file)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(message, done.stdout)
