"""The metrics page of a Cistern that has worked: Prometheus' own check finds nothing to mend."""
import pathlib
import subprocess
import unittest

from service import ServiceCase

PROMTOOL = pathlib.Path(__file__).resolve().parents[1] / "promtool"


class MetricsTest(ServiceCase):
    def test_promtool_finds_nothing_to_mend(self):
        service = self.service()
        service.send("--events", 2000, "--nasty", "0.3", "--control", "0.1", "--repeat", "0.2")
        service.wait_stored()
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=service.ops("/metrics")[1], text=True,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
