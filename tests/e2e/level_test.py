"""format.level auto: under load the level of compression falls, the metrics say so, and it returns; the archive is whole.

The load is deliveries that are there but for their last bytes, which then come all at once: with one worker they wait for
each other, however fast the machine is.
"""
import collections
import concurrent.futures
import gzip
import http.client
import itertools
import json
import random
import unittest

import envelopes
from service import ServiceCase

FASTEST, THOROUGH = 0, 6
AT_ONCE = 12
HOUR_MS = 3_600_000
FIRST_MS = 1795248000000
WORDS = "GET POST /api/v1/cart/items 200 503 token refreshed order checkout session started timeout after retry".split()


def message(rng):
    return " ".join([*rng.choices(WORDS, k=12), f"request={rng.randbytes(8).hex()}"])


class Held:
    """A delivery without its last byte. Its events are of an hour that no other has: so is its object."""

    def __init__(self, service, number):
        rng = random.Random(1)  # the same text for all, so that their objects' sizes can be compared
        when = FIRST_MS + number * HOUR_MS
        self.events = [envelopes.event(message(rng), when + n) for n in range(4000)]
        request_id = f"r-{number}"
        body = envelopes.delivery([envelopes.record(envelopes.envelope(self.events))], FIRST_MS, request_id)
        self.connection = http.client.HTTPSConnection("127.0.0.1", service.port, context=service.tls_context(), timeout=60)
        self.connection.putrequest("POST", "/")
        for name, value in {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": request_id,
                            "X-Amz-Firehose-Access-Key": service.ACCESS_KEY, "Content-Length": len(body)}.items():
            self.connection.putheader(name, value)
        self.connection.endheaders()
        self.connection.send(body[:-1])
        self.last = body[-1:]

    def release(self):
        self.connection.send(self.last)

    def status(self):
        with self.connection.getresponse() as answer:
            answer.read()
            status = answer.status
        self.connection.close()
        return status


class LevelTest(ServiceCase):
    def setUp(self):
        super().setUp()
        self.running = self.service({"runtime": {"workers": 1}, "format": {"level": "auto"},
                                     "partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        self.numbers = itertools.count()
        self.sent = []

    def reasons(self):
        """Deliveries by why they have their level, and the level of the one framed last."""
        metrics = self.running.metrics()
        name = "cistern_compression_level_reasons_total"
        counts = {why: metrics.get(f'{name}{{reason="{why}"}}', 0) for why in ("workers_free", "some_wait", "many_wait")}
        return counts, metrics["cistern_compression_level"]

    def deliver(self, count):
        """That many at once; the levels that the gauge showed until all were answered."""
        held = [Held(self.running, next(self.numbers)) for _ in range(count)]
        self.sent += held
        seen = set()
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            for one in held:
                one.release()
            answers = [pool.submit(one.status) for one in held]
            while not all(answer.done() for answer in answers):
                seen.add(self.reasons()[1])
        self.assertEqual({answer.result() for answer in answers}, {200})
        return seen

    def object_sizes(self):
        return [path.stat().st_size for path in sorted(self.running.archive.rglob("*.ndjson.gz"))]

    def test_it_falls_under_load_and_returns_and_the_archive_is_whole(self):
        self.deliver(1)
        self.assertEqual(self.reasons(), ({"workers_free": 1, "some_wait": 0, "many_wait": 0}, THOROUGH))
        seen = set()
        for _ in range(20):  # one will do, but the page may be looked at too late
            seen |= self.deliver(AT_ONCE)
            self.assertEqual(self.reasons()[1], THOROUGH)  # behind the last of them nothing waits
            if FASTEST in seen:
                break
        self.assertIn(FASTEST, seen)
        under_load = self.reasons()[0]
        self.assertGreater(under_load["many_wait"], 0)
        self.assertGreater(under_load["some_wait"], 0)
        self.assertEqual(sum(under_load.values()), len(self.sent))
        self.deliver(1)
        self.assertEqual(self.reasons(), ({**under_load, "workers_free": under_load["workers_free"] + 1}, THOROUGH))
        self.assertEqual(self.running.terminate(), 0)
        self.assert_whole()
        self.assert_sizes_fit(under_load)

    def assert_whole(self):
        lines = collections.Counter()
        for path in self.running.archive.rglob("*.ndjson.gz"):
            for line in gzip.decompress(path.read_bytes()).splitlines():
                event = json.loads(line)
                lines[event["id"], event["timestamp"], event["message"]] += 1
        sent = collections.Counter((event["id"], event["timestamp"], event["message"])
                                   for one in self.sent for event in one.events)
        self.assertEqual(lines, sent)

    def assert_sizes_fit(self, under_load):
        """Each object is one delivery: those that the counters call quicker are the larger ones."""
        sizes = self.object_sizes()
        self.assertEqual(len(sizes), len(self.sent))
        larger = sum(size > 1.05 * sizes[0] for size in sizes)
        self.assertEqual(larger, under_load["some_wait"] + under_load["many_wait"], sizes)


if __name__ == "__main__":
    unittest.main()
