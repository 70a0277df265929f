"""Disks that are full or read-only, under the real binary: nothing acknowledged is lost, what cannot be taken stays
with the sender. Needs root, to mount small file systems; skipped where that is not allowed.
"""
import collections
import contextlib
import gzip
import json
import pathlib
import random
import subprocess
import time
import unittest

import envelopes
from service import ServiceCase


def mounted(folder, options):
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True).returncode == 0


def noise(request_id, size=500_000):
    """A delivery with one event that does not compress below half of its size."""
    now = int(time.time() * 1000)
    message = random.Random(request_id).randbytes(size).hex()
    events = [envelopes.event(message, now)]
    return envelopes.delivery([envelopes.record(envelopes.envelope(events, stream=request_id))], now, request_id)


class DiskCase(ServiceCase):
    def small_disk(self, name, size):
        """A file system of its own below the service's folder."""
        folder = self.folder / "service" / name
        if not mounted(folder, f"size={size}"):
            self.skipTest("mounting a tmpfs is not allowed here")
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], capture_output=True)
        return folder

    def remount(self, folder, option):
        subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True, capture_output=True)

    def post(self, service, request_id):
        """Whether it was acknowledged; a lost connection is a no."""
        with contextlib.suppress(OSError):
            return service.post(noise(request_id), request_id=request_id)[0] == 200
        return False

    def archived(self, service):
        return collections.Counter(json.loads(line)["logStream"] for path in pathlib.Path(service.archive).rglob("*.ndjson.gz")
                                   for line in gzip.open(path, "rt"))

    def everything_is_archived_once(self, service, taken):
        found = self.archived(service)
        self.assertEqual({each: found[each] for each in taken}, {each: 1 for each in taken})
        self.assertEqual(set(found.values()), {1})


class JournalDiskTest(DiskCase):
    SETTINGS = {"journal": {"segment_bytes": "1MiB", "min_free_bytes": "0", "max_bytes": "1GiB"},
                "partition": {"flush_age": "1h", "late_flush_age": "1h", "flush_size": "1GiB"}}

    def test_full(self):
        disk = self.small_disk("journal", "16m")
        service = self.service(self.SETTINGS)
        taken = [each for each in (f"r-{i}" for i in range(40)) if self.post(service, each)]
        self.assertGreater(len(taken), 5)
        self.assertLess(len(taken), 40)
        self.assertEqual(service.ops("/livez")[0], 200)
        service.kill()
        self.remount(disk, "size=64m")
        service.start()
        self.assertTrue(self.post(service, "after"))
        self.assertEqual(service.terminate(), 0)
        self.everything_is_archived_once(service, [*taken, "after"])

    def test_filled_by_somebody_else_while_it_runs(self):
        disk = self.small_disk("journal", "32m")
        service = self.service(self.SETTINGS)
        taken = [each for each in ("r-0", "r-1", "r-2") if self.post(service, each)]
        self.assertEqual(len(taken), 3)
        with contextlib.suppress(OSError), open(disk / "somebody-elses", "wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        taken += [each for each in (f"s-{i}" for i in range(20)) if self.post(service, each)]
        self.assertLess(len(taken), 23)
        (disk / "somebody-elses").unlink()
        service.kill()
        service.start()
        self.assertTrue(self.post(service, "after"))
        self.assertEqual(service.terminate(), 0)
        self.everything_is_archived_once(service, [*taken, "after"])

    def test_read_only_while_it_runs(self):
        disk = self.small_disk("journal", "64m")
        service = self.service(self.SETTINGS)
        taken = [each for each in ("r-0", "r-1") if self.post(service, each)]
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], capture_output=True)  # refused: a file is open for writing
        service.kill()
        self.remount(disk, "ro")
        service.start(wait=False)
        self.assertNotEqual(service.process.wait(30), 0)
        self.assertIn(str(disk), service.log_tail())
        self.remount(disk, "rw")
        service.start()
        self.assertEqual(service.terminate(), 0)
        self.everything_is_archived_once(service, taken)


class ArchiveDiskTest(DiskCase):
    def test_a_full_archive_keeps_the_data_in_the_journal(self):
        disk = self.small_disk("archive", "4m")
        service = self.service({"partition": {"flush_age": "300ms", "late_flush_age": "300ms", "flush_size": "1MiB"}})
        taken = [each for each in (f"r-{i}" for i in range(16)) if self.post(service, each)]
        self.assertEqual(len(taken), 16)
        service.wait_for(lambda: any(value > 0 for name, value in service.metrics().items()
                                     if name.startswith("cistern_uploads_total") and "stored" not in name), 60, "see the full disk")
        self.remount(disk, "size=64m")
        service.wait_stored()
        self.assertEqual(service.terminate(), 0)
        self.everything_is_archived_once(service, taken)


if __name__ == "__main__":
    unittest.main()
