"""No secret in any log, metric, answer or printed configuration, however much is logged; and no log storm."""
import concurrent.futures
import os
import signal
import subprocess
import unittest

import envelopes
from service import BINARY, Service, ServiceCase

SECRETS = {"access key": "k3y-that-nobody-may-see", "second access key": 'zw31ter {"k":"e,y"}',
           "key from a file": "f1le-key-0123456789", "S3 secret": "s3-s3cr3t/+abc", "S3 token": "t0ken-t0ken-t0ken"}
TRIED = "a-key-that-was-right-yesterday"


class SecretsTest(ServiceCase):
    def settings(self):
        key_file = self.folder / "key-file"
        key_file.write_text(SECRETS["key from a file"] + "\n")
        return {"access_keys": [{"name": "first", "value": SECRETS["access key"]},
                                {"name": "second", "value": SECRETS["second access key"]},
                                {"name": "filed", "value_file": str(key_file)}],
                "store": {"access_key_id": "AKIATEST", "secret_access_key": SECRETS["S3 secret"],
                          "session_token": SECRETS["S3 token"]},
                "log": {"level": "debug", "format": "json"}}

    def expect_no_secret(self, **texts):
        for place, text in texts.items():
            self.assertNotEqual(text, "", place)
            for secret in [*SECRETS.values(), TRIED]:
                for spelling in (secret, secret.replace('"', '\\"')):
                    self.assertNotIn(spelling, text, place)

    def test_nowhere_while_everything_is_logged(self):
        service = self.service(self.settings())
        answers = []
        body = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("m", 1)]))], 1)
        for key in [SECRETS["access key"], SECRETS["second access key"], SECRETS["key from a file"], TRIED, TRIED * 100]:
            for sent in (body, b"{broken"):
                for version in ("1.0", "2.0"):
                    answers.append(service.post(sent, {"X-Amz-Firehose-Access-Key": key,
                                                       "X-Amz-Firehose-Protocol-Version": version}))
        self.assertEqual(sorted({status for status, _ in answers}), [200, 400, 401])
        config = service.config_file.read_text()
        service.config_file.write_text(config.replace('"first"', f'"fir st {SECRETS["access key"]}"'))
        service.process.send_signal(signal.SIGHUP)
        service.wait_for(lambda: '"event":"reload"' in service.log_tail(1 << 20), 20, "reload")
        service.config_file.write_text(config)
        service.process.send_signal(signal.SIGHUP)
        metrics = service.ops("/metrics")[1]
        self.assertEqual(service.terminate(), 0)
        events = {line["event"] for line in service.log_lines()}
        self.assertLessEqual({"delivery_accepted", "delivery_refused", "listening", "drained"}, events)
        by_key = {line["access_key"] for line in service.log_lines() if line["event"] == "delivery_accepted"}
        self.assertEqual(by_key, {"first", "second", "filed"})
        self.expect_no_secret(log=service.log_file.read_text(), metrics=metrics, answers=str(answers))

    def test_nowhere_in_what_check_prints(self):
        service = self.service(self.settings(), start=False)
        service.start().stop()
        for options in ([], ["--no-tries"]):
            done = subprocess.run([BINARY, "check", "--config", service.config_file, *options], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("***", done.stdout)
            self.expect_no_secret(check=done.stdout + done.stderr)

    def test_nowhere_in_what_is_said_of_a_wrong_configuration(self):
        settings = {**self.settings(), "unknown": SECRETS["access key"], "memory_limit": SECRETS["S3 secret"],
                    "acknowledge": {"value": SECRETS["S3 token"]}}
        settings["access_keys"].append({"name": "first", "vlaue": SECRETS["key from a file"]})
        service = Service(self.folder / "wrong", {})
        service.settings.update(settings)
        service.start(wait=False)
        self.assertEqual(service.process.wait(20), 78)
        said = service.log_file.read_text()
        self.assertIn("access_keys", said)
        for name in ("second access key", "key from a file", "S3 token"):
            self.assertNotIn(SECRETS[name], said, name)

    def test_nowhere_in_the_sender(self):
        service = self.service()
        done = subprocess.run([BINARY, "send", "--url", service.url, "--ca", service.certificate, "--events", "10",
                               "--retry-duration", "0"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, "CISTERN_ACCESS_KEY": TRIED})
        self.assertEqual(done.returncode, 1)
        self.expect_no_secret(sender=done.stdout + done.stderr)


class LogStormTest(ServiceCase):
    def test_many_wrong_keys_are_few_lines(self):
        service = self.service()
        def guess(number):
            return service.post(b"{}", {"X-Amz-Firehose-Access-Key": "wrong"}, request_id=f"r-{number}")[0]
        self.assertEqual(guess(0), 401)
        with concurrent.futures.ThreadPoolExecutor(100) as pool:  # the answers to wrong keys come ever later
            self.assertEqual(set(pool.map(guess, range(1, 100))), {401})
        lines = [line for line in service.log_lines() if line["event"] == "delivery_refused"]
        self.assertGreater(len(lines), 0)
        self.assertLessEqual(len(lines), 60)  # 30 a minute, and a minute may have ended meanwhile
        self.assertEqual(lines[0]["request_id"], "r-0")
        self.assertEqual(service.metrics()['cistern_deliveries_total{status="401"}'], 100)

    def test_trap23_what_is_accepted_makes_no_lines(self):
        """Were Cistern's own log group subscribed to the stream that it reads, each delivery would make the next."""
        service = self.service()
        service.send("--events", 20000, "--records-per-delivery", 1, "--nasty", "0.1", "--repeat", "0.1")
        service.wait_stored()
        metrics = service.metrics()
        self.assertGreater(metrics['cistern_deliveries_total{status="200"}'], 100)
        events = [line["event"] for line in service.log_lines()]
        self.assertLess(len(events), 10, events)


if __name__ == "__main__":
    unittest.main()
