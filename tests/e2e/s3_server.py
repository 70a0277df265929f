"""Ceph's gateway for a test of its own, which may freeze and kill it: tests/s3-server, in plain HTTP and over TLS."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from service import lock_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCESS_KEY, SECRET_KEY = "AKIATEST", "secrettest"
KMS_KEY = "cistern-test-key"
TLS, MONITOR = 5000, 10000  # their ports, above the gateway's
INSTALLED = unittest.skipUnless(all(map(shutil.which, ("ceph-mon", "ceph-osd", "radosgw"))), "Ceph is not installed")


def free_port():
    for port in range(7497, 10000, 17):
        with contextlib.suppress(OSError):
            lock_port(port)
            for each in (port, port + TLS, port + MONITOR):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", each))
            return port
    raise AssertionError("no free port")


class S3Server:
    """Runs until stop(). `url` and `tls_url` with `ca_file` lead to the same buckets."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="cistern-s3-")
        self.folder = pathlib.Path(self.scratch.name, "server")
        port = free_port()
        self.process = subprocess.Popen([ROOT / "tests/s3-server", self.folder, str(port)], stdout=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True)
        self.again = None  # a gateway that was started after kill_gateway
        ready = self.process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            self.stop()
            raise AssertionError("tests/s3-server did not start")
        self.url, self.tls_url, self.ca_file = ready[1], f"https://127.0.0.1:{port + TLS}", self.folder / "tls.pem"
        found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-x", "radosgw"], check=True, capture_output=True)
        self.gateway = int(found.stdout)

    def create_bucket(self, name, *headers):
        subprocess.run([ROOT / "tests/s3-server", "--create-bucket", self.url, name, *headers], check=True)
        return name

    def store(self, bucket, tls=False, **settings):
        """Cistern's settings for a bucket."""
        place = {"endpoint": self.tls_url, "ca_file": str(self.ca_file)} if tls else {"endpoint": self.url}
        return {"type": "s3", "bucket": bucket, "path_style": True, "access_key_id": ACCESS_KEY,
                "secret_access_key": SECRET_KEY, **place, **settings}

    def kill_gateway(self):
        """As in a crash: what was on its way is gone, what was stored stays."""
        os.kill(self.gateway, signal.SIGKILL)
        if self.again:
            self.again.wait()

    def start_gateway(self):
        if self.again:
            self.again.wait()
        log = open(self.folder / "log/again.out", "ab")
        self.again = subprocess.Popen(["radosgw", "-c", self.folder / "ceph.conf", "-n", "client.rgw", "-f"], stdout=log,
                                      stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        self.gateway = self.again.pid
        address = ("127.0.0.1", int(self.url.rsplit(":", 1)[1]))
        for _ in range(600):
            try:
                return socket.create_connection(address, 1).close()
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the gateway did not come back")

    def stop(self):
        if self.again:
            self.again.kill()
            self.again.wait()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.scratch.cleanup()
