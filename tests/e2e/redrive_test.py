"""cistern redrive: dead letters sent again after a fix are archived, once, however often they are sent."""
import base64
import gzip
import json
import os
import subprocess
import unittest

import envelopes
from service import BINARY, Service, ServiceCase

NOW = 1_795_248_000_000


def redrive(service, *arguments):
    return subprocess.run([BINARY, "redrive", "--url", service.url, "--ca", str(service.certificate), "--retry-duration", "1s",
                           *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "CISTERN_ACCESS_KEY": service.ACCESS_KEY})


class RedriveTest(ServiceCase):
    def letters(self, service):
        return sorted((service.archive / "dead-letters").rglob("*.gz"))

    def messages(self, service):
        return sorted(json.loads(line)["message"] for path in service.archive.rglob("*.gz") if "dead-letters" not in path.parts
                      for line in gzip.open(path, "rt"))

    def test_what_a_limit_turned_away_is_archived_once_after_it_is_raised(self):
        tight = self.service({"limits": {"events_per_record": 2}})
        def record(names):
            return envelopes.record(envelopes.envelope([envelopes.event(name, NOW) for name in names], stream=names[0]))
        for request, records in (("r-1", [record("abc"), record("d"), record("efg")]), ("r-2", [record("hij")])):
            self.assertEqual(tight.post(envelopes.delivery(records, NOW, request), request_id=request)[0], 200)
        self.assertEqual(tight.terminate(), 0)
        self.assertEqual(self.messages(tight), ["d"])
        self.assertEqual(sum(len(gzip.open(path).readlines()) for path in self.letters(tight)), 3)

        service = self.service(name="wide")
        for _ in range(2):
            done = redrive(service, *self.letters(tight))
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(service.metrics()['cistern_repeats_total{kind="delivery"}'], 2)
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(self.messages(service), sorted("abcefghij"))

    def test_equal_records_of_different_deliveries_are_not_one(self):
        letters = self.folder / "letters.ndjson"
        data = base64.b64encode(b"the same line").decode()
        letters.write_text("".join(json.dumps({"reason": "binary", "why": "", "requestId": request, "sourceArn": "",
                                               "requestTimestamp": NOW, "record": record, "data": data}) + "\n"
                                   for request, record in (("r-1", 0), ("r-1", 1), ("r-2", 0))))
        service = self.service()
        for _ in range(2):
            self.assertEqual(redrive(service, letters).returncode, 0)
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(self.messages(service), ["the same line"] * 3)

    def test_what_is_no_dead_letter_is_refused(self):
        service = Service(self.folder / "off")
        letters = self.folder / "letters.ndjson"
        for text in ('{"message":"an event"}\n', "no json\n", '{"reason":"binary","data":"not base64!"}\n'):
            letters.write_text(text)
            done = redrive(service, letters)
            self.assertEqual(done.returncode, 1)
            self.assertIn("letters.ndjson: line 1", done.stderr)
        self.assertEqual(redrive(service, self.folder / "nothing.gz").returncode, 1)
        self.assertEqual(redrive(service).returncode, 2)


if __name__ == "__main__":
    unittest.main()
