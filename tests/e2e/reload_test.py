"""The configuration changes while deliveries come in: each setting takes effect at its boundary, a wrong file changes
nothing, what needs a restart is named, and nothing is refused or lost.

CISTERN_LONG_TESTS: a thousand reloads under load instead of fifty.
"""
import copy
import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

import envelopes
from http_peer import HttpPeer, QuietHandler
from service import BINARY, ServiceCase, make_certificate

VERIFIER = pathlib.Path(__file__).with_name("verify_archive.py")
NOON = 1_700_000_000_000 // 3_600_000 * 3_600_000  # 2023-11-14T22:00Z
RELOADS = 1000 if os.environ.get("CISTERN_LONG_TESTS") else 50


def changed(settings, section, **values):
    """A copy of the settings with some of a section's values replaced."""
    new = copy.deepcopy(settings)
    new[section] = {**new.get(section, {}), **values}
    return new


def reloads(service):
    return {name.split('"')[1]: value for name, value in service.metrics().items()
            if name.startswith("cistern_reloads_total")}


def config_hash(service):
    [name] = [name for name in service.metrics() if name.startswith("cistern_configuration_info")]
    return name.split('"')[1]


class ReloadCase(ServiceCase):
    def delivery(self, name, message="x"):
        return envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event(message, NOON)], stream=name))],
                                  NOON, name)

    def deliver(self, service, name, key=None, message="x"):
        headers = {"X-Amz-Firehose-Access-Key": key or service.ACCESS_KEY}
        return service.post(self.delivery(name, message), headers, request_id=name)[0]

    def reload(self, service, settings, outcome="applied"):
        """Writes the file, sends SIGHUP, and waits until that outcome was counted."""
        before = reloads(service)[outcome]
        service.config_file.write_text(settings if isinstance(settings, str) else json.dumps(settings, indent=1))
        service.process.send_signal(signal.SIGHUP)
        service.wait_for(lambda: reloads(service)[outcome] == before + 1, 20, f"count a reload as {outcome}")

    def archived(self, service):
        """{path: log streams} of the archive."""
        return {str(path.relative_to(service.archive)): [json.loads(line)["logStream"] for line in gzip.open(path, "rt")]
                for path in service.archive.rglob("*.ndjson.gz")}


class KeysTest(ReloadCase):
    def test_keys_are_rotated_and_a_wrong_file_changes_nothing(self):
        service = self.service()
        self.assertEqual((self.deliver(service, "a"), self.deliver(service, "b", "new-key")), (200, 401))
        both = {**service.settings, "access_keys": [{"name": "old", "value": service.ACCESS_KEY},
                                                    {"name": "new", "value": "new-key"}]}
        self.reload(service, both)
        self.assertEqual((self.deliver(service, "c"), self.deliver(service, "d", "new-key")), (200, 200))
        self.reload(service, "access_keys: [ { name: broken", "refused")
        self.assertEqual((self.deliver(service, "e"), self.deliver(service, "f", "new-key")), (200, 200))
        self.assertNotIn("new-key", service.log_file.read_text())
        self.assertEqual(service.metrics()['cistern_accepted_deliveries_total{key="new"}'], 2)

    def test_a_key_file_is_taken_up_when_it_changes(self):
        key_file = self.folder / "access-key"
        key_file.write_text("first-key\n")
        service = self.service({"access_keys": [{"name": "file", "value_file": str(key_file)}]})
        self.assertEqual((self.deliver(service, "a", "first-key"), self.deliver(service, "b", "second-key")), (200, 401))
        key_file.write_text("second-key\n")
        service.wait_for(lambda: self.deliver(service, "c", "second-key") == 200, 30, "take up the new key")
        self.assertEqual(self.deliver(service, "d", "first-key"), 401)


class LayoutTest(ReloadCase):
    def test_what_is_open_keeps_its_key_and_what_comes_has_the_new_one_also_after_a_crash(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        self.assertEqual(self.deliver(service, "before"), 200)
        service.settings = changed(service.settings, "partition", prefix="new/",
                                   key="year={yyyy}/month={mm}/{log_stream:export}-{journal}-{sequence}.gz")
        self.reload(service, service.settings)
        self.assertEqual(self.deliver(service, "after"), 200)
        service.kill()
        service.settings = changed(service.settings, "partition", prefix="third/", key="{yyyy}/")
        service.start()
        repeat = self.delivery("before")  # the same event again would have another id: another delivery
        self.assertEqual(service.post(repeat, request_id="before")[0], 200)
        self.assertEqual(service.terminate(), 0)
        found = {}
        for path in service.archive.rglob("*.gz"):
            for line in gzip.open(path, "rt"):
                found.setdefault(json.loads(line)["logStream"], []).append(str(path.relative_to(service.archive)))
        self.assertEqual(len(found["after"]), 1)
        self.assertRegex(found["after"][0], r"^new/year=2023/month=11/after-[0-9a-f]{12}-\d{10}\.gz$")
        self.assertRegex(" ".join(sorted(found["before"])), r"^2023/11/14/22/\S+ third/2023/\S+$")

    def test_a_delivery_from_before_is_known_again_under_the_new_layout(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        body = self.delivery("r-1")
        other_id = body.replace(b'"requestId": "r-1"', b'"requestId": "r-2"')
        self.assertEqual(service.post(body, request_id="r-1")[0], 200)
        self.reload(service, changed(service.settings, "partition", key="other/{yyyy}/"))
        self.assertEqual(service.post(body, request_id="r-1")[0], 200)
        self.assertEqual(service.post(other_id, request_id="r-2")[0], 200)
        self.assertEqual(service.terminate(), 0)
        [(path, streams)] = self.archived(service).items()
        self.assertEqual((path[:14], streams), ("2023/11/14/22/", ["r-1"]))

    def test_fields_and_dead_letters(self):
        service = self.service()
        service.settings = changed(service.settings, "partition", dead_letter_key="broken/{yyyy}/")
        service.settings["format"] = {"fields": ["message", "logStream"], "event_id": "none"}
        self.reload(service, service.settings)
        service.post(envelopes.delivery([b"\x1f\x8bnot gzip"], NOON, "bad"), request_id="bad")
        self.assertEqual(self.deliver(service, "a"), 200)
        self.assertEqual(service.terminate(), 0)
        [line] = [line for path in service.archive.glob("2023/**/*.gz") for line in gzip.open(path, "rt")]
        self.assertEqual(line, '{"message":"x","logStream":"a"}\n')
        self.assertEqual(len(list(service.archive.glob("broken/2023/*.gz"))), 1)


class LimitsTest(ReloadCase):
    def test_thresholds_hold_for_what_waits_already(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        self.assertEqual(self.deliver(service, "a"), 200)
        time.sleep(1)
        self.assertEqual(service.metrics()["cistern_open_partitions"], 1)
        self.reload(service, changed(service.settings, "partition", flush_age="300ms", late_flush_age="300ms"))
        service.wait_stored(20)
        self.reload(service, changed(service.settings, "partition", flush_size="1KiB"))
        noise = os.urandom(4000).hex()
        self.assertEqual(self.deliver(service, "b", message=noise), 200)
        service.wait_for(lambda: service.metrics()['cistern_flushes_total{cause="size"}'] == 1, 20, "flush by size")

    def test_limits_hold_for_the_next_request(self):
        service = self.service()
        three = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("x", NOON)])) for _ in "123"], NOON,
                                   "three")
        cases = [({"records": 2}, three, "limits.records"),
                 ({"body_bytes": "64KiB"}, three + b" " * 70_000, "limits.body_bytes"),
                 ({"in_flight_bytes": "256KiB", "body_bytes": "128KiB", "inflated_body_bytes": "128KiB"},
                  three + b" " * 140_000, "limits.")]
        for limits, body, named in cases:
            with self.subTest(named):
                self.reload(service, changed(service.settings, "limits", **limits))
                status, answer = service.post(body, request_id="three")
                self.assertEqual(status, 503)
                self.assertIn(named, answer["errorMessage"])
        self.assertEqual(service.metrics()['cistern_limit{name="in_flight_bytes"}'], 256 * 1024)
        self.reload(service, service.settings)
        self.assertEqual(service.post(three + b" " * 140_000, request_id="three")[0], 200)

    def test_heads_time_outs_and_connections(self):
        service = self.service({"tls": "off"})
        long_head = {"X-Padding": "p" * 20_000}
        self.assertEqual(service.post(self.delivery("a"), long_head, request_id="a")[0], 200)
        self.reload(service, changed(service.settings, "limits", header_bytes="8KiB"))
        status, answer = service.post(self.delivery("b"), long_head, request_id="b")
        self.assertEqual((status, "limits.header_bytes" in answer["errorMessage"]), (503, True))
        settings = changed(service.settings, "timeouts", idle="1s")
        self.reload(service, changed(settings, "log", level="debug"))
        self.assertEqual(self.deliver(service, "c"), 200)
        self.assertIn("delivery_accepted", service.log_tail())


class CertificateTest(ReloadCase):
    def test_another_certificate_is_served_to_new_connections(self):
        service = self.service()
        (self.folder / "next").mkdir()
        certificate, key = make_certificate(self.folder / "next")
        settings = changed(service.settings, "tls", certificate=str(certificate), private_key=str(key))
        settings["access_keys"] = [{"name": "test", "value_file": "/nowhere/key"}]
        self.reload(service, settings, "refused")
        self.assertEqual(self.deliver(service, "a"), 200)  # still by the old certificate
        settings["access_keys"] = service.settings["access_keys"]
        self.reload(service, settings)
        service.certificate = certificate
        self.assertEqual(self.deliver(service, "b"), 200)


class RefusalTest(ReloadCase):
    def test_a_refused_file_leaves_everything(self):
        service = self.service({"partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        in_force = config_hash(service)
        wrong = changed(service.settings, "partition", key="{nonsense}/", flush_age="200ms")
        wrong["access_keys"] = [{"name": "other", "value": "other-key"}]
        wrong["log"] = {"level": "error", "format": "json"}
        self.reload(service, wrong, "refused")
        [line] = [line for line in service.log_lines() if line["event"] == "reload_refused"]
        number = 1 + next(n for n, text in enumerate(service.config_file.read_text().splitlines()) if "nonsense" in text)
        self.assertIn(f"{service.config_file}:{number}: partition.key: ", line["message"])
        metrics = service.metrics()
        self.assertEqual(metrics["cistern_last_reload_successful"], 0)
        self.assertLess(abs(metrics["cistern_last_reload_timestamp_seconds"] - time.time()), 60)
        self.assertEqual(config_hash(service), in_force)
        self.assertEqual((self.deliver(service, "a"), self.deliver(service, "b", "other-key")), (200, 401))
        time.sleep(1)
        self.assertEqual(service.metrics()["cistern_open_partitions"], 1)
        self.reload(service, service.settings, "unchanged")
        self.assertEqual(service.metrics()["cistern_last_reload_successful"], 1)

    def test_what_needs_a_restart_is_named_and_the_rest_is_used(self):
        service = self.service()
        settings = changed(service.settings, "journal", path=str(self.folder / "elsewhere"))
        settings = changed(settings, "store", path=str(self.folder / "moved"))
        settings["acknowledge"] = "memory"
        settings["limits"] = {"records": 77}
        self.reload(service, settings)
        [line] = [line for line in service.log_lines() if line["event"] == "restart_needed"]
        self.assertEqual(line["settings"], "acknowledge, journal.path, store.path")
        [line] = [line for line in service.log_lines() if line["event"] == "reloaded"]
        self.assertEqual(line["changed"], "limits.records")
        self.assertEqual(line["hash"], config_hash(service))
        self.assertFalse((self.folder / "elsewhere").exists())

    def test_what_does_not_go_with_the_part_that_stays_is_refused(self):
        service = self.service({"journal": {"max_bytes": "256MiB"}})
        settings = changed(service.settings, "journal", max_bytes="10GiB")
        settings = changed(settings, "partition", flush_size="512MiB")
        self.reload(service, settings, "refused")
        [line] = [line for line in service.log_lines() if line["event"] == "reload_refused"]
        self.assertRegex(line["message"], "(?s)partition.flush_size: .*restart, which journal.max_bytes needs")

    def test_a_changed_file_is_enough(self):
        service = self.service()
        service.config_file.write_text(json.dumps(changed(service.settings, "limits", records=1)))
        service.wait_for(lambda: reloads(service)["applied"] == 1, 20, "see the file change")
        service.config_file.write_text("limits: { records: many }")
        service.wait_for(lambda: reloads(service)["refused"] == 1, 20, "refuse the file")
        time.sleep(2.5)
        self.assertEqual(reloads(service), {"applied": 1, "unchanged": 0, "refused": 1})  # once a change

    def test_the_readme_names_the_settings_that_need_a_restart(self):
        source = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
        [listed] = re.findall(r"need a restart:\n?(.*?)\.\n", source, re.S)
        told = set(re.findall(r"`([a-z_.]+)`", listed))
        service = self.service()
        reference = subprocess.run([BINARY, "config", "reference"], capture_output=True, text=True, check=True).stdout
        every = re.findall(r"^\| `([a-z_.]+)` \|", reference, re.M)
        sections = {name for name in told if any(other.startswith(name + ".") for other in every)}
        fits = lambda name: name in told or any(name.startswith(section + ".") for section in sections - {"tls"})
        settings = copy.deepcopy(service.settings)
        settings.update({"listen": "127.0.0.1:1", "paths": ["/x"], "acknowledge": "memory", "memory_limit": "2GiB"})
        settings["runtime"] = {"workers": 3, "io_threads": 2}
        settings["timeouts"] = {name: "7s" for name in ("handshake", "header", "progress", "linger", "idle", "reply", "drain")}
        settings["journal"] = {"path": "other", "max_bytes": "9GiB", "min_free_bytes": "1MiB", "segment_bytes": "32MiB",
                               "remember": "1h", "remember_entries": 5000}
        settings["store"].update({"path": "another", "prefix": "p/", "region": "x", "path_style": True, "dual_stack": True,
                                  "fips": True, "checksum": "none", "endpoint": "https://h", "uploads": 3,
                                  "timeout": "7s", "tags": ["a=b"], "storage_class": "GLACIER_IR"})
        settings["metrics"] = {"listen": "127.0.0.1:2"}
        settings["partition"] = {"flush_size": "1MiB", "flush_age": "7s", "late_flush_age": "8s"}
        self.reload(service, settings)
        [line] = [line for line in service.log_lines() if line["event"] == "restart_needed"]
        waits = line["settings"].split(", ")
        [line] = [line for line in service.log_lines() if line["event"] == "reloaded"]
        self.assertEqual([name for name in waits if not fits(name)], [])
        self.assertEqual([name for name in line["changed"].split(", ") if fits(name)], [])


class S3(HttpPeer):
    """Takes every PUT, or refuses it; keeps the headers of each try."""

    def __init__(self):
        self.tries, self.status = [], 200
        fake = self

        class Handler(QuietHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake.tries.append((self.path, body, dict(self.headers)))
                self.answer(fake.status)

        self.serve(Handler)


class StoreTest(ReloadCase):
    def test_options_hold_for_the_next_try_and_keys_and_bytes_stay(self):
        s3 = S3()
        self.addCleanup(s3.close)
        service = self.service({"partition": {"flush_age": "200ms", "late_flush_age": "200ms"},
                                "store": {"type": "s3", "bucket": "archive", "endpoint": s3.url, "path_style": True,
                                          "access_key_id": "AKIAFIRST", "secret_access_key": "s"}})
        s3.status = 403
        self.assertEqual(self.deliver(service, "a"), 200)
        service.wait_for(lambda: s3.tries, 20, "try to store")
        self.reload(service, changed(service.settings, "store", tags=["team=logs"], storage_class="GLACIER_IR",
                                     access_key_id="AKIASECOND", uploads=2))
        refused = len(s3.tries)
        s3.status = 200
        service.wait_stored()
        self.assertEqual(service.terminate(), 0)
        first, last = s3.tries[0], s3.tries[-1]
        self.assertGreater(len(s3.tries), refused)
        self.assertEqual(first[:2], last[:2])  # the same key, the same bytes
        self.assertIn("AKIAFIRST", first[2]["Authorization"])
        self.assertIn("AKIASECOND", last[2]["Authorization"])
        self.assertEqual((first[2].get("x-amz-tagging"), last[2].get("x-amz-tagging")), (None, "team=logs"))
        self.assertEqual(last[2]["x-amz-storage-class"], "GLACIER_IR")


class LoadTest(ReloadCase):
    def test_many_reloads_under_load_refuse_and_lose_nothing(self):
        service = self.service({"partition": {"flush_age": "1s", "late_flush_age": "1s"}})
        (self.folder / "next").mkdir()
        variants = []
        for number in range(4):
            settings = changed(service.settings, "partition", flush_age=f"{400 + 100 * number}ms",
                               key=["{yyyy}/{mm}/{dd}/{hh}/", "v2-{yyyy}/{mm}/{dd}/{hh}/"][number % 2],
                               flush_size=f"{64 << number}KiB")
            settings = changed(settings, "limits", records=20_000 - number, open_partitions=100 + number)
            settings = changed(settings, "store", uploads=2 + number)
            settings["memory_limit"] = f"{512 + number}MiB"
            settings["access_keys"] = service.settings["access_keys"] + [{"name": f"k{number}", "value": f"v{number}"}]
            variants.append(json.dumps(settings))
        acknowledged = self.folder / "acknowledged"
        sender = service.start_sender("--events", 10_000_000, "--rate", 60, "--late", "0.3", "--repeat", "0.1", "--records-per-delivery", 2,
                                      "--connections", 4, "--acknowledged", acknowledged)
        self.addCleanup(sender.kill)
        for number in range(RELOADS):
            service.config_file.write_text("nonsense: 1" if number % 10 == 9 else variants[number % 4])
            service.process.send_signal(signal.SIGHUP)
            outcome = "refused" if number % 10 == 9 else "applied"
            due = number // 10 + 1 if outcome == "refused" else number + 1 - (number + 1) // 10
            service.wait_for(lambda: reloads(service)[outcome] >= due, 20, f"reload for the {number}. time")
        sender.send_signal(signal.SIGINT)
        sender.communicate(timeout=60)
        statuses = {name.split('"')[1]: value for name, value in service.metrics().items()
                    if name.startswith("cistern_deliveries_total")}
        self.assertGreater(statuses.pop("200"), RELOADS)
        self.assertEqual({status: count for status, count in statuses.items() if count}, {})
        self.assertEqual(service.terminate(), 0)
        done = subprocess.run([sys.executable, str(VERIFIER), "--archive", str(service.archive), "--acknowledged",
                               str(acknowledged), "--key", "{layout}{yyyy}/{mm}/{dd}/{hh}/", "--allow-unacknowledged"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(list(service.archive.glob("v2-*")) and list(service.archive.glob("2*")))


if __name__ == "__main__":
    unittest.main()
