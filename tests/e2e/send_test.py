#!/usr/bin/env python3
"""`cistern send` against a small endpoint over real TLS; what that archived is compared event by event.

CISTERN_BINARY names the binary.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

import fake_endpoint
import verify_archive

BINARY = os.environ.get("CISTERN_BINARY", "")


@unittest.skipUnless(BINARY, "CISTERN_BINARY names no binary")
class SendTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tls = tempfile.TemporaryDirectory()
        cls.certificate = os.path.join(cls.tls.name, "cert.pem")
        cls.key = os.path.join(cls.tls.name, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", cls.key, "-out", cls.certificate],
                       check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.tls.cleanup()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.sent = os.path.join(self.folder.name, "sent.ndjson")
        self.root = os.path.join(self.folder.name, "archive")
        os.mkdir(self.root)

    def start(self, tls=True, **options):
        endpoint = fake_endpoint.Endpoint(*(self.certificate, self.key) if tls else (), **options)
        endpoint.thread.start()
        return endpoint

    def command(self, endpoint, *arguments):
        return [BINARY, "send", "--url", endpoint.url, "--acknowledged", self.sent, "--json", "--back-off-scale", "0.005",
                *arguments]

    def send(self, endpoint, *arguments, **options):
        done = subprocess.run(self.command(endpoint, *arguments), capture_output=True, text=True, timeout=120, check=False,
                              **options)
        return done, json.loads(done.stdout) if done.stdout else None

    def verify(self, endpoint, **options):
        endpoint.stop(self.root)
        return verify_archive.verify(self.root, [self.sent], **options)

    def test_every_kind_arrives_exactly(self):
        endpoint = self.start(access_key="a key")
        done, summary = self.send(endpoint, "--ca", self.certificate, "--events", "20000", "--nasty", "0.2", "--control",
                                  "0.05", "--late", "0.3", "--repeat", "0.3", "--connections", "4", "--gzip",
                                  "--records-per-delivery", "10", env={"CISTERN_ACCESS_KEY": "a key"})
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        report = self.verify(endpoint)
        self.assertTrue(report.ok, report.text())
        self.assertEqual(report.counts["events found"], summary["events"])
        self.assertEqual(report.counts["dead letters found"], summary["deadLetters"])
        self.assertGreater(summary["events"], 19000)  # control messages count towards --events, too
        self.assertGreater(summary["deadLetters"], 0)
        self.assertEqual(endpoint.archive.repeats, summary["repeated"])

    def test_trouble_is_overcome(self):
        endpoint = self.start(trouble=0.4)
        done, summary = self.send(endpoint, "--insecure", "--events", "3000", "--records-per-delivery", "3",
                                  "--events-per-record", "10", "--connections", "8")
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.assertGreater(summary["retried"], 10)
        report = self.verify(endpoint)
        self.assertTrue(report.ok, report.text())
        self.assertEqual(report.counts["events found"], 3000)

    def test_deliveries_given_up_may_be_there(self):
        endpoint = self.start(tls=False, trouble=0.5)
        done, summary = self.send(endpoint, "--events", "2000", "--records-per-delivery", "1", "--events-per-record", "10",
                                  "--retry-duration", "0")
        self.assertEqual(done.returncode, 1)
        self.assertGreater(summary["failed"], 0)
        self.assertEqual(summary["retried"], 0)
        report = self.verify(endpoint, allow_unacknowledged=True)
        self.assertTrue(report.ok, report.text())
        report = verify_archive.verify(self.root, [self.sent])
        self.assertGreater(report.faults["unacknowledged"], 0)

    def test_killed_sender_has_lost_nothing_it_claimed(self):
        endpoint = self.start(tls=False)
        with subprocess.Popen(self.command(endpoint, "--duration", "60s", "--records-per-delivery", "2"),
                              stdout=subprocess.DEVNULL) as sender:
            deadline = time.monotonic() + 30
            while len(endpoint.archive.seen) < 50 and time.monotonic() < deadline:
                time.sleep(0.05)
            sender.kill()
        time.sleep(0.5)  # what is under way in the endpoint
        done, _ = self.send(endpoint, "--events", "100")
        self.assertEqual(done.returncode, 0)
        report = self.verify(endpoint, allow_unacknowledged=True)
        self.assertTrue(report.ok, report.text())
        self.assertGreater(report.counts["deliveries acknowledged"], 40)

    def test_interrupted_sender_ends_in_good_order(self):
        endpoint = self.start(tls=False)
        with subprocess.Popen(self.command(endpoint, "--duration", "60s"), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as sender:
            deadline = time.monotonic() + 30
            while len(endpoint.archive.seen) < 5 and time.monotonic() < deadline:
                time.sleep(0.05)
            sender.send_signal(signal.SIGINT)
            out, _ = sender.communicate(timeout=30)
        summary = json.loads(out)
        self.assertEqual(sender.returncode, 0)
        self.assertEqual(summary["sent"], summary["acknowledged"])
        report = self.verify(endpoint)
        self.assertTrue(report.ok, report.text())

    def test_lines_of_standard_input(self):
        endpoint = self.start(tls=False)
        lines = [f"line {n} ü" for n in range(250)]
        done, summary = self.send(endpoint, "-", "--prepare", input="\n".join(lines))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(summary["events"], 250)
        report = self.verify(endpoint)
        self.assertTrue(report.ok, report.text())
        messages = [e["message"] for events in endpoint.archive.lines.values() for e in events]
        self.assertEqual(messages, lines)

    def test_wrong_key_is_told_and_shown_nowhere(self):
        endpoint = self.start(access_key="right")
        done, summary = self.send(endpoint, "--insecure", "--events", "1", "--retry-duration", "0", "--access-key", "wr0ng")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(summary["reasons"], {"status 400: wrong access key": 1})
        self.assertIn("list of processes", done.stderr)
        self.assertNotIn("wr0ng", done.stderr + done.stdout)
        endpoint.stop(self.root)

    def test_untrusted_certificate_is_refused(self):
        endpoint = self.start()
        done, summary = self.send(endpoint, "--events", "1", "--retry-duration", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not trusted", " ".join(summary["reasons"]))
        self.assertEqual(len(endpoint.archive.seen), 0)
        endpoint.stop(self.root)

    def test_what_goes_wrong_is_told_while_it_is_tried_again(self):
        with subprocess.Popen([BINARY, "send", "--url", "http://127.0.0.1:1/", "--events", "1", "--retry-duration", "20s"],
                              env={**os.environ, "CISTERN_ACCESS_KEY": "x"}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True) as sender:
            self.assertRegex(sender.stderr.readline(), "^not taken: could not connect to 127.0.0.1:1: .*; tried again$")
            self.assertIsNone(sender.poll())
            sender.kill()

    def test_wrong_usage(self):
        for arguments in (["--url", "ftp://x/"], ["/no/such/file"], ["--ca", "/no/such/file"], ["--late", "7"]):
            done = subprocess.run([BINARY, "send", "--events", "1", *arguments], capture_output=True, text=True, timeout=20,
                                  check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertNotEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()
