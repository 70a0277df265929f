"""A real cistern process for tests: its folder, certificate, access key and configuration; started, watched, ended.

CISTERN_BINARY names the binary. Everything listens on 127.0.0.1 on ports that no other test has.
"""
import contextlib
import fcntl
import itertools
import json
import os
import pathlib
import signal
import random
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

BINARY = os.environ.get("CISTERN_BINARY", "")


held_ports = []  # open locks, one a port, until this process ends


def lock_port(port):
    """Keeps other tests off it until this process ends; OSError: one of them has it."""
    locks = pathlib.Path(tempfile.gettempdir(), "cistern-test-ports")
    locks.mkdir(exist_ok=True)
    with contextlib.ExitStack() as not_ours:
        lock = not_ours.enter_context(open(locks / str(port), "wb"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        not_ours.pop_all()
    held_ports.append(lock)


def free_port():
    """A port that is this process's until it ends, also while nothing listens at it.

    Below those that the system gives to outgoing connections: a test that opens thousands of them takes none of ours
    while a service starts again. The lock keeps other tests out.
    """
    for port in itertools.islice(iter(lambda: random.randrange(20_000, 32_000), None), 1000):
        with contextlib.suppress(OSError), socket.socket() as probe:
            lock_port(port)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port from 20000 to 31999")


def make_certificate(folder):
    """A self-signed certificate for 127.0.0.1 and localhost; paths of certificate and key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    return certificate, key


class Service:
    """Settings are merged over a small default, section by section; times out loudly when it does not get ready."""

    ACCESS_KEY = "test-access-key-with-enough-characters"

    def __init__(self, folder, settings=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = make_certificate(self.folder)
        self.port, self.metrics_port = free_port(), free_port()
        self.settings = {
            "listen": f"127.0.0.1:{self.port}",
            "tls": {"certificate": str(self.certificate), "private_key": str(self.key)},
            "access_keys": [{"name": "test", "value": self.ACCESS_KEY}],
            "journal": {"path": str(self.folder / "journal")},
            "partition": {"flush_age": "2s", "late_flush_age": "3s"},
            "store": {"type": "file", "path": str(self.folder / "archive")},
            "metrics": {"listen": f"127.0.0.1:{self.metrics_port}"},
            "log": {"level": "info", "format": "json"},
        }
        for section, values in (settings or {}).items():
            both = isinstance(values, dict) and isinstance(self.settings.get(section), dict)
            self.settings[section] = {**self.settings[section], **values} if both else values
        self.config_file = self.folder / "cistern.yaml"
        self.log_file = self.folder / "cistern.log"
        self.process = None

    @property
    def url(self):
        scheme = "http" if self.settings["tls"] == "off" else "https"
        return f"{scheme}://127.0.0.1:{self.port}/"

    @property
    def archive(self):
        return self.folder / "archive"

    def start(self, wait=True):
        self.config_file.write_text(json.dumps(self.settings))  # JSON is YAML
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([BINARY, "serve", "--config", str(self.config_file)],
                                            stderr=log, stdout=log, stdin=subprocess.DEVNULL, cwd=self.folder)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=60):
        self.wait_for(lambda: self.ops("/readyz")[0] == 200, seconds, "get ready")

    def wait_for(self, condition, seconds, what):
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                raise AssertionError(f"cistern ended with {self.process.returncode}:\n{self.log_tail()}")
            with contextlib.suppress(OSError):
                if condition():
                    return
            time.sleep(0.05)
        raise AssertionError(f"cistern did not {what} within {seconds} s:\n{self.log_tail()}")

    def log_tail(self, size=4000):
        return self.log_file.read_bytes()[-size:].decode(errors="replace")

    def log_lines(self):
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def ops(self, path):
        """Status and body of a path on the operations listener."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        """The metrics page as {name with labels: value}."""
        page = self.ops("/metrics")[1]
        lines = [line for line in page.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def wait_stored(self, seconds=60):
        """Waits until nothing that was acknowledged is still on its way to the store."""
        self.wait_for(lambda: self.metrics().get("cistern_pending_bytes") == 0, seconds, "store everything")

    def send_command(self, *options):
        trust = [] if self.settings["tls"] == "off" else ["--ca", str(self.certificate)]
        return [BINARY, "send", "--url", self.url, *trust, "--quiet", *map(str, options)]

    def send(self, *options, expect=0):
        """Runs `cistern send` to its end; its standard output."""
        done = subprocess.run(self.send_command(*options), capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, "CISTERN_ACCESS_KEY": self.ACCESS_KEY}, timeout=600)
        if done.returncode != expect:
            raise AssertionError(f"send ended with {done.returncode}: {done.stdout}{done.stderr}\n{self.log_tail()}")
        return done.stdout

    def start_sender(self, *options):
        """`cistern send` in the background."""
        return subprocess.Popen(self.send_command(*options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True,
                                env={**os.environ, "CISTERN_ACCESS_KEY": self.ACCESS_KEY})

    def tls_context(self):
        return ssl.create_default_context(cafile=str(self.certificate))

    def post(self, body, headers=None, path="/", request_id="r-1"):
        """One delivery by Python's own client; status and parsed answer."""
        sent = {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": request_id,
                "X-Amz-Firehose-Access-Key": self.ACCESS_KEY, "Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.url[:-1] + path, data=body, headers=sent, method="POST")
        try:
            with urllib.request.urlopen(request, context=self.tls_context(), timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def kill(self):
        """The process dies as in a crash."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self, seconds=60):
        """SIGTERM: drains and ends; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"cistern did not drain within {seconds} s:\n{self.log_tail()}") from None

    def stop(self):
        """For tearDown: ends the process however it stands."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


@unittest.skipUnless(BINARY, "CISTERN_BINARY names no binary")
class ServiceCase(unittest.TestCase):
    """A test with a folder of its own and services that end with it."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cistern-e2e-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def service(self, settings=None, name="service", start=True):
        made = Service(self.folder / name, settings)
        self.addCleanup(made.stop)
        return made.start() if start else made
