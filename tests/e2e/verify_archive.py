#!/usr/bin/env python3
"""Compares an archive with what `cistern send --acknowledged` says it sent. Python's standard library only, so
that nothing of Cistern's own code judges Cistern.

Checked, event by event:
  lost            acknowledged, but not in the archive
  doubled         in the archive more often than it was sent
  altered         id, but not the same message, timestamp, owner, group or stream
  misplaced       not in the folder of its own hour
  invented        in the archive, but in no delivery that was sent
  unacknowledged  in the archive, but never acknowledged (legal after a crash: --allow-unacknowledged)
  partial         some, but not all of a delivery that was never acknowledged (a delivery is taken whole or not)
  broken          a file that gzip does not open whole, or a line that is no event
Dead letters are counted the same way, by request id and the digest of the record's bytes.

How: both sides are read in parallel into rows (key, content, ...), the rows are dealt by key into temporary files,
and each of these is compared by itself, so that memory stays small whatever the archive's size.

The format of the acknowledged file is described in server/send/acknowledged_file.h.
Exit code: 0 nothing is wrong, 1 something is, 2 wrong usage.
"""

import argparse
import base64
import binascii
import collections
import datetime
import gzip
import hashlib
import json
import multiprocessing
import os
import re
import struct
import sys
import tempfile
import zlib

FAULTS = ("lost", "doubled", "altered", "misplaced", "invented", "unacknowledged", "partial", "broken")
FIELDS = ("timestamp", "id", "owner", "logGroup", "logStream", "message")
HOUR_MS = 3_600_000

ROW = struct.Struct("<16s16sQQ")  # key, content, request (sent) or flags (archive), where
BUCKETS = 64
PIECE = 32 << 20  # bytes of an acknowledged file that one job reads
MISPLACED = 1
EVENT, TEXT, DEAD = b"e", b"t", b"d"  # a key's first byte; only an event's key can occur just once

decode_json = json.JSONDecoder().raw_decode


def digest(text, size=16):
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def request_number(request_id):
    return int.from_bytes(digest(request_id, 8), "little")


class Layout:
    """Where things lie in the archive, and which fields its lines have."""

    def __init__(self, prefix="", key="{yyyy}/{mm}/{dd}/{hh}/", dead_letters="dead-letters/{yyyy}/{mm}/{dd}/{hh}/",
                 fields=FIELDS):
        self.prefix, self.key, self.dead_letters, self.fields = prefix, key, dead_letters, tuple(fields)

    def holds_dead_letters(self, name):
        return name.startswith(self.prefix + self.dead_letters.partition("{")[0])

    def folder(self, key, timestamp):
        """A pattern for the names of objects that hold what has this time, `key` being the template."""
        try:
            hour = datetime.datetime.fromtimestamp(timestamp // HOUR_MS * 3600, datetime.timezone.utc)
        except (ValueError, OverflowError, OSError):
            hour = None
        if hour is None or timestamp < 0:
            return re.compile(re.escape(self.prefix) + "out-of-range-time/.*")
        known = {"{yyyy}": f"{hour.year:04}", "{mm}": f"{hour.month:02}", "{dd}": f"{hour.day:02}",
                 "{hh}": f"{hour.hour:02}"}
        parts = re.split(r"(\{[^}]*\})", key)
        pattern = "".join(known.get(p) or ("[^/]*" if p.startswith("{") else re.escape(p)) for p in parts)
        return re.compile(re.escape(self.prefix) + pattern + "[^/]*")

    def row_key(self, event_id, timestamp, owner, group, stream, sha256):
        """The key and the content of an event; what the lines do not hold is not compared."""
        fields = self.fields
        content = "\0".join((str(timestamp), owner if "owner" in fields else "",
                             group if "logGroup" in fields else "", stream if "logStream" in fields else "", sha256))
        content_digest = digest(content)
        if event_id and "id" in fields:
            return EVENT + digest(event_id, 15), content_digest
        return TEXT + content_digest[:15], content_digest


def dead_letter_key(request_id, sha256):
    return DEAD + digest(request_id + "\0" + sha256, 15), bytes(16)


# ---- reading ----


class Rows:
    """Rows on their way to the temporary files, dealt by key."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.waiting = [bytearray() for _ in range(BUCKETS)]
        self.count = 0

    def add(self, key, content, number, where):
        self.waiting[key[1] % BUCKETS] += ROW.pack(key, content, number, where)
        self.count += 1
        if self.count % 500_000 == 0:
            self.flush()

    def flush(self):
        for bucket, rows in enumerate(self.waiting):
            if rows:
                with open(os.path.join(self.folder, f"{bucket}.{self.name}"), "ab") as file:
                    file.write(rows)
                rows.clear()


def lines_between(path, start, end):
    """The whole lines that begin in [start, end), each with its offset."""
    with open(path, "rb") as file:
        if start > 0:
            file.seek(start - 1)
            start += len(file.readline()) - 1
        for line in file:
            if start >= end:
                return
            yield start, line
            start += len(line)


def read_sent(job):
    """One piece of an acknowledged file -> rows; returns (acknowledged requests, all requests, torn lines)."""
    folder, layout, index, path, start, end = job
    rows = Rows(folder, f"sent.{index}.{start}")
    acknowledged, requests, torn, seen_requests = set(), set(), 0, {}
    for offset, line in lines_between(path, start, end):
        try:
            claim = decode_json(line.decode())[0]
            request_id = claim["requestId"]
        except (ValueError, KeyError, TypeError):
            torn += line != b"\n"
            continue
        request = seen_requests.get(request_id)
        if request is None:
            request = seen_requests[request_id] = request_number(request_id)
        if "acknowledged" in claim:
            if claim["acknowledged"]:
                acknowledged.add(request)
            continue
        requests.add(request)
        if "dead" in claim:
            key, content = dead_letter_key(request_id, claim["sha256"])
        else:
            key, content = layout.row_key(claim["id"], claim["timestamp"], claim["owner"], claim["logGroup"],
                                          claim["logStream"], claim["sha256"])
        rows.add(key, content, request, index << 48 | offset)
    rows.flush()
    return acknowledged, requests, torn


def object_lines(path):
    """The lines of an object, without their ends. Raises what gzip raises, and ValueError for a torn end."""
    with gzip.open(path, "rb") as file:
        rest = b""
        while piece := file.read(1 << 20):
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            yield from lines
        if rest:
            raise ValueError("the last line has no end")


def full_id(event_id, timestamp):
    """An id as it came, from the short form (pipeline/decode/event_id.h) or from the full one."""
    if event_id.startswith("="):
        return event_id[1:]
    if len(event_id) == 32 and re.fullmatch("[0-9a-f]{32}", event_id):
        return str(timestamp << 144 | int(event_id, 16))
    return event_id


def read_event(layout, line):
    """-> key, content, timestamp. Raises KeyError, ValueError, TypeError, AttributeError for what is no event."""
    text = line.decode()
    event, end = decode_json(text)
    if end != len(text):
        raise ValueError("more than one value in a line")
    message = event["message"].encode("utf-8", "surrogatepass")
    timestamp = event["timestamp"]
    if type(timestamp) is not int:
        raise ValueError("the timestamp is no integer")
    if any(field not in event for field in layout.fields if field != "id"):
        raise KeyError("a field is missing")
    event_id = full_id(event.get("id", ""), timestamp)
    key, content = layout.row_key(event_id, timestamp, event.get("owner", ""), event.get("logGroup", ""),
                                  event.get("logStream", ""), hashlib.sha256(message).hexdigest())
    return key, content, timestamp


def read_dead_letter(line):
    """-> key, content, timestamp of the request."""
    letter = json.loads(line.decode())
    sha256 = hashlib.sha256(base64.b64decode(letter["data"], validate=True)).hexdigest()
    return *dead_letter_key(letter["requestId"], sha256), letter["requestTimestamp"]


def read_object(job):
    """One object -> rows; returns (lines, dead letters, log text bytes, what is broken)."""
    folder, layout, index, root, name = job
    rows = Rows(folder, f"archive.{index}")
    broken, lines, letters, size = [], 0, 0, 0
    is_dead = layout.holds_dead_letters(name)
    template = layout.dead_letters if is_dead else layout.key
    checked_hour, flags = None, 0
    try:
        for line in object_lines(os.path.join(root, name)):
            lines += 1
            size += len(line) + 1
            try:
                key, content, timestamp = read_dead_letter(line) if is_dead else read_event(layout, line)
                letters += is_dead
                if timestamp // HOUR_MS != checked_hour:
                    checked_hour = timestamp // HOUR_MS
                    flags = 0 if layout.folder(template, timestamp).fullmatch(name) else MISPLACED
            except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
                broken.append(f"{name} line {lines}: {type(error).__name__} {error}")
                continue
            rows.add(key, content, flags, index << 32 | lines)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        broken.append(f"{name}: {type(error).__name__} {error}")
    rows.flush()
    return lines, letters, size, broken


# ---- comparing ----


class Expected:
    """What was sent under one key."""

    __slots__ = ("content", "least", "most", "request", "where", "found")

    def __init__(self, content, request, where):
        self.content, self.request, self.where = content, request, where
        self.least = self.most = self.found = 0


class Outcome:
    """Faults with their first few places, and for deliveries without an acknowledgement how much was found."""

    def __init__(self, examples=10):
        self.examples = examples
        self.faults = collections.Counter()
        self.places = collections.defaultdict(list)
        self.found = collections.Counter()
        self.sent_of = collections.Counter()    # by request without acknowledgement
        self.found_of = collections.Counter()

    def fault(self, kind, sent=None, archived=None, text=None):
        self.faults[kind] += 1
        if len(self.places[kind]) < self.examples:
            self.places[kind].append((sent, archived, text))

    def add(self, other):
        self.faults += other.faults
        self.found += other.found
        self.sent_of += other.sent_of
        self.found_of += other.found_of
        for kind, places in other.places.items():
            self.places[kind] = (self.places[kind] + places)[:self.examples]


def bucket_rows(folder, bucket, side):
    for name in os.listdir(folder):
        if name.startswith(f"{bucket}.{side}."):
            with open(os.path.join(folder, name), "rb") as file:
                yield from ROW.iter_unpack(file.read())


def expect(folder, bucket, acknowledged, outcome):
    expected = {}
    for key, content, request, where in bucket_rows(folder, bucket, "sent"):
        entry = expected.get(key)
        if entry is None:
            entry = expected[key] = Expected(content, request, where)
        is_acknowledged = request in acknowledged
        if key[:1] == EVENT:
            entry.least = max(entry.least, int(is_acknowledged))
            entry.most = 1
        else:
            entry.least += is_acknowledged
            entry.most += 1
        if not is_acknowledged and key[:1] != TEXT:
            outcome.sent_of[request] += 1
    return expected


def compare_bucket(job):
    folder, bucket, acknowledged, allow_unacknowledged, examples = job
    outcome = Outcome(examples)
    expected = expect(folder, bucket, acknowledged, outcome)
    for key, content, flags, where in bucket_rows(folder, bucket, "archive"):
        entry = expected.get(key)
        if entry is None:
            outcome.fault("invented", archived=where)
            continue
        entry.found += 1
        if entry.found > entry.most:
            outcome.fault("doubled", entry.where, where)
        if content != entry.content:
            outcome.fault("altered", entry.where, where)
        if flags & MISPLACED:
            outcome.fault("misplaced", entry.where, where)
        if entry.least == 0 and not allow_unacknowledged:
            outcome.fault("unacknowledged", entry.where, where)
    for key, entry in expected.items():
        outcome.found[key[:1]] += min(entry.found, entry.most)
        for _ in range(entry.least - entry.found):
            outcome.fault("lost", entry.where)
        if entry.least == 0 and entry.found > 0 and key[:1] != TEXT:
            outcome.found_of[entry.request] += 1
    return outcome


# ---- the whole ----


class Report:
    def __init__(self):
        self.counts = collections.OrderedDict()
        self.faults = collections.Counter()
        self.examples = []  # (kind, text)

    @property
    def ok(self):
        return not any(self.faults.values())

    def text(self):
        lines = [f"{name:<28}{value:>14,}" for name, value in self.counts.items()]
        lines += [f"{kind:<28}{self.faults[kind]:>14,}" for kind in FAULTS]
        lines += [f"{kind}: {text}" for kind, text in self.examples]
        return "\n".join(lines + ["the archive is exact" if self.ok else "THE ARCHIVE IS WRONG"])


def archive_objects(root):
    """Names below the root, '/'-separated. Folders that begin with a dot are the store's own."""
    names = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        names += [os.path.relpath(os.path.join(folder, file), root).replace(os.sep, "/") for file in files]
    return sorted(names)


def sent_jobs(folder, layout, paths):
    for index, path in enumerate(paths):
        for start in range(0, os.path.getsize(path), PIECE):
            yield folder, layout, index, path, start, start + PIECE


def line_of_object(root, name, number):
    try:
        for at, line in enumerate(object_lines(os.path.join(root, name)), 1):
            if at == number:
                return line[:400].decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error, ValueError):
        pass
    return "?"


class Verification:
    def __init__(self, archive, acknowledged, layout, allow_unacknowledged, processes, examples):
        self.archive, self.paths, self.layout = archive, list(acknowledged), layout
        self.allow_unacknowledged, self.examples = allow_unacknowledged, examples
        self.processes = processes or os.cpu_count() or 1
        self.names = archive_objects(archive)
        self.report = Report()

    def run(self):
        with tempfile.TemporaryDirectory(prefix="verify_archive.") as folder:
            with multiprocessing.get_context("fork").Pool(self.processes) as pool:
                acknowledged, requests, broken = self.read(pool, folder)
                outcome = self.compare(pool, folder, acknowledged)
        for text in broken:
            outcome.fault("broken", text=text)
        for request, found in outcome.found_of.items():
            if found != outcome.sent_of[request]:
                outcome.fault("partial", text=f"{found} of a delivery's {outcome.sent_of[request]} are there")
        self.tell(outcome, acknowledged, requests)
        return self.report

    def read(self, pool, folder):
        acknowledged, requests, torn = set(), set(), 0
        jobs = [(folder, self.layout, index, self.archive, name) for index, name in enumerate(self.names)
                if name.startswith(self.layout.prefix) and name.endswith(".gz")]
        reading = pool.imap_unordered(read_object, jobs)
        for some_acknowledged, some_requests, some_torn in pool.imap_unordered(
                read_sent, sent_jobs(folder, self.layout, self.paths)):
            acknowledged |= some_acknowledged
            requests |= some_requests
            torn += some_torn
        lines = letters = size = 0
        known = {job[4] for job in jobs}
        broken = [f"{name}: not a .gz file below the prefix" for name in self.names if name not in known]
        for some_lines, some_letters, some_size, some_broken in reading:
            lines, letters, size = lines + some_lines, letters + some_letters, size + some_size
            broken += some_broken
        self.report.counts.update({"objects": len(jobs), "lines": lines, "of these dead letters": letters,
                                   "bytes of lines": size, "torn lines of senders": torn})
        return acknowledged, requests, broken

    def compare(self, pool, folder, acknowledged):
        total = Outcome(self.examples)
        jobs = [(folder, bucket, acknowledged, self.allow_unacknowledged, self.examples)
                for bucket in range(BUCKETS)]
        for outcome in pool.imap_unordered(compare_bucket, jobs):
            total.add(outcome)
        return total

    def tell(self, outcome, acknowledged, requests):
        counts = self.report.counts
        counts["deliveries sent"] = len(requests)
        counts["deliveries acknowledged"] = len(acknowledged)
        counts["events found"] = outcome.found[EVENT] + outcome.found[TEXT]
        counts["dead letters found"] = outcome.found[DEAD]
        self.report.faults = outcome.faults
        for kind in FAULTS:
            self.report.examples += [(kind, self.place(*place)) for place in outcome.places[kind]]

    def place(self, sent, archived, text):
        parts = [text] if text else []
        if archived is not None:
            name, line = self.names[archived >> 32], archived & 0xffffffff
            parts.append(f"{name} line {line}: {line_of_object(self.archive, name, line)}")
        if sent is not None:
            with open(self.paths[sent >> 48], "rb") as file:
                file.seek(sent & (1 << 48) - 1)
                parts.append("sent: " + file.readline()[:400].decode("utf-8", "replace").rstrip())
        return "\n    ".join(parts)


def verify(archive, acknowledged, layout=None, allow_unacknowledged=False, processes=None, examples=5):
    """Compares the folder `archive` with the files `acknowledged` -> Report."""
    return Verification(archive, acknowledged, layout or Layout(), allow_unacknowledged, processes, examples).run()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", required=True, help="folder with the archive's objects")
    parser.add_argument("--acknowledged", required=True, nargs="+", help="files of cistern send --acknowledged")
    parser.add_argument("--prefix", default="", help="what the keys of all objects begin with")
    parser.add_argument("--key", default="{yyyy}/{mm}/{dd}/{hh}/", help="the archive's key template")
    parser.add_argument("--dead-letters", default="dead-letters/{yyyy}/{mm}/{dd}/{hh}/",
                        help="the key template of dead letters")
    parser.add_argument("--fields", default=",".join(FIELDS), help="the fields of a line, by comma")
    parser.add_argument("--allow-unacknowledged", action="store_true",
                        help="deliveries without an acknowledgement may be in the archive, whole")
    parser.add_argument("--processes", type=int, help="as many as there are processors")
    parser.add_argument("--examples", type=int, default=5, help="places shown of each fault")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of the table")
    options = parser.parse_args(arguments)
    if not os.path.isdir(options.archive):
        parser.error(f"'{options.archive}' is not a folder")
    layout = Layout(options.prefix, options.key, options.dead_letters, options.fields.split(","))
    report = verify(options.archive, options.acknowledged, layout, options.allow_unacknowledged, options.processes,
                    options.examples)
    if options.json:
        print(json.dumps({"ok": report.ok, **report.counts, **{kind: report.faults[kind] for kind in FAULTS}}))
    else:
        print(report.text())
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
