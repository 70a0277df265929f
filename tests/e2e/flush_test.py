"""When partitions become objects, and what happens when they cannot: size, age, the bound of open ones, a full journal."""
import collections
import gzip
import json
import random
import time
import unittest

import envelopes
from main_job_test import verify
from service import ServiceCase


def flushes(service):
    return {name.split('"')[1]: value for name, value in service.metrics().items()
            if name.startswith("cistern_flushes_total")}


class FlushTest(ServiceCase):
    def test_by_size(self):
        service = self.service({"partition": {"flush_size": "64KiB", "flush_age": "1h", "late_flush_age": "1h"}})
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 40000, "--records-per-delivery", 4, "--acknowledged", acknowledged)
        service.wait_for(lambda: flushes(service).get("size", 0) > 3, 30, "flush by size")
        self.assertEqual(service.terminate(), 0)
        sizes = [path.stat().st_size for path in service.archive.rglob("*.ndjson.gz")]
        self.assertLess(max(sizes), 8 * 65536)
        verify(service.archive, acknowledged)

    def test_a_past_hour_waits_longer_so_that_its_stragglers_share_objects(self):
        service = self.service({"partition": {"flush_age": "300ms", "late_flush_age": "1h"}})
        now = int(time.time() * 1000)
        for number in range(8):
            events = [envelopes.event("now", now), envelopes.event("late", now - 13 * 86_400_000)]
            body = envelopes.delivery([envelopes.record(envelopes.envelope(events))], now, f"r-{number}")
            self.assertEqual(service.post(body, request_id=f"r-{number}")[0], 200)
            time.sleep(0.1)
        service.wait_for(lambda: flushes(service).get("age", 0) > 0, 30, "flush by age")
        self.assertEqual(service.metrics()["cistern_open_partitions"] >= 1, True)
        self.assertEqual(service.terminate(), 0)
        files = collections.Counter()
        for path in service.archive.rglob("*.ndjson.gz"):
            messages = {json.loads(line)["message"] for line in gzip.open(path, "rt")}
            files.update(messages)
        self.assertEqual(files["late"], 1)
        self.assertGreater(files["now"], 0)

    def test_more_partitions_than_may_be_open(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"},
                                "limits": {"open_partitions": 8}})
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 20000, "--spread", 100, "--records-per-delivery", 2, "--retry-duration", "20m",
                     "--back-off-scale", "0.1", "--acknowledged", acknowledged)
        service.wait_for(lambda: service.metrics()["cistern_open_partitions"] <= 8, 30, "get below the bound")
        self.assertGreater(flushes(service)["bound"], 10)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)

    def test_a_full_journal_is_busy_until_the_store_is_back(self):
        service = self.service({"journal": {"max_bytes": "16MiB", "segment_bytes": "1MiB"}, "limits": {"body_bytes": "8MiB"},
                                "partition": {"flush_age": "500ms", "late_flush_age": "500ms", "flush_size": "1MiB"}})
        self.assertEqual(service.post(self.noise("r-0"), request_id="r-0")[0], 200)
        service.wait_stored()
        aside = service.folder / "aside"
        service.archive.rename(aside)
        service.archive.write_text("a file where the folder was")
        taken = ["r-0"]
        for number in range(1, 100):
            status, answer = service.post(self.noise(f"r-{number}"), request_id=f"r-{number}")
            if status != 200:
                break
            taken.append(f"r-{number}")
        self.assertEqual((status, answer["requestId"]), (503, f"r-{number}"))
        self.assertIn("journal", answer["errorMessage"])
        size = sum(path.stat().st_blocks * 512 for path in (service.folder / "journal").iterdir())
        self.assertLessEqual(size, 17 << 20)
        self.assertEqual(service.ops("/readyz")[0], 503)
        service.archive.unlink()
        aside.rename(service.archive)
        last = self.noise("last")
        service.wait_for(lambda: service.post(last, request_id="last")[0] == 200, 90, "take deliveries again")
        self.assertEqual(service.terminate(), 0)
        found = collections.Counter(json.loads(line)["logStream"] for path in service.archive.rglob("*.ndjson.gz")
                                    for line in gzip.open(path, "rt"))
        self.assertEqual(found, collections.Counter([*taken, "last"]))

    @staticmethod
    def noise(request_id):
        """A delivery with one event of a megabyte that does not compress below half of it."""
        now = int(time.time() * 1000)
        message = random.Random(request_id).randbytes(500_000).hex()
        return envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event(message, now)], stream=request_id))],
                                  now, request_id)


class LargeBodyTest(ServiceCase):
    """96 MiB must pass, on the wire and after gzip; a record of MSK's ten megabytes too."""

    def test_plain_and_gzip(self):
        service = self.service()
        now = int(time.time() * 1000)
        filler = b"x" * (10 << 20) + b"\n"
        body = envelopes.delivery([filler] * 7 + [b"the last\n"], now)
        self.assertGreater(len(body), 93 << 20)
        body = body.replace(b'"timestamp"', b'"padding": "' + b"p" * ((96 << 20) - len(body)) + b'", "timestamp"', 1)
        self.assertGreater(len(body), 96 << 20)
        self.assertEqual(service.post(body)[0], 200)
        packed = gzip.compress(body.replace(b'"r-1"', b'"r-2"'), 1)
        self.assertEqual(service.post(packed, {"Content-Encoding": "gzip"}, request_id="r-2")[0], 200)
        self.assertEqual(service.terminate(), 0)
        messages = collections.Counter(len(json.loads(line)["message"]) for path in service.archive.rglob("*.ndjson.gz")
                                       for line in gzip.open(path, "rt"))
        self.assertEqual(messages, {10 << 20: 14, 8: 2})


if __name__ == "__main__":
    unittest.main()
