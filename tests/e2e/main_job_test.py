"""The main job over real TLS: what cistern send had acknowledged lies in the archive, each event once, in its hour."""
import collections
import gzip
import json
import os
import concurrent.futures
import pathlib
import subprocess
import sys
import time
import unittest

from envelopes import delivery, envelope, event, record
from service import ServiceCase

NOW_MS = int(time.time() * 1000)
VERIFIER = pathlib.Path(__file__).with_name("verify_archive.py")


def verify(archive, *acknowledged):
    command = [sys.executable, str(VERIFIER), "--archive", str(archive), "--allow-unacknowledged",
               "--acknowledged", *map(str, acknowledged)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


class MainJobTest(ServiceCase):
    def test_ordinary_late_and_nasty_deliveries_are_archived_exactly(self):
        service = self.service()
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 20000, "--late", "0.1", "--control", "0.05", "--nasty", "0.2", "--repeat", "0.3",
                     "--records-per-delivery", 4,
                     "--connections", 3, "--acknowledged", acknowledged)
        service.wait_stored()
        verify(service.archive, acknowledged)
        metrics = service.metrics()
        self.assertGreater(metrics['cistern_deliveries_total{status="200"}'], 0)
        self.assertGreater(metrics["cistern_stored_events_total"], 0)
        self.assertGreater(metrics['cistern_repeats_total{kind="delivery"}'], 0)
        self.assertEqual(metrics["cistern_pending_bytes"], 0)
        self.assertEqual(service.terminate(), 0)

    def test_gzip_bodies(self):
        service = self.service()
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 5000, "--gzip", "--acknowledged", acknowledged)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)

    def test_a_drain_stores_everything_before_it_ends(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 3000, "--acknowledged", acknowledged)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)

    def test_the_metrics_page_tells_of_a_delivery_from_its_answer_on(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        self.assertEqual(service.metrics()["cistern_oldest_unstored_timestamp_seconds"], 0)
        self.assertEqual(service.post(delivery([record(envelope([event("one", NOW_MS)]))], NOW_MS))[0], 200)
        metrics = service.metrics()
        self.assertGreater(metrics["cistern_pending_bytes"], 0)
        self.assertGreaterEqual(metrics["cistern_oldest_unstored_timestamp_seconds"] * 1000, NOW_MS)

    def test_a_drain_does_not_wait_for_an_answer_that_waits_for_the_flush(self):
        service = self.service({"acknowledge": "stored", "partition": {"flush_age": "60s", "late_flush_age": "60s"}})
        body = delivery([record(envelope([event("one", NOW_MS)]))], NOW_MS)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(service.post, body)
            service.wait_for(lambda: service.metrics()["cistern_pending_bytes"] > 0, 20, "journal a delivery")
            self.assertEqual(service.terminate(20), 0)
            self.assertEqual(answer.result()[0], 200)
        self.assertEqual(len(list(service.archive.rglob("*.ndjson.gz"))), 1)

    def test_what_was_acknowledged_before_a_crash_is_stored_after_it(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 3000, "--acknowledged", acknowledged)
        service.kill()
        service.start()
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)

    def test_memory_below_what_is_pending_reads_frames_back_from_the_journal(self):
        service = self.service({"memory_limit": "80MiB", "partition": {"flush_age": "1h", "late_flush_age": "1h"},
                                "limits": {"body_bytes": "16MiB", "inflated_body_bytes": "32MiB",
                                           "in_flight_bytes": "64MiB"}})
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 100000, "--acknowledged", acknowledged)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)

    @unittest.skipUnless(os.environ.get("CISTERN_CORPUS"), "CISTERN_CORPUS names no folder with *.log files")
    def test_lines_of_real_systems(self):
        files = sorted(pathlib.Path(os.environ["CISTERN_CORPUS"]).glob("*.log"))
        lines = collections.Counter(line for path in files
                                    for line in path.read_bytes().decode(errors="replace").removesuffix("\n").split("\n"))
        service = self.service()
        acknowledged = self.folder / "acknowledged"
        service.send(*files, "--gzip", "--late", "0.3", "--acknowledged", acknowledged)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)
        found = collections.Counter(json.loads(line)["message"] for path in service.archive.rglob("*.ndjson.gz")
                                    for line in gzip.open(path, "rt"))
        self.assertEqual(sum((found - lines).values()), 0)
        self.assertEqual(sum((lines - found).values()), 0)

    def test_plain_http_behind_a_balancer(self):
        service = self.service({"tls": "off"})
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 1000, "--acknowledged", acknowledged)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)


if __name__ == "__main__":
    unittest.main()
