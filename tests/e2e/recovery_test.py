"""A start that finds much in its journal: says meanwhile how far it is, and loses nothing. Prints how fast it read, beside the
disk's own speed.

CISTERN_LONG_TESTS: a journal of 4 GiB instead of 200 MiB.
"""
import base64
import collections
import gzip
import json
import os
import random
import re
import time
import unittest

from service import ServiceCase

LONG = bool(os.environ.get("CISTERN_LONG_TESTS"))
MiB = 1 << 20
JOURNAL_BYTES = (4096 if LONG else 200) * MiB


class RecoveryTest(ServiceCase):
    SETTINGS = {"format": {"level": "fastest"}, "log": {"level": "info", "format": "json"},
                "partition": {"flush_age": "1h", "late_flush_age": "1h", "flush_size": "4GiB"},
                "journal": {"max_bytes": "16GiB"}, "timeouts": {"drain": "10m"}}

    def fill(self, service):
        """Deliveries of one line each that hardly compresses; their ids."""
        noise = base64.b64encode(random.Random(1).randbytes(9 * MiB))
        names = []
        while service.metrics()["cistern_journal_written_bytes_total"] < JOURNAL_BYTES:
            names.append(f"r-{len(names)}")
            data = base64.b64encode(names[-1].encode() + b" " + noise)
            body = b'{"requestId":"%s","timestamp":1795248000000,"records":[{"data":"%s"}]}' % (names[-1].encode(), data)
            self.assertEqual(service.post(body, request_id=names[-1])[0], 200)
        return names

    def read_all(self, service, cached):
        """Bytes of all segments and how long reading them takes, from the disk or from memory."""
        total, began = 0, None
        for path in sorted((service.folder / "journal").glob("*.segment")):
            with open(path, "rb", buffering=0) as file:
                if not cached:
                    os.fsync(file.fileno())
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        began = time.monotonic()
        for path in sorted((service.folder / "journal").glob("*.segment")):
            with open(path, "rb", buffering=0) as file:
                while piece := file.read(MiB):
                    total += len(piece)
        return total, time.monotonic() - began

    def forget_cached(self, service):
        for path in (service.folder / "journal").glob("*.segment"):
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def watch_start(self, service):
        """What /readyz said until it was ready, and the log's last word on recovery."""
        service.start(wait=False)
        said = []
        def ready():
            status, text = service.ops("/readyz")
            if status != 200:
                said.append(text)
            return status == 200
        service.wait_for(ready, 300, "get ready")
        return said, [line for line in service.log_lines() if line["event"] == "journal_recovered"][-1]

    def test_it_says_how_far_it_is_and_loses_nothing(self):
        service = self.service(self.SETTINGS)
        names = self.fill(service)
        service.kill()
        total, disk = self.read_all(service, cached=False)
        _, memory = self.read_all(service, cached=True)
        report = [f"the disk itself {total / disk / 1e9:.2f} GB/s, cached {total / memory / 1e9:.2f} GB/s"]
        for how in ("cached", "from the disk"):
            if how == "from the disk":
                self.forget_cached(service)
            said, recovered = self.watch_start(service)
            self.assertGreaterEqual(recovered["bytes"], JOURNAL_BYTES)
            self.assertEqual(recovered["open_frames"], len(names))
            progress = [tuple(map(int, re.search(r"restart, (\d+) of (\d+) MiB", text).groups())) for text in said
                        if "restart," in text]
            self.assertEqual(progress, sorted(progress))
            speed = recovered["bytes"] / max(recovered["seconds"], 0.001) / 1e9
            report.append(f"recovery {how} {speed:.2f} GB/s in {recovered['seconds']} s, seen {len(progress)} times on /readyz")
            service.kill()
        print(f"\n  journal of {total / MiB:.0f} MiB: " + "; ".join(report), flush=True)
        service.start()
        self.assertEqual(service.terminate(600), 0)
        found = collections.Counter(json.loads(line)["message"].split(" ", 1)[0] for path in service.archive.rglob("*.ndjson.gz")
                                    for line in gzip.open(path, "rt"))
        self.assertEqual(found, collections.Counter(names))


if __name__ == "__main__":
    unittest.main()
