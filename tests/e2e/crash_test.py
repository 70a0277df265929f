"""kill -9 of the real binary, again and again: under load, while it recovers, while it drains. Everything acknowledged
is archived exactly once.

CISTERN_CRASH_ROUNDS: how often (default 20). CISTERN_CRASH_SEED: to repeat a run.
"""
import collections
import os
import random
import signal
import time
import unittest

from main_job_test import verify
from service import ServiceCase

ROUNDS = int(os.environ.get("CISTERN_CRASH_ROUNDS", "20"))


class CrashTest(ServiceCase):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("CISTERN_CRASH_SEED", random.randrange(1 << 30)))
        self.chance = random.Random(self.seed)
        print(f"repeat with CISTERN_CRASH_SEED={self.seed}")
        self.running = self.service({"partition": {"flush_age": "1s", "late_flush_age": "1s", "flush_size": "256KiB"},
                                     "journal": {"segment_bytes": "4MiB"}})

    def start_load(self, number, file):
        return self.running.start_sender("--events", 200000, "--rate", 40, "--late", "0.2", "--repeat", "0.1",
                                         "--connections", 4, "--retry-duration", "1s", "--back-off-scale", "0.05",
                                         "--seed", self.seed + number, "--acknowledged", file)

    # What happens to the process in one round; each leaves it dead.

    def under_load(self):
        self.running.kill()

    def while_it_drains(self):
        self.running.process.send_signal(signal.SIGTERM)
        time.sleep(self.chance.uniform(0, 0.3))
        self.running.kill()

    def while_it_recovers(self):
        self.running.kill()
        for _ in range(3):
            self.running.start(wait=False)
            time.sleep(self.chance.uniform(0, 0.15))
            self.running.kill()

    def told_twice_to_end(self):
        self.running.process.send_signal(signal.SIGTERM)
        time.sleep(self.chance.uniform(0, 0.1))
        self.running.process.send_signal(signal.SIGTERM)
        self.running.process.wait(30)

    def test_killed_at_random_moments(self):
        files, done = [], collections.Counter()
        for number in range(ROUNDS):
            files.append(self.folder / f"acknowledged-{number}")
            sender = self.start_load(number, files[-1])
            # A kill before anything was sent, on a busy machine, would prove nothing.
            self.running.wait_for(lambda: files[-1].exists() and files[-1].stat().st_size > 0, 60, "get a delivery")
            time.sleep(self.chance.uniform(0.2, 1.2))
            end = self.chance.choice((self.under_load, self.while_it_drains, self.while_it_recovers, self.told_twice_to_end))
            end()
            done[end.__name__] += 1
            sender.kill()
            sender.communicate()
            self.running.start()
        self.assertEqual(self.running.terminate(), 0)
        print(dict(done), verify(self.running.archive, *files))


if __name__ == "__main__":
    unittest.main()
