"""Other clients than our own over real TLS: curl, openssl s_client, Python; and promtool over the live page."""
import gzip
import json
import shutil
import signal
import ssl
import subprocess
import time
import unittest

import envelopes
from service import ServiceCase, make_certificate


def now_ms():
    return int(time.time() * 1000)


class CurlTest(ServiceCase):
    def curl(self, service, *options, stdin=None):
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "30", "--cacert", str(service.certificate),
             "--write-out", "\n%{http_code}", "-H", "X-Amz-Firehose-Request-Id: r-1",
             "-H", "X-Amz-Firehose-Protocol-Version: 1.0", "-H", "Content-Type: application/json",
             "-H", f"X-Amz-Firehose-Access-Key: {service.ACCESS_KEY}", *options, service.url],
            input=stdin, capture_output=True, check=True)
        body, status = done.stdout.decode().rsplit("\n", 1)
        return int(status), json.loads(body)

    def test_a_chunked_body_from_standard_input(self):
        service = self.service()
        body = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("hello", now_ms())]))], now_ms())
        status, answer = self.curl(service, "-H", "Transfer-Encoding: chunked", "--data-binary", "@-", stdin=body)
        self.assertEqual((status, answer["requestId"], set(answer)), (200, "r-1", {"requestId", "timestamp"}))
        self.assertIsInstance(answer["timestamp"], int)

    def test_a_large_body_waits_for_100_continue(self):
        service = self.service()
        events = [envelopes.event("x" * 1000 + str(i), now_ms()) for i in range(3000)]
        body = envelopes.delivery([envelopes.record(envelopes.envelope(events)) for _ in range(40)], now_ms())
        status, answer = self.curl(service, "-H", "Expect: 100-continue", "--data-binary", "@-", stdin=body)
        self.assertEqual((status, answer["requestId"]), (200, "r-1"))

    def test_a_refusal_before_the_body_reaches_a_client_that_is_still_sending(self):
        service = self.service()
        status, answer = self.curl(service, "-H", "X-Amz-Firehose-Access-Key: wrong", "-H", "Expect:", "--data-binary",
                                   "@-", stdin=b"x" * (8 << 20))
        self.assertEqual((status, answer["requestId"]), (401, "r-1"))
        self.assertNotIn("wrong", answer["errorMessage"])


class TlsTest(ServiceCase):
    def handshake(self, service, *options):
        return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", "-CAfile",
                               str(service.certificate), "-verify_return_error", *options],
                              input=b"", capture_output=True, timeout=30)

    def test_versions(self):
        service = self.service()
        self.assertEqual(self.handshake(service, "-tls1_2").returncode, 0)
        self.assertEqual(self.handshake(service, "-tls1_3").returncode, 0)
        old = self.handshake(service, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        self.assertNotEqual(old.returncode, 0)

    def test_ciphers_without_forward_secrecy_or_authenticated_encryption_are_refused(self):
        service = self.service()
        for cipher in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"):
            self.assertEqual(self.handshake(service, "-tls1_2", "-cipher", cipher).returncode, 0, cipher)
        for cipher in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256", "NULL"):
            done = self.handshake(service, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")
            self.assertNotEqual(done.returncode, 0, cipher)

    def test_a_session_is_resumed_and_renegotiation_refused(self):
        service = self.service()
        tickets = self.folder / "session"
        for version in ("-tls1_2", "-tls1_3"):
            tickets.unlink(missing_ok=True)
            # A TLS 1.3 ticket comes with the first answer.
            first = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", version, "-ign_eof",
                                    "-CAfile", str(service.certificate), "-sess_out", str(tickets)], timeout=30,
                                   input=b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", capture_output=True)
            self.assertIn(b'{"live":true}', first.stdout)
            self.assertIn(b"\nReused, TLSv1", self.handshake(service, version, "-sess_in", str(tickets)).stdout, version)
        asked = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", "-tls1_2", "-CAfile",
                                str(service.certificate)], input=b"R\n", capture_output=True, timeout=30)
        self.assertRegex(asked.stdout + asked.stderr, b"(?i)no renegotiation|RENEGOTIATING")
        self.assertNotEqual(asked.returncode, 0)

    def served_certificate(self, service):
        return ssl.get_server_certificate(("127.0.0.1", service.port))

    def replace_certificate(self, service):
        """New files in place of the old ones; waits for nothing."""
        fresh = self.folder / "fresh"
        fresh.mkdir(exist_ok=True)
        certificate, key = make_certificate(fresh)
        shutil.copy(key, service.key)
        shutil.copy(certificate, service.certificate)

    def wait_for_another_certificate(self, service, before):
        service.wait_for(lambda: self.served_certificate(service) != before, 30, "take up the new certificate")

    def test_a_bad_certificate_is_refused_and_a_new_one_is_taken_up_on_sighup(self):
        service = self.service()
        before = self.served_certificate(service)
        service.certificate.write_text("no certificate")
        service.process.send_signal(signal.SIGHUP)
        service.wait_for(lambda: "certificate" in service.log_tail(), 20, "refuse the bad certificate")
        self.assertEqual(service.ops("/readyz")[0], 200)
        self.assertEqual(self.served_certificate(service), before)
        self.replace_certificate(service)
        service.process.send_signal(signal.SIGHUP)
        self.wait_for_another_certificate(service, before)

    def test_a_new_certificate_is_noticed_by_itself(self):
        service = self.service()
        before = self.served_certificate(service)
        self.replace_certificate(service)
        self.wait_for_another_certificate(service, before)


class RepeatTest(ServiceCase):
    """The same delivery again is answered 200 and stored once; the same id with other content is new."""

    def lines(self, service):
        found = []
        for path in sorted(service.archive.rglob("*.ndjson.gz")):
            found += [json.loads(line) for line in gzip.open(path, "rt")]
        return found

    def test_repeats_over_a_restart(self):
        service = self.service()
        once = envelopes.record(envelopes.envelope([envelopes.event("once", now_ms())]))
        body = envelopes.delivery([once], now_ms())
        for _ in range(3):
            self.assertEqual(service.post(body)[0], 200)
        service.kill()
        service.start()
        self.assertEqual(service.post(body)[0], 200)
        other_id = envelopes.delivery([once], now_ms(), "r-2")
        self.assertEqual(service.post(other_id, request_id="r-2")[0], 200)
        new = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("new", now_ms())]))], now_ms())
        self.assertEqual(service.post(new)[0], 200)
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(sorted(line["message"] for line in self.lines(service)), ["new", "once"])

    def test_equal_lines_of_bare_text_are_not_repeats(self):
        service = self.service()
        for request_id in ("r-1", "r-2"):
            body = envelopes.delivery([b"a line\nanother\n", b"a line\n"], now_ms(), request_id)
            self.assertEqual(service.post(body, request_id=request_id)[0], 200)
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(sorted(line["message"] for line in self.lines(service)), ["a line"] * 4 + ["another"] * 2)


class MetricsPageTest(ServiceCase):
    @unittest.skipUnless(shutil.which("promtool"), "promtool (Debian package prometheus) is not installed")
    def test_promtool_accepts_the_live_page(self):
        service = self.service()
        service.send("--events", 2000, "--nasty", "0.3")
        service.wait_stored()
        done = subprocess.run(["promtool", "check", "metrics"], input=service.ops("/metrics")[1], text=True,
                              capture_output=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
