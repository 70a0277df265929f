"""What comes again, at the real binary: with another access key, with other content under a used request id, its records under
another id. And two processes that want one journal."""
import collections
import gzip
import json
import time
import unittest

import envelopes
from service import ServiceCase


class RepeatsTest(ServiceCase):
    OTHER_KEY = "another-test-key-with-enough-characters"

    def setUp(self):
        super().setUp()
        self.running = self.service({"access_keys": [{"name": "test", "value": "test-access-key-with-enough-characters"},
                                                     {"name": "other", "value": self.OTHER_KEY}]})

    def post(self, body, request_id, **headers):
        self.assertEqual(self.running.post(body, headers, request_id=request_id)[0], 200)

    def archived(self):
        self.assertEqual(self.running.terminate(), 0)
        return collections.Counter(json.loads(line)["message"] for path in self.running.archive.rglob("*.ndjson.gz")
                                   for line in gzip.open(path, "rt"))

    def body(self, request_id, *data):
        return envelopes.delivery(data, 1795248000000, request_id)

    def test_repeats_are_archived_once_and_new_content_always(self):
        cloudwatch = envelopes.record(envelopes.envelope([envelopes.event("from CloudWatch", 1795248000000)]))
        self.post(self.body("r", cloudwatch, b"text"), "r")
        self.post(self.body("r", cloudwatch, b"text"), "r")
        self.post(self.body("r", cloudwatch, b"text"), "r", **{"X-Amz-Firehose-Access-Key": self.OTHER_KEY})
        self.running.kill()
        self.running.start()
        self.post(self.body("r", cloudwatch, b"text"), "r")
        self.post(self.body("r", b"other text"), "r")
        self.post(self.body("another", cloudwatch, b"text"), "another")
        self.assertEqual(self.archived(), {"from CloudWatch": 1, "text": 2, "other text": 1})

    def test_a_second_process_is_told_who_has_the_journal(self):
        other = self.service({"journal": {"path": str(self.running.folder / "journal")}}, name="other", start=False)
        other.start(wait=False)
        self.assertNotEqual(other.process.wait(30), 0)
        self.assertIn(f"held by another process: pid {self.running.process.pid}", other.log_tail())
        self.post(self.body("r", b"still served"), "r")
        self.assertEqual(self.archived(), {"still served": 1})


class PoisonTest(ServiceCase):
    RECORDS = 10_000

    def cost(self, service, name, datum_of):
        """CPU seconds of one delivery of many records."""
        body = envelopes.delivery([datum_of(n) for n in range(self.RECORDS)], 1795248000000, name)
        def spent():
            with open(f"/proc/{service.process.pid}/stat", encoding="ascii") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / 100
        before = spent()
        self.assertEqual(service.post(body, request_id=name)[0], 200)
        service.wait_stored()
        return spent() - before

    def test_poison_costs_no_more_than_good_records_and_is_kept_once_each(self):
        service = self.service({"partition": {"flush_age": "300ms", "late_flush_age": "300ms"}})
        now = int(time.time() * 1000)
        good = self.cost(service, "good", lambda n: envelopes.record(envelopes.envelope([envelopes.event(f"{n} " + "m" * 200, now)])))
        damaged = envelopes.record(envelopes.envelope([envelopes.event("m" * 200, now)]))[:-9]
        poison = self.cost(service, "poison", lambda n: damaged + n.to_bytes(4, "big"))
        print(f"\n  {self.RECORDS} records: good {good:.2f} s of CPU, poison {poison:.2f} s", flush=True)
        self.assertEqual(service.terminate(), 0)
        letters = collections.Counter(json.loads(line)["record"] if "record" in line else line
                                      for path in (service.archive / "dead-letters").rglob("*.gz") for line in gzip.open(path, "rt"))
        self.assertEqual((len(letters), set(letters.values())), (self.RECORDS, {1}))
        self.assertLess(poison, 3 * good + 0.5)


if __name__ == "__main__":
    unittest.main()
