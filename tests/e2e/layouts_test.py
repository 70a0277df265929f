"""What a configuration may change about the archive: keys, fields, event ids. And what lies beside the hours: times
out of any range, dead letters. Read back by Python's standard library.
"""
import base64
import gzip
import json
import pathlib
import subprocess
import sys
import time
import unittest
import urllib.parse

import envelopes
from main_job_test import verify
from service import ServiceCase

VERIFIER = pathlib.Path(__file__).with_name("verify_archive.py")
ARN = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/web-logs"
HIVE = ("source={source}/env={attribute:env}/owner={owner}/group={log_group}/stream={log_stream}/"
        "year={yyyy}/month={mm}/day={dd}/hour={hh}/")
NOON = 1_700_000_000_000 // 3_600_000 * 3_600_000  # 2023-11-14T22:00Z


def archived(service):
    """{path below the archive: its lines, parsed}."""
    return {str(path.relative_to(service.archive)): [json.loads(line) for line in gzip.open(path, "rt")]
            for path in sorted(service.archive.rglob("*.ndjson.gz"))}


def in_folders(service):
    """{folder: lines of all its objects}."""
    found = {}
    for name, lines in archived(service).items():
        found.setdefault(name.rpartition("/")[0] + "/", []).extend(lines)
    return found


def key_value(text):
    """A value as the README says it stands in a key."""
    return urllib.parse.quote(text, safe="").replace("~", "%7E") if text else "_none"


class LayoutCase(ServiceCase):
    def verify(self, service, acknowledged, *options):
        done = subprocess.run([sys.executable, str(VERIFIER), "--archive", str(service.archive), "--acknowledged",
                               str(acknowledged), *options], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def sent_and_stored(self, settings, *options):
        """A service that has stored what cistern send sent, and the file of what it acknowledged."""
        service = self.service(settings)
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 4000, "--late", "0.2", "--nasty", "0.2", "--acknowledged", acknowledged, *options)
        self.assertEqual(service.terminate(), 0)
        return service, acknowledged


class KeyTest(LayoutCase):
    def test_every_value_of_a_hive_style_key(self):
        service, acknowledged = self.sent_and_stored(
            {"partition": {"prefix": "logs/", "key": HIVE}}, "--source-arn", ARN, "--attributes", "env=prod/eu")
        self.verify(service, acknowledged, "--prefix", "logs/", "--key", HIVE)
        seen = 0
        for folder, lines in in_folders(service).items():
            if folder.startswith("logs/dead-letters/"):
                continue
            parts = dict(part.split("=", 1) for part in folder.removeprefix("logs/").split("/") if "=" in part)
            self.assertEqual((parts["source"], parts["env"]), ("web-logs", "prod%2Feu"))
            for line in lines:
                for part, field in (("owner", "owner"), ("group", "logGroup"), ("stream", "logStream")):
                    if "~" not in parts[part]:  # shortened
                        self.assertEqual(parts[part], key_value(line[field]))
                seen += 1
        self.assertGreater(seen, 3000)

    def test_values_make_no_folders_of_their_own(self):
        service = self.service({"partition": {"key": "{owner}/{log_group}/{log_stream}/{attribute:x}/"}})
        names = [("../../../etc", "a//b"), ("..", "."), ("\u0000\n\u007f", "\u00fc \U0001f600"), ("_none", "")]
        for number, (group, stream) in enumerate(names):
            event = envelopes.event(f"message {number}", NOON)
            body = envelopes.delivery([envelopes.record(envelopes.envelope([event], group, stream))], NOON, f"r-{number}")
            attributes = json.dumps({"commonAttributes": {"x": "/../" * 100}})
            status, answer = service.post(body, {"X-Amz-Firehose-Common-Attributes": attributes}, request_id=f"r-{number}")
            self.assertEqual(status, 200, answer)
        self.assertEqual(service.terminate(), 0)
        found = archived(service)
        self.assertEqual(sorted(line["message"] for lines in found.values() for line in lines),
                         [f"message {n}" for n in range(4)])
        self.assertEqual(len(found), 4)
        for name in found:
            self.assertTrue(name.isascii() and name.isprintable(), name)
            folders = name.split("/")
            self.assertEqual(len(folders), 5, name)
            self.assertFalse({"", ".", ".."} & set(folders), name)
        outside = {path.name for path in service.folder.iterdir()}
        self.assertLessEqual(outside, {"archive", "journal", "cert.pem", "key.pem", "cistern.yaml", "cistern.log"})

    def test_times_out_of_range_have_a_named_place(self):
        service = self.service()
        times = [-1, -62_135_596_800_001, 253_402_300_800_000, 1_830_000_000_000_000, 2**63 - 1, -2**63]
        events = [{"id": str(n), "timestamp": t, "message": f"at {t}"} for n, t in enumerate(times + [0, NOON])]
        body = envelopes.delivery([envelopes.record(envelopes.envelope(events))], NOON)
        self.assertEqual(service.post(body)[0], 200)
        self.assertEqual(service.terminate(), 0)
        found = in_folders(service)
        odd = [line for folder, lines in found.items() if folder.startswith("out-of-range-time/") for line in lines]
        self.assertEqual(sorted(line["timestamp"] for line in odd), sorted(times))
        self.assertTrue(all(line["message"] == f"at {line['timestamp']}" for line in odd))
        self.assertEqual([line["timestamp"] for line in found["1970/01/01/00/"]], [0])
        self.assertEqual([line["timestamp"] for line in found["2023/11/14/22/"]], [NOON])

    def test_an_event_goes_to_its_own_hour_to_the_millisecond(self):
        service = self.service()
        now = int(time.time()) // 3600 * 3_600_000
        times = [NOON - 1, NOON, NOON + 3_599_999, NOON + 3_600_000, now - 13 * 86_400_000, now + 2 * 3_600_000]
        body = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("m", t) for t in times]))], now)
        self.assertEqual(service.post(body)[0], 200)
        self.assertEqual(service.terminate(), 0)
        expected = {}
        for at in times:
            expected.setdefault(time.strftime("%Y/%m/%d/%H/", time.gmtime(at // 1000)), []).append(at)
        self.assertEqual({folder: [line["timestamp"] for line in lines] for folder, lines in in_folders(service).items()},
                         expected)


class FamiliarLayoutTest(LayoutCase):
    """Objects named as other programs name theirs."""

    UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    def keys(self, service):
        return sorted(str(path.relative_to(service.archive)) for path in service.archive.rglob("*.gz")
                      if "dead-letters" not in path.parts and "out-of-range-time" not in path.parts)

    def test_firehoses_own_through_a_crash(self):
        service = self.service({"partition": {"key": "{yyyy}/{mm}/{dd}/{hh}/{source}-1-{yyyy}-{mm}-{dd}-{hh}-{minute}-{second}-"
                                                     "{uuid}.gz"}})
        acknowledged = [self.folder / "acknowledged-1", self.folder / "acknowledged-2"]
        service.send("--events", 3000, "--late", "0.2", "--source-arn", ARN, "--acknowledged", acknowledged[0])
        service.kill()
        service.start()
        service.send("--events", 1000, "--source-arn", ARN, "--acknowledged", acknowledged[1])
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, *acknowledged)
        keys = self.keys(service)
        self.assertGreater(len(keys), 2)
        for key in keys:
            self.assertRegex(key, rf"^(\d{{4}})/(\d\d)/(\d\d)/(\d\d)/web-logs-1-\1-\2-\3-\4-[0-5]\d-[0-5]\d-{self.UUID}\.gz$")

    def one_key(self, key):
        service = self.service({"partition": {"prefix": "exportedlogs/", "key": key}})
        event = envelopes.event("m", NOON + 61_000)
        envelope = envelopes.envelope([event], "/aws/lambda/orders", "2023/11/14/[$LATEST]0123")
        self.assertEqual(service.post(envelopes.delivery([envelopes.record(envelope)], NOON))[0], 200)
        self.assertEqual(service.terminate(), 0)
        (found,) = self.keys(service)
        self.assertEqual(json.loads(gzip.open(service.archive / found).read())["id"], event["id"])
        return found, envelope["owner"]

    def test_an_exporters(self):
        key, owner = self.one_key("{owner}/{log_group:folders}/{yyyy}/{mm}/{dd}/{log_stream:export}/{journal}-{sequence}.gz")
        self.assertRegex(key, rf"^exportedlogs/{owner}/aws/lambda/orders/2023/11/14/2023-11-14-\[\$LATEST\]0123/"
                              r"[0-9a-f]{12}-0000000001\.gz$")

    def test_plain(self):
        key, _ = self.one_key("{yyyy}/{mm}/{dd}/{hh}/logs-{uuid}.gz")
        self.assertRegex(key, rf"^exportedlogs/2023/11/14/22/logs-{self.UUID}\.gz$")


class FormatTest(LayoutCase):
    def test_short_ids_come_back(self):
        service, acknowledged = self.sent_and_stored({"format": {"event_id": "short"}})
        self.verify(service, acknowledged)
        ids = [line["id"] for name, lines in archived(service).items() if not name.startswith("dead-letters/")
               for line in lines if line["id"]]
        self.assertGreater(sum(len(i) == 32 for i in ids), len(ids) * 0.9)

    def test_without_ids(self):
        service, acknowledged = self.sent_and_stored({"format": {"event_id": "none"}})
        self.verify(service, acknowledged, "--fields", "timestamp,owner,logGroup,logStream,message")
        self.assertFalse(any("id" in line for lines in archived(service).values() for line in lines))

    def test_a_list_of_fields(self):
        fields = ["logGroup", "message", "timestamp", "id"]
        service, acknowledged = self.sent_and_stored({"format": {"fields": fields}})
        self.verify(service, acknowledged, "--fields", ",".join(fields))
        for name, lines in archived(service).items():
            if not name.startswith("dead-letters/"):
                self.assertTrue(all(list(line) == fields for line in lines))

    def test_every_field_there_is(self):
        fields = ["timestamp", "id", "owner", "logGroup", "logStream", "message", "subscriptionFilters", "policyLevel",
                  "extractedFields", "sourceArn", "requestId", "requestTimestamp", "commonAttributes"]
        service = self.service({"format": {"fields": fields}})
        event = {**envelopes.event("m\t\u2028\ud800", NOON), "extractedFields": {"@aws.account": "1"}}
        envelope = envelopes.envelope([event], subscriptionFilters=["a", "b"], policyLevel="ACCOUNT_LEVEL_POLICY")
        attributes = {"env": "prod", "\u00fc": ""}
        status, _ = service.post(
            envelopes.delivery([envelopes.record(envelope)], NOON + 5),
            {"X-Amz-Firehose-Source-Arn": ARN,
             "X-Amz-Firehose-Common-Attributes": json.dumps({"commonAttributes": attributes})})
        self.assertEqual(status, 200)
        self.assertEqual(service.terminate(), 0)
        (lines,) = archived(service).values()
        self.assertEqual(lines, [{
            "timestamp": NOON, "id": event["id"], "owner": envelope["owner"], "logGroup": envelope["logGroup"],
            "logStream": envelope["logStream"], "message": event["message"], "subscriptionFilters": ["a", "b"],
            "policyLevel": "ACCOUNT_LEVEL_POLICY", "extractedFields": {"@aws.account": "1"}, "sourceArn": ARN,
            "requestId": "r-1", "requestTimestamp": NOON + 5, "commonAttributes": attributes}])

    def test_messages_are_the_bytes_that_came(self):
        """The escapes of the sender, not those that another JSON writer would choose."""
        escaped = [r"\u0041\u00e9", r"\/", r"\u0000", r"\ud800", r"\ud83d\ude00", "{\\\"a\\\":[1]}", "\u2028", "x" * (1 << 20)]
        events = ",".join(f'{{"id":"{n}","timestamp":{NOON},"message":"{text}"}}' for n, text in enumerate(escaped))
        record = gzip.compress(f'{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s",'
                               f'"subscriptionFilters":[],"logEvents":[{events}]}}'.encode())
        service = self.service()
        self.assertEqual(service.post(envelopes.delivery([record], NOON))[0], 200)
        self.assertEqual(service.terminate(), 0)
        (path,) = service.archive.rglob("*.ndjson.gz")
        self.assertEqual(gzip.open(path).read().decode(), "".join(
            f'{{"timestamp":{NOON},"id":"{n}","owner":"1","logGroup":"g","logStream":"s","message":"{text}"}}\n'
            for n, text in enumerate(escaped)))


class DeadLetterTest(LayoutCase):
    def test_trap07_what_cannot_be_decoded_is_kept_with_its_reason(self):
        service = self.service({"partition": {"prefix": "p/", "dead_letter_key": "rejected/{yyyy}-{mm}-{dd}/"}})
        good = envelopes.record(envelopes.envelope([envelopes.event("good", NOON)]))
        bad = {"bad_gzip": good[:-3], "bad_json": b'{"messageType":"DATA_MESSAGE","logEvents":[{"id":',
               "invalid_utf8": b"caf\xe9 au lait", "binary": b"\x00\x01\x02\xff" * 8}
        records = [good, *bad.values()]
        status, answer = service.post(envelopes.delivery(records, NOON), {"X-Amz-Firehose-Source-Arn": ARN})
        self.assertEqual(status, 200, answer)
        metrics = service.metrics()
        self.assertEqual(service.terminate(), 0)
        found = in_folders(service)
        self.assertEqual(set(found), {"p/2023/11/14/22/", "p/rejected/2023-11-14/"})
        self.assertEqual([line["message"] for line in found["p/2023/11/14/22/"]], ["good"])
        for number, (letter, (reason, datum)) in enumerate(zip(found["p/rejected/2023-11-14/"], bad.items()), 1):
            self.assertNotEqual(letter.pop("why"), "")
            self.assertEqual(letter, {"reason": reason, "requestId": "r-1", "sourceArn": ARN, "requestTimestamp": NOON,
                                      "record": number, "data": base64.b64encode(datum).decode()})
            self.assertEqual(metrics[f'cistern_dead_letters_total{{reason="{reason}"}}'], 1)
        self.assertEqual(len(found["p/rejected/2023-11-14/"]), len(bad))

    def test_trap08_a_delivery_is_taken_whole_or_not_at_all(self):
        service = self.service()
        for number in range(20):  # the envelope is broken after good records
            body = json.loads(envelopes.delivery(
                [envelopes.record(envelopes.envelope([envelopes.event(f"half {number}", NOON)]))] * 3, NOON, f"r-{number}"))
            body["records"].append({"data": "!"})
            self.assertEqual(service.post(json.dumps(body).encode(), request_id=f"r-{number}")[0], 400)
        whole = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("whole", NOON)]))], NOON)
        self.assertEqual(service.post(whole)[0], 200)
        self.assertEqual(service.terminate(), 0)
        self.assertEqual([line["message"] for lines in archived(service).values() for line in lines], ["whole"])


if __name__ == "__main__":
    unittest.main()
