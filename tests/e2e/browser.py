"""A headless Chromium for tests, driven over a pipe: pages, keys, screenshots, and what it complains about.

Speaks the DevTools protocol with nothing but Python's own library.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

CHROMIUM = shutil.which("chromium")
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
           "--disable-default-apps", "--no-proxy-server", "--hide-scrollbars", "--remote-debugging-pipe"]


class Browser:
    """One page. Every message of the console, exception and request is kept: complaints, requested."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="cistern-chromium-", ignore_cleanup_errors=True)
        theirs_in, self.to = os.pipe()
        self.answers, theirs_out = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec 3<&{theirs_in} 4>&{theirs_out} "$@"', "-", CHROMIUM, *OPTIONS,
             f"--user-data-dir={self.folder.name}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.folder.name})
        os.close(theirs_in)
        os.close(theirs_out)
        self.unread, self.number = b"", 0
        self.complaints, self.requested, self.events = [], [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.answers)
        self.folder.cleanup()

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive(60)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def do(self, method, **parameters):
        return self.call(method, self.session, **parameters)

    def receive(self, seconds):
        """The next message; events are looked at on the way. None: nothing came in time."""
        give_up = time.monotonic() + seconds
        while b"\0" not in self.unread:
            if not select.select([self.answers], [], [], max(0, give_up - time.monotonic()))[0]:
                return {}
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                raise AssertionError("chromium ended")
            self.unread += piece
        text, self.unread = self.unread.split(b"\0", 1)
        message = json.loads(text)
        self.take(message)
        return message

    def take(self, message):
        method, what = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(what["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(what["args"]))
        elif method == "Log.entryAdded":
            self.complaints.append(f"{what['entry']['text']} {what['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.requested.append(what["request"]["url"])
        elif method:
            self.events.append(method)

    def wait_for(self, condition, seconds, what):
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            if condition():
                return
            self.receive(0.1)
        raise AssertionError(f"the browser did not {what} within {seconds} s; it said: {self.complaints}")

    def open(self, url):
        self.events.clear()
        self.do("Page.navigate", url=url)
        self.wait_for(lambda: "Page.loadEventFired" in self.events, 60, f"load {url}")

    def run(self, script):
        """The value of a JavaScript expression, awaited."""
        done = self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise AssertionError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def press(self, key, code=0):
        text = {"Enter": "\r", " ": " "}.get(key)
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.do("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra)

    def click(self, selector):
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        box = self.run(f"(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def look(self, width, dark=False, mobile=False, scripts=True):
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=mobile)
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.do("Emulation.setScriptExecutionDisabled", value=not scripts)

    def screenshot(self, path, height=None):
        clip = {}
        if height:
            width = self.run("innerWidth")
            clip = {"clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}
        shot = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True, **clip)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))
