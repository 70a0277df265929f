"""Into S3: Ceph's gateway, started by tests/s3-server, one of its own since it is frozen and killed. Skipped where its
Debian packages are not installed; tests/run installs them.
"""
import calendar
import hashlib
import os
import signal
import subprocess
import time
import unittest
import urllib.parse
import xml.etree.ElementTree

import envelopes
from main_job_test import verify
from s3_server import ACCESS_KEY, INSTALLED, SECRET_KEY, S3Server
from service import BINARY, ServiceCase

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


@INSTALLED
class S3Test(ServiceCase):
    @classmethod
    def setUpClass(cls):
        cls.server = S3Server()
        cls.addClassCleanup(cls.server.stop)
        cls.url, cls.create_bucket = cls.server.url, cls.server.create_bucket

    def curl(self, path, *options):
        return subprocess.run(["curl", "-sS", "-f", "--aws-sigv4", "aws:amz:us-east-1:s3", "-u", f"{ACCESS_KEY}:{SECRET_KEY}",
                               "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", *options, f"{self.url}/{path}"],
                              check=True, capture_output=True).stdout

    def headers(self, bucket, key):
        head = self.curl(f"{bucket}/{urllib.parse.quote(key)}", "--head").decode()
        return dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)

    def tags(self, bucket, key):
        document = xml.etree.ElementTree.fromstring(self.curl(f"{bucket}/{urllib.parse.quote(key)}?tagging="))
        return {tag.findtext("{*}Key"): tag.findtext("{*}Value") for tag in document.iter() if tag.tag.endswith("}Tag")}

    def keys(self, bucket):
        found, after = [], ""
        while True:
            query = "list-type=2&start-after=" + urllib.parse.quote(after, safe="")
            page = xml.etree.ElementTree.fromstring(self.curl(f"{bucket}?{query}"))
            found += [each.findtext(NAMESPACE + "Key") for each in page.iter(NAMESPACE + "Contents")]
            if page.findtext(NAMESPACE + "IsTruncated") != "true":
                return found
            after = found[-1]

    def download(self, bucket, prefix=""):
        """A folder with the bucket's objects."""
        folder = self.folder / "downloaded"
        for key in self.keys(bucket):
            self.assertTrue(key.startswith(prefix), key)
            path = folder / key.removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.curl(f"{bucket}/{urllib.parse.quote(key)}"))
        return folder

    def s3_service(self, bucket, **store):
        return self.service({"partition": {"flush_age": "1s", "late_flush_age": "1s", "flush_size": "256KiB"},
                             "store": self.server.store(bucket, **store)})

    def test_the_main_job_with_kills(self):
        bucket = self.create_bucket("main-job")
        service = self.s3_service(bucket, prefix="cistern/", sse="AES256", tags=["team=logs"])
        files = []
        for round_number in range(4):
            files.append(self.folder / f"acknowledged-{round_number}")
            sender = service.start_sender("--events", 100000, "--rate", 40, "--late", "0.2", "--nasty", "0.1",
                                          "--repeat", "0.1", "--retry-duration", "1s", "--back-off-scale", "0.05",
                                          "--acknowledged", files[-1])
            time.sleep(1.5)
            service.kill()
            sender.kill()
            sender.communicate()
            service.start()
        self.assertEqual(service.terminate(), 0)
        self.assertTrue(all(key.startswith("cistern/") for key in self.keys(bucket)))
        verify(self.download(bucket, "cistern/"), *files)

    def test_check_proves_that_nothing_is_replaced(self):
        bucket = self.create_bucket("check")
        service = self.service({"store": self.server.store(bucket, prefix="a/")}, start=False)
        service.start().stop()  # writes the configuration
        for _ in range(2):
            said = subprocess.run([BINARY, "check", "--config", service.config_file], check=True, capture_output=True, text=True).stdout
            self.assertIn("; what is there is not replaced (If-None-Match was tried on a/.cistern-check, ", said)
            self.assertEqual(self.keys(bucket), ["a/.cistern-check"])
            self.assertEqual(self.headers(bucket, "a/.cistern-check")["content-length"], "0")
        self.curl(f"{bucket}/a/.cistern-check", "-X", "PUT", "--data-binary", "a stranger's")
        said = subprocess.run([BINARY, "check", "--config", service.config_file], check=True, capture_output=True, text=True).stdout
        self.assertIn("was not tried: a/.cistern-check is an object of somebody else's", said)
        self.assertEqual(self.curl(f"{bucket}/a/.cistern-check"), b"a stranger's")

    def test_a_permanent_refusal_keeps_the_data_and_tries_on(self):
        service = self.s3_service("not-there-yet")
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 2000, "--acknowledged", acknowledged)
        service.wait_for(lambda: "NoSuchBucket" in service.log_tail(1 << 20), 30, "tell of the missing bucket")
        status, text = service.ops("/readyz")
        self.assertEqual(status, 200, text)
        self.create_bucket("not-there-yet")
        service.wait_stored(120)
        self.assertEqual(service.terminate(), 0)
        verify(self.download("not-there-yet"), acknowledged)

    def test_a_frozen_server_is_outlasted(self):
        bucket = self.create_bucket("frozen")
        service = self.s3_service(bucket, timeout="1s")
        acknowledged = self.folder / "acknowledged"
        os.kill(self.server.gateway, signal.SIGSTOP)
        try:
            service.send("--events", 5000, "--late", "0.2", "--acknowledged", acknowledged)
            service.wait_for(lambda: any(value > 0 for name, value in service.metrics().items()
                                         if name.startswith("cistern_uploads_total") and "stored" not in name),
                             60, "fail to store")
        finally:
            os.kill(self.server.gateway, signal.SIGCONT)
        service.wait_stored(120)
        self.assertEqual(service.terminate(), 0)
        verify(self.download(bucket), acknowledged)

    def test_what_the_options_ask_for_is_what_the_server_keeps(self):
        bucket = self.create_bucket("options", "x-amz-bucket-object-lock-enabled: true")
        service = self.s3_service(
            bucket, storage_class="STANDARD_IA", sse="aws:kms", sse_kms_key_id="cistern-test-key",
            tags=["team=logs", "cost center=a/b=c"], metadata=["team=log archive"], content_type="text/plain; charset=utf-8",
            content_encoding="gzip", lock_mode="GOVERNANCE", lock_retain="1d", lock_legal_hold=True,
            acl="bucket-owner-full-control", checksum="crc64nvme")
        acknowledged = self.folder / "acknowledged"
        began = time.time()
        service.send("--events", 3000, "--acknowledged", acknowledged)
        service.wait_stored(120)
        self.assertEqual(service.terminate(), 0)
        verify(self.download(bucket), acknowledged)
        for key in self.keys(bucket):
            headers = self.headers(bucket, key)
            until = calendar.timegm(time.strptime(headers["x-amz-object-lock-retain-until-date"][:19], "%Y-%m-%dt%H:%M:%S"))
            self.assertTrue(began + 86_399 <= until <= time.time() + 86_401, until - began)
            for name, value in {"content-type": "text/plain; charset=utf-8", "content-encoding": "gzip",
                                "x-amz-storage-class": "standard_ia", "x-amz-server-side-encryption": "aws:kms",
                                "x-amz-server-side-encryption-aws-kms-key-id": "cistern-test-key",
                                "x-amz-object-lock-mode": "governance", "x-amz-object-lock-legal-hold": "on",
                                "x-amz-meta-team": "log archive"}.items():
                self.assertEqual(headers[name], value, headers)
            digest = hashlib.sha256(self.curl(f"{bucket}/{urllib.parse.quote(key)}")).hexdigest()
            self.assertEqual(headers["x-amz-meta-cistern-sha256"], digest)
            self.assertEqual(self.tags(bucket, key), {"team": "logs", "cost center": "a/b=c"})

    def test_a_setting_that_the_server_refuses_is_named_and_nothing_is_lost(self):
        bucket = self.create_bucket("refused-class")
        service = self.s3_service(bucket, storage_class="NO_SUCH_CLASS")
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 500, "--acknowledged", acknowledged)
        service.wait_for(lambda: "store.storage_class" in service.log_tail(1 << 20), 30, "tell which setting is refused")
        service.kill()
        service.settings["store"]["storage_class"] = "STANDARD_IA"
        service.start()
        service.wait_stored(120)
        self.assertEqual(service.terminate(), 0)
        verify(self.download(bucket), acknowledged)

    def test_stored_means_in_s3(self):
        bucket = self.create_bucket("stored-means")
        service = self.service({"acknowledge": "stored", "partition": {"flush_age": "200ms", "late_flush_age": "200ms"},
                                "store": self.server.store(bucket)})
        now = int(time.time() * 1000)
        body = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("m", now)]))], now)
        self.assertEqual(service.post(body)[0], 200)
        self.assertEqual(len(self.keys(bucket)), 1)


if __name__ == "__main__":
    unittest.main()
