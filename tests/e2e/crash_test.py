"""kill -9 of the real binary under load, again and again: everything acknowledged is archived exactly once.

CISTERN_CRASH_ROUNDS: how often (default 10).
"""
import os
import random
import time
import unittest

from main_job_test import verify
from service import ServiceCase

ROUNDS = int(os.environ.get("CISTERN_CRASH_ROUNDS", "10"))


class CrashTest(ServiceCase):
    def test_killed_at_random_moments_under_load(self):
        seed = int(os.environ.get("CISTERN_CRASH_SEED", random.randrange(1 << 30)))
        chance = random.Random(seed)
        print(f"repeat with CISTERN_CRASH_SEED={seed}")
        service = self.service({"partition": {"flush_age": "1s", "late_flush_age": "1s", "flush_size": "256KiB"},
                                "journal": {"segment_bytes": "4MiB"}})
        files = []
        for round_number in range(ROUNDS):
            files.append(self.folder / f"acknowledged-{round_number}")
            sender = service.start_sender("--events", 200000, "--rate", 40, "--late", "0.2", "--repeat", "0.1",
                                          "--connections", 4, "--retry-duration", "1s", "--back-off-scale", "0.05",
                                          "--seed", seed + round_number, "--acknowledged", files[-1])
            time.sleep(chance.uniform(0.2, 1.5))
            service.kill()
            sender.kill()
            sender.communicate()
            service.start()
        self.assertEqual(service.terminate(), 0)
        print(verify(service.archive, *files))


if __name__ == "__main__":
    unittest.main()
