#!/usr/bin/env python3
"""Makes good and bad archives and sees that verify_archive.py tells them apart."""

import base64
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

import verify_archive

HOUR = 3_600_000
NOON = 1_700_049_600_000  # 2023-11-15T12:00Z
FOLDER = "2023/11/15/12/"


def event(number, message="a message", timestamp=NOON):
    return {"timestamp": timestamp, "id": str(timestamp << 144 | number), "owner": "123456789012",
            "logGroup": "/aws/lambda/orders", "logStream": "[$LATEST]1", "message": message}


def text(message, timestamp=NOON):
    return {"timestamp": timestamp, "id": "", "owner": "", "logGroup": "", "logStream": "", "message": message}


class VerifyArchiveTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = os.path.join(self.folder.name, "archive")
        self.sent_path = os.path.join(self.folder.name, "sent.ndjson")
        open(self.sent_path, "wb").close()
        os.mkdir(self.root)

    # What a sender and a service would write.

    def sent(self, request, events, acknowledged=True):
        claims = []
        for each in events:
            message = each["message"].encode("utf-8", "surrogatepass")
            claims.append({**{name: each[name] for name in ("id", "timestamp", "owner", "logGroup", "logStream")},
                           "sha256": hashlib.sha256(message).hexdigest(), "requestId": request})
        self.append(claims, request, acknowledged)

    def sent_dead(self, request, datum):
        self.append([{"dead": True, "sha256": hashlib.sha256(datum).hexdigest(), "requestId": request}], request, True)

    def append(self, claims, request, acknowledged):
        if acknowledged is not None:
            claims = claims + [{"requestId": request, "acknowledged": acknowledged}]
        with open(self.sent_path, "a", encoding="ascii") as file:
            file.writelines(json.dumps(claim) + "\n" for claim in claims)

    def archived(self, name, values):
        lines = "".join(json.dumps(value, separators=(",", ":")) + "\n" for value in values)
        return self.put(name, gzip.compress(lines.encode()))

    def put(self, name, content):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def verify(self, **options):
        options.setdefault("processes", 2)
        return verify_archive.verify(self.root, [self.sent_path], **options)

    def assert_faults(self, report, **faults):
        self.assertEqual(dict(+report.faults), faults, report.text())
        self.assertEqual(report.ok, not faults)
        for kind in faults:
            self.assertIn(kind, [shown for shown, _ in report.examples])

    # A good archive.

    def test_everything_there_once(self):
        odd = [event(3, "NUL \0 and half a pair \ud83d"), event(4, "two\nlines\u2028é"), event(5, "{\"json\":1}")]
        self.sent("r1", [event(1), event(2)])
        self.sent("r2", odd + [event(6, timestamp=NOON + HOUR)])
        self.archived(FOLDER + "a.ndjson.gz", [event(2)] + odd)
        self.archived(FOLDER + "b.ndjson.gz", [event(1)])
        self.archived("2023/11/15/13/c.ndjson.gz", [event(6, timestamp=NOON + HOUR)])
        report = self.verify()
        self.assert_faults(report)
        self.assertEqual(report.counts["events found"], 6)
        self.assertEqual(report.counts["deliveries acknowledged"], 2)

    def test_several_gzip_members_and_files_of_the_store_itself(self):
        self.sent("r1", [event(1), event(2)])
        members = [gzip.compress((json.dumps(event(n)) + "\n").encode()) for n in (1, 2)]
        self.put(FOLDER + "a.ndjson.gz", b"".join(members))
        self.put(".cistern-incoming/half", b"\x1f\x8b half")
        self.assert_faults(self.verify())

    def test_equal_lines_of_bare_text_count(self):
        self.sent("r1", [text("same"), text("same")])
        self.sent("r2", [text("same")])
        self.archived(FOLDER + "a.ndjson.gz", [text("same")] * 3)
        self.assert_faults(self.verify())
        self.archived(FOLDER + "a.ndjson.gz", [text("same")] * 2)
        self.assert_faults(self.verify(), lost=1)
        self.archived(FOLDER + "a.ndjson.gz", [text("same")] * 4)
        self.assert_faults(self.verify(), doubled=1)

    def test_short_ids(self):
        short = {**event(7), "id": f"{7:032x}"}
        marked = {**event(8), "id": "=deadbeefdeadbeefdeadbeefdeadbeef"}
        self.sent("r1", [event(7), {**event(8), "id": "deadbeefdeadbeefdeadbeefdeadbeef"}])
        self.archived(FOLDER + "a.ndjson.gz", [short, marked])
        self.assert_faults(self.verify())

    def test_other_layout(self):
        self.sent("r1", [event(1)])
        name = "logs/123456789012/year=2023/month=11/12h/a.ndjson.gz"
        self.archived(name, [{k: v for k, v in event(1).items() if k != "owner"}])
        layout = verify_archive.Layout("logs/", "{owner}/year={yyyy}/month={mm}/{hh}h/",
                                       fields=("timestamp", "id", "logGroup", "logStream", "message"))
        self.assert_faults(self.verify(layout=layout))
        os.makedirs(os.path.join(self.root, "logs/123456789012/year=2023/month=12/12h"))
        os.rename(os.path.join(self.root, name), os.path.join(self.root, name.replace("month=11", "month=12")))
        self.assert_faults(self.verify(layout=layout), misplaced=1)

    # Each fault.

    def test_lost(self):
        self.sent("r1", [event(1), event(2)])
        self.archived(FOLDER + "a.ndjson.gz", [event(1)])
        report = self.verify()
        self.assert_faults(report, lost=1)
        self.assertIn(event(2)["id"], report.text())

    def test_all_lost(self):
        self.sent("r1", [event(1), event(2)])
        self.assert_faults(self.verify(), lost=2)

    def test_doubled_within_and_between_objects(self):
        self.sent("r1", [event(1), event(2)])
        self.archived(FOLDER + "a.ndjson.gz", [event(1), event(2), event(2)])
        self.archived(FOLDER + "b.ndjson.gz", [event(1)])
        self.assert_faults(self.verify(), doubled=2)

    def test_altered_in_every_member(self):
        for name, value in (("message", "a messagE"), ("owner", "1"), ("logGroup", "/x"), ("logStream", "y"),
                            ("timestamp", NOON + 1)):
            with self.subTest(name):
                self.sent("r1", [event(1)])
                self.archived(FOLDER + "a.ndjson.gz", [{**event(1), name: value}])
                self.assert_faults(self.verify(), altered=1)

    def test_replaced_surrogate_is_altered(self):
        self.sent("r1", [event(1, "half \ud83d")])
        self.archived(FOLDER + "a.ndjson.gz", [event(1, "half \ufffd")])
        self.assert_faults(self.verify(), altered=1)

    def test_changed_id_is_lost_and_invented(self):
        self.sent("r1", [event(1)])
        self.archived(FOLDER + "a.ndjson.gz", [{**event(1), "id": event(2)["id"]}])
        self.assert_faults(self.verify(), lost=1, invented=1)

    def test_misplaced(self):
        self.sent("r1", [event(1), event(2, timestamp=NOON + HOUR - 1), event(3, timestamp=NOON + HOUR)])
        self.archived(FOLDER + "a.ndjson.gz",
                      [event(1), event(2, timestamp=NOON + HOUR - 1), event(3, timestamp=NOON + HOUR)])
        self.assert_faults(self.verify(), misplaced=1)

    def test_invented(self):
        self.sent("r1", [event(1)])
        self.archived(FOLDER + "a.ndjson.gz", [event(1), event(9), text("never sent")])
        self.assert_faults(self.verify(), invented=2)

    def test_dead_letters(self):
        letters = [{"reason": "bad_gzip", "requestId": "r1", "requestTimestamp": NOON, "record": 0,
                    "data": base64.b64encode(d).decode()}
                   for d in (b"\x1f\x8bone", b"two")]
        self.sent_dead("r1", b"\x1f\x8bone")
        self.sent_dead("r1", b"two")
        name = "dead-letters/" + FOLDER + "a.ndjson.gz"
        self.archived(name, letters)
        report = self.verify()
        self.assert_faults(report)
        self.assertEqual(report.counts["dead letters found"], 2)
        self.archived(name, letters[:1])
        self.assert_faults(self.verify(), lost=1)
        self.archived(name, letters + letters[1:])
        self.assert_faults(self.verify(), doubled=1)
        self.archived(name, letters + [{**letters[0], "requestId": "r9"}])
        self.assert_faults(self.verify(), invented=1)
        self.archived(name, letters[:1] + [{**letters[1], "requestTimestamp": NOON + HOUR}])
        self.assert_faults(self.verify(), misplaced=1)

    def test_broken_objects(self):
        self.sent("r1", [event(1)])
        path = self.archived(FOLDER + "a.ndjson.gz", [event(1)])
        with open(path, "rb") as file:
            whole = file.read()
        for name, content in (("truncated", whole[:-3]), ("trailing garbage", whole + b"xyz"),
                              ("bad checksum", whole[:-8] + bytes(4) + whole[-4:])):
            with self.subTest(name):
                self.put(FOLDER + "a.ndjson.gz", content)
                self.assertEqual(self.verify().faults["broken"], 1)
        self.put(FOLDER + "a.ndjson.gz", whole)
        for name, line in (("no JSON", b"{\"id\":\n"), ("invalid UTF-8", b"{\"message\":\"\xff\"}\n"), ("list", b"[]\n"),
                           ("two values", b"{}{}\n"), ("no message", b"{\"timestamp\":1,\"id\":\"2\"}\n"),
                           ("no line end", b"{}")):
            with self.subTest(name):
                self.put(FOLDER + "b.ndjson.gz", gzip.compress(line))
                self.assert_faults(self.verify(), broken=1)

    def test_stray_file(self):
        self.sent("r1", [event(1)])
        self.archived(FOLDER + "a.ndjson.gz", [event(1)])
        self.put(FOLDER + "b.ndjson.gz.tmp", b"")
        self.assert_faults(self.verify(), broken=1)

    # Deliveries whose answer never came.

    def test_unacknowledged_may_be_there_or_not(self):
        self.sent("r1", [event(1)])
        self.sent("r2", [event(2), event(3)], acknowledged=False)
        self.sent("r3", [event(4)], acknowledged=None)
        self.archived(FOLDER + "a.ndjson.gz", [event(1)])
        self.assert_faults(self.verify())
        self.archived(FOLDER + "a.ndjson.gz", [event(n) for n in (1, 2, 3, 4)])
        self.assert_faults(self.verify(allow_unacknowledged=True))
        self.assert_faults(self.verify(), unacknowledged=3)

    def test_unacknowledged_only_whole_and_once(self):
        self.sent("r2", [event(2), event(3)], acknowledged=False)
        self.archived(FOLDER + "a.ndjson.gz", [event(2)])
        self.assert_faults(self.verify(allow_unacknowledged=True), partial=1)
        self.archived(FOLDER + "a.ndjson.gz", [event(2), event(3), event(3)])
        self.assert_faults(self.verify(allow_unacknowledged=True), doubled=1)

    def test_acknowledged_after_a_first_failure(self):
        self.sent("r1", [event(1)], acknowledged=False)
        self.append([], "r1", True)
        self.assert_faults(self.verify(), lost=1)

    def test_torn_line_of_a_killed_sender_means_nothing(self):
        self.sent("r1", [event(1)])
        with open(self.sent_path, "a", encoding="ascii") as file:
            file.write("{\"id\":\"3194\n")
        self.sent("r2", [event(2)])
        self.archived(FOLDER + "a.ndjson.gz", [event(1), event(2)])
        report = self.verify()
        self.assert_faults(report)
        self.assertEqual(report.counts["torn lines of senders"], 1)

    # How it is used.

    def test_acknowledged_file_is_read_in_pieces(self):
        self.sent("r1", [event(n) for n in range(2000)])
        self.archived(FOLDER + "a.ndjson.gz", [event(n) for n in range(2000)])
        piece, verify_archive.PIECE = verify_archive.PIECE, 1000
        try:
            report = self.verify()
        finally:
            verify_archive.PIECE = piece
        self.assert_faults(report)
        self.assertEqual(report.counts["events found"], 2000)

    def test_command(self):
        self.sent("r1", [event(1)])
        command = [sys.executable, verify_archive.__file__, "--archive", self.root, "--acknowledged", self.sent_path]
        bad = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(bad.returncode, 1, bad.stderr)
        self.assertIn("THE ARCHIVE IS WRONG", bad.stdout)
        self.archived(FOLDER + "a.ndjson.gz", [event(1)])
        good = subprocess.run(command + ["--json"], capture_output=True, text=True, check=False)
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertTrue(json.loads(good.stdout)["ok"])
        usage = subprocess.run(command[:2], capture_output=True, text=True, check=False)
        self.assertEqual(usage.returncode, 2)


if __name__ == "__main__":
    unittest.main()
