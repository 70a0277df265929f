"""cistern journal: what a killed service leaves behind is told, checked and written out, and never changed."""
import hashlib
import json
import subprocess
import unittest

from main_job_test import verify
from service import BINARY, ServiceCase


def journal(*arguments):
    return subprocess.run([BINARY, "journal", *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL)


class JournalCommandTest(ServiceCase):
    def killed(self):
        """A service that took deliveries while its store was away, and died. Some objects are sealed, some are not."""
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h", "flush_size": "64KiB"},
                                "journal": {"segment_bytes": "1MiB"}, "store": {"uploads": 2}}, start=False)
        service.archive.write_text("a file where the folder should be")
        service.start()
        self.acknowledged = service.folder / "acknowledged"
        service.send("--events", 20000, "--spread", 6, "--acknowledged", self.acknowledged)
        service.kill()
        self.folder_of = service.folder / "journal"
        return service

    def digests(self):
        return {str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
                for path in sorted(self.folder_of.rglob("*")) if path.is_file()}

    def test_what_is_unstored_is_told_verified_and_exported(self):
        service = self.killed()
        before = self.digests()
        done = journal("inspect", "--json", "--path", self.folder_of)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        told = json.loads(done.stdout)
        self.assertEqual(told["unstored"]["events"], 20000)
        self.assertEqual(told["unstored"]["frames"], sum(each["frames"] for each in told["unstored"]["partitions"]))
        self.assertEqual(told["unstored"]["events"], sum(each["events"] for each in told["unstored"]["partitions"]))
        self.assertEqual(told["deliveries"], sum(each["deliveries"] for each in told["segments"]))
        self.assertGreater(len(told["unstored"]["sealed"]), 0)
        self.assertGreater(told["unstored"]["oldest_ms"], 1_600_000_000_000)
        self.assertEqual({each["journal"] for each in told["segments"]}, {told["journal"]})

        text = journal("inspect", "--config", service.config_file).stdout
        for word in (told["journal"], "20000 events", "sealed 1:", told["unstored"]["partitions"][0]["partition"]):
            self.assertIn(word, text)
        done = journal("verify", "--path", self.folder_of)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertTrue(done.stdout.startswith("clean"), done.stdout)

        out = self.folder / "rescued"
        for _ in range(2):  # the second finds its files there
            done = journal("export", "--path", self.folder_of, "--to", out)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("20000 events", done.stdout)
            verify(out, self.acknowledged)
        self.assertEqual(self.digests(), before, "the journal was changed")

        service.archive.unlink()
        service.start()
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, self.acknowledged)
        self.assertIn("unstored: nothing", journal("inspect", "--path", self.folder_of).stdout)

    def test_no_file_is_replaced(self):
        self.killed()
        out = self.folder / "rescued"
        self.assertEqual(journal("export", "--path", self.folder_of, "--to", out).returncode, 0)
        victim = next(path for path in sorted(out.rglob("*-unsealed.ndjson.gz")))
        victim.write_bytes(b"somebody's")
        done = journal("export", "--path", self.folder_of, "--to", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn(victim.name, done.stderr)
        self.assertEqual(victim.read_bytes(), b"somebody's")

    def test_a_flipped_byte_is_found_at_its_file_and_offset(self):
        self.killed()
        segment = sorted(self.folder_of.glob("*.segment"))[0]
        content = bytearray(segment.read_bytes())
        at = content.index(b"\x1f\x8b\x08", 2000) + 20  # within a frame
        content[at] ^= 1
        segment.write_bytes(content)
        before = self.digests()
        done = journal("verify", "--path", self.folder_of)
        self.assertEqual(done.returncode, 1, done.stdout)
        frame = next(line for line in done.stdout.splitlines() if "a frame" in line)
        self.assertTrue(frame.startswith(f"{segment}: "), frame)
        start, length = int(frame.split("offset ")[1].split(",")[0]), int(frame.split(", ")[-1].split()[0])
        self.assertTrue(start <= at < start + length, f"{at} in: {frame}")
        self.assertIn("DAMAGED", done.stdout)
        done = journal("export", "--path", self.folder_of, "--to", self.folder / "rescued")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not exported", done.stderr)
        self.assertNotIn("20000 events", done.stdout)
        self.assertEqual(self.digests(), before, "the journal was changed")

    def test_a_journal_in_use_is_left_alone(self):
        service = self.service()
        for action in (["inspect"], ["verify"], ["export", "--to", self.folder / "out"]):
            done = journal(*action, "--path", service.folder / "journal")
            self.assertEqual(done.returncode, 1, action)
            self.assertIn(f"pid {service.process.pid}", done.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_no_journal_no_folder_made(self):
        done = journal("inspect", "--path", self.folder / "nothing")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing", done.stderr)
        self.assertFalse((self.folder / "nothing").exists())
        self.assertEqual(journal("export", "--path", self.folder).returncode, 2)
        self.assertEqual(journal().returncode, 2)


if __name__ == "__main__":
    unittest.main()
