"""The metrics page of a Cistern that has worked: promtool finds nothing to mend, and the README describes it all."""
import pathlib
import re
import subprocess
import unittest

from service import ServiceCase

ROOT = pathlib.Path(__file__).resolve().parents[2]


def families(page):
    """The rows of the README's table, from the page's own words."""
    labels = {}
    for line in page.splitlines():
        sample = re.match(r"(cistern_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? ", line)
        if sample:
            names = re.findall(r'(\w+)="', sample[2] or "")
            labels.setdefault(sample[1], set()).update(name for name in names if name != "le")
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", page, re.M))
    for name, help_text in re.findall(r"^# HELP (\w+) (.*)$", page, re.M):
        shown = " ".join(f"`{label}`" for label in sorted(labels.get(name, ())))
        yield f"| `{name}` | {kinds[name]} | {shown} | {help_text} |"


class MetricsTest(ServiceCase):
    def page(self):
        service = self.service()
        service.send("--events", 2000, "--nasty", "0.3", "--control", "0.1", "--repeat", "0.2")
        service.wait_stored()
        return service.ops("/metrics")[1]

    def test_promtool_finds_nothing_to_mend(self):
        done = subprocess.run([ROOT / "tests/promtool", "check", "metrics"], input=self.page(), text=True,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_readme_describes_each(self):
        expected = sorted(families(self.page()))
        section = (ROOT / "README.md").read_text().split("\n## Metrics\n")[1].split("\n## ")[0]
        described = sorted(line for line in section.splitlines() if line.startswith("| `cistern_"))
        self.assertEqual(described, expected, "\nthe table would be:\n" + "\n".join(expected))


if __name__ == "__main__":
    unittest.main()
