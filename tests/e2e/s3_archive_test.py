"""A large archive in a locked, encrypted, tagged bucket, over TLS, while the server dies and comes back; read back with
boto3, which knows nothing of Cistern, and compared event by event with what was acknowledged.

1 GB of log bytes in the long form. Encryption is SSE-KMS with a key of the gateway's own: the gateway takes SSE-S3's
header and keeps plain bytes, so that says nothing. DSSE, encryption context, bucket keys, other storage classes than
STANDARD_IA, requester pays and expected owner are unknown to it: what is sent for them is checked on the wire
(tests/conformance/s3_corrections_test.cc, tests/unit/s3_object_settings_test.cc).
"""
import collections
import concurrent.futures
import datetime
import hashlib
import importlib.util
import os
import pathlib
import time
import unittest

from main_job_test import verify
from s3_server import ACCESS_KEY, INSTALLED, KMS_KEY, SECRET_KEY, S3Server
from service import ServiceCase

LONG = bool(os.environ.get("CISTERN_LONG_TESTS"))
LOG_BYTES = 1_000_000_000 if LONG else 20_000_000
DEATHS = 3 if LONG else 1
TAGS = {"team": "logs", "cost center": "a/b=c"}
MEMORY, UPLOADS = 192, 8


def usage(pid):
    """CPU seconds and peak memory in bytes."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"), int(status["VmHWM"].split()[0]) << 10


@INSTALLED
@unittest.skipUnless(importlib.util.find_spec("boto3"), "boto3 is not installed (Debian: python3-boto3)")
class S3ArchiveTest(ServiceCase):
    def setUp(self):
        super().setUp()
        self.server = S3Server()
        self.addCleanup(self.server.stop)
        self.bucket = self.server.create_bucket("archive", "x-amz-bucket-object-lock-enabled: true")

    def boto3_client(self):
        import boto3
        import botocore.config
        return boto3.client("s3", endpoint_url=self.server.tls_url, verify=str(self.server.ca_file), region_name="us-east-1",
                            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
                            config=botocore.config.Config(s3={"addressing_style": "path"}, max_pool_connections=8))

    def archive_service(self):
        return self.service({
            "memory_limit": f"{MEMORY}MiB", "limits": {"in_flight_bytes": "64MiB", "body_bytes": "16MiB",
                                                       "inflated_body_bytes": "32MiB"},
            "partition": {"flush_age": "2s", "late_flush_age": "5s", "flush_size": "2MiB" if LONG else "256KiB"},
            "store": self.server.store(
                self.bucket, tls=True, prefix="logs/", sse="aws:kms", sse_kms_key_id=KMS_KEY, timeout="5s", uploads=UPLOADS,
                tags=[f"{name}={value}" for name, value in TAGS.items()], lock_mode="GOVERNANCE", lock_retain="1d",
                lock_legal_hold=True, metadata=["team=log archive"])})

    def uploads(self, service, outcome):
        return service.metrics()[f'cistern_uploads_total{{outcome="{outcome}"}}']

    def send_until(self, service, log_bytes, acknowledged):
        """Deliveries of every kind until so many log bytes are taken; the gateway dies meanwhile, an upload under way."""
        sender = service.start_sender("--events", 1 << 40, "--connections", 4, "--late", "0.05:2d", "--nasty", "0.01",
                                      "--repeat", "0.02", "--acknowledged", acknowledged)
        self.addCleanup(sender.kill)
        taken = lambda: service.metrics()["cistern_log_bytes_total"]  # noqa: E731
        for death in range(DEATHS):
            at = (death + 1) / (DEATHS + 1) * log_bytes
            service.wait_for(lambda at=at: taken() >= at and service.metrics()["cistern_uploads_in_flight"] > 0, 600,
                             "take a part of the log bytes")
            before = self.uploads(service, "retry")
            self.server.kill_gateway()
            service.wait_for(lambda before=before: self.uploads(service, "retry") > before, 60, "miss the gateway")
            self.server.start_gateway()
        service.wait_for(lambda: taken() >= log_bytes, 900, "take all log bytes")
        sender.kill()
        sender.communicate()
        service.wait_stored(600)

    def names(self, client):
        """Each object's, once. A gateway that is killed may keep a locked object's bytes before it notes that they are the
        current version: then it takes the same object again as if there was none. Other bytes are never taken."""
        pages = client.get_paginator("list_object_versions").paginate(Bucket=self.bucket)
        versions = [(version["Key"], version["VersionId"]) for page in pages for version in page.get("Versions", [])]
        count = collections.Counter(name for name, _ in versions)
        again = [(name, version) for name, version in versions if count[name] > 1]
        digests = {name: set() for name, _ in again}
        for name, version in again:
            head = client.head_object(Bucket=self.bucket, Key=name, VersionId=version)
            digests[name].add(head["Metadata"]["cistern-sha256"])
        self.assertEqual([name for name, found in digests.items() if len(found) > 1], [], "an object was replaced")
        self.assertLessEqual(len(again) - len(digests), UPLOADS * DEATHS, "more than were on their way when it died")
        return sorted(count)

    def look(self, client, name, folder, began):
        """One object as boto3 sees it: its bytes are put into the folder."""
        where = {"Bucket": self.bucket, "Key": name}
        got = client.get_object(**where)
        data = got["Body"].read()
        self.assertEqual((got["ServerSideEncryption"], got["SSEKMSKeyId"]), ("aws:kms", KMS_KEY), name)
        self.assertEqual(got["Metadata"]["team"], "log archive")
        self.assertEqual(got["Metadata"]["cistern-sha256"], hashlib.sha256(data).hexdigest(), name)
        self.assertEqual({tag["Key"]: tag["Value"] for tag in client.get_object_tagging(**where)["TagSet"]}, TAGS, name)
        retention = client.get_object_retention(**where)["Retention"]
        held = retention["RetainUntilDate"] - datetime.timedelta(days=1)
        self.assertEqual(retention["Mode"], "GOVERNANCE", name)
        self.assertTrue(began - 1 <= held.timestamp() <= time.time() + 1, (name, held))
        self.assertEqual(client.get_object_legal_hold(**where)["LegalHold"]["Status"], "ON", name)
        path = folder / name.removeprefix("logs/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return len(data), int(got["Metadata"]["cistern-events"])

    def read_back(self, began):
        """The archive in a folder; objects, bytes and events as boto3 counts them."""
        client, folder = self.boto3_client(), self.folder / "read-back"
        names = self.names(client)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            sizes = list(pool.map(lambda name: self.look(client, name, folder, began), names))
        return folder, len(names), sum(size for size, _ in sizes), sum(events for _, events in sizes)

    def test_what_was_acknowledged_is_in_the_bucket_exactly_once(self):
        began = time.time()
        service, acknowledged = self.archive_service(), self.folder / "acknowledged"
        self.send_until(service, LOG_BYTES, acknowledged)
        metrics, (cpu_seconds, peak_rss) = service.metrics(), usage(service.process.pid)
        took = time.time() - began
        self.assertEqual(service.terminate(120), 0)
        folder, objects, size, events = self.read_back(began)
        report = verify(folder, acknowledged)
        self.assertEqual(events, metrics["cistern_stored_events_total"])
        self.assertLess(peak_rss, (MEMORY + 80) << 20)  # what the README says of memory
        print(f"\n{metrics['cistern_log_bytes_total'] / 1e6:.0f} MB of log bytes, {events:.0f} events, {objects} objects of "
              f"{size / 1e6:.0f} MB in {took:.0f} s; {cpu_seconds:.1f} CPU seconds, peak RSS {peak_rss / 2**20:.0f} MiB\n{report}")


if __name__ == "__main__":
    unittest.main()
