"""S3 (Ceph's gateway) frozen, killed and restarted under load, again and again, sometimes together with Cistern. Long form only:
CISTERN_LONG_TESTS; a short one is in s3_test.py. CISTERN_S3_ROUNDS: how often (default 40). CISTERN_CRASH_SEED: to repeat a run.
"""
import collections
import contextlib
import os
import random
import signal
import time
import unittest

import s3_test
from main_job_test import verify

ROUNDS = int(os.environ.get("CISTERN_S3_ROUNDS", "40"))


class S3OutageTest(s3_test.S3Test):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("CISTERN_CRASH_SEED", random.randrange(1 << 30)))
        self.chance = random.Random(self.seed)
        print(f"repeat with CISTERN_CRASH_SEED={self.seed}")

    # What happens to the store in one round, while deliveries come.

    def frozen(self):
        os.kill(self.server.gateway, signal.SIGSTOP)
        time.sleep(self.chance.uniform(0.5, 4))
        os.kill(self.server.gateway, signal.SIGCONT)

    def frozen_while_cistern_is_killed(self):
        os.kill(self.server.gateway, signal.SIGSTOP)
        time.sleep(self.chance.uniform(0.2, 1.5))
        self.running.kill()
        os.kill(self.server.gateway, signal.SIGCONT)
        time.sleep(self.chance.uniform(0, 0.5))
        self.running.start()

    def killed(self):
        self.server.kill_gateway()
        time.sleep(self.chance.uniform(0, 2))
        self.server.start_gateway()

    def stopped(self):
        process = self.server.gateway
        os.kill(process, signal.SIGTERM)
        time.sleep(self.chance.uniform(0, 2))
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)  # it may take its time
        self.server.start_gateway()

    def killed_together(self):
        self.server.kill_gateway()
        self.running.kill()
        self.server.start_gateway()
        self.running.start()

    def test_faults_of_the_store_under_load(self):
        bucket = self.create_bucket("outages")
        self.running = self.s3_service(bucket, timeout="1s")
        faults = (self.frozen, self.frozen_while_cistern_is_killed, self.killed, self.stopped, self.killed_together)
        files, done = [], collections.Counter()
        for number in range(ROUNDS):
            files.append(self.folder / f"acknowledged-{number}")
            sender = self.running.start_sender("--events", 200000, "--rate", 20, "--late", "0.2", "--repeat", "0.1",
                                               "--connections", 4, "--retry-duration", "1s", "--back-off-scale", "0.05",
                                               "--seed", self.seed + number, "--acknowledged", files[-1])
            time.sleep(self.chance.uniform(0.3, 1.2))
            fault = self.chance.choice(faults)
            fault()
            done[fault.__name__] += 1
            time.sleep(self.chance.uniform(0.3, 1.2))
            sender.kill()
            sender.communicate()
        self.running.wait_stored(600)
        self.assertEqual(self.running.terminate(), 0)
        print(dict(done), verify(self.download(bucket), *files))


def load_tests(_loader, _tests, _pattern):
    """Not those of s3_test.py again."""
    suite = unittest.TestSuite()
    if os.environ.get("CISTERN_LONG_TESTS"):
        suite.addTest(S3OutageTest("test_faults_of_the_store_under_load"))
    return suite


if __name__ == "__main__":
    unittest.main()
