"""Debian's chromium without a window, driven over its debugging pipe (the DevTools protocol, a JSON object and a NUL at a time)."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

PROGRAM = shutil.which("chromium")


class Browser:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="venturi_browser_")
        to_browser, self.out = os.pipe()
        self.incoming, from_browser = os.pipe()

        def descriptors():  # chromium reads commands from 3 and answers on 4
            first, second = os.dup(to_browser), os.dup(from_browser)
            os.dup2(first, 3)
            os.dup2(second, 4)

        with open(pathlib.Path(self.folder.name) / "log", "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe", "--no-first-run",
                 "--disable-extensions", "--disable-background-networking", "--disable-dev-shm-usage", "--force-color-profile=srgb", f"--user-data-dir={self.folder.name}/profile", "about:blank"],
                close_fds=False, preexec_fn=descriptors, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self.session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")

    def close(self):
        os.close(self.out)
        self.process.terminate()
        self.process.wait(20)
        os.close(self.incoming)
        self.folder.cleanup()

    def message(self):
        while b"\0" not in self.buffer:
            more = os.read(self.incoming, 1 << 16)
            if not more:
                raise ConnectionError("the browser has ended: " + (pathlib.Path(self.folder.name) / "log").read_text(errors="replace")[-2000:])
            self.buffer += more
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def __call__(self, method, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.out, json.dumps(command).encode() + b"\0")
        while (message := self.message()).get("id") != self.number:
            self.events.append(message)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    def wait_for(self, method):
        for i, event in enumerate(self.events):
            if event.get("method") == method:
                del self.events[:i + 1]
                return event["params"]
        while (event := self.message()).get("method") != method:
            self.events.append(event)
        return event["params"]

    def evaluate(self, script):
        return self("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def load(self, url):
        self.events = [e for e in self.events if e.get("method") != "Page.loadEventFired"]
        self("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def submit(self, script):
        """Runs what leads to another page, and waits for that."""
        self.events = [e for e in self.events if e.get("method") != "Page.loadEventFired"]
        self.evaluate(script)
        self.wait_for("Page.loadEventFired")

    def refused(self):
        """What the page's own policy or the network has refused so far, as the browser tells it."""
        return [event["params"]["entry"]["text"] for event in self.events if event.get("method") == "Log.entryAdded"]

    def size(self, width, height, dark=False, scale=1, mobile=False):
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)
        self("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, path, whole=False):
        options = {}
        if whole:
            size = self("Page.getLayoutMetrics")["cssContentSize"]
            options = {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}
        data = self("Page.captureScreenshot", format="png", **options)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))
