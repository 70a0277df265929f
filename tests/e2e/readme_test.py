"""The README's tables say what the binary says: each setting, and each metric of a Cistern that has worked."""
import pathlib
import re
import subprocess
import unittest

from service import BINARY, ServiceCase

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def table_rows(section):
    """The rows of a section's table, without its head."""
    text = README.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| `")]


def metric_rows(page):
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


def setting_rows():
    said = subprocess.run([BINARY, "config", "reference"], check=True, capture_output=True, text=True).stdout
    return [line for line in said.splitlines() if line.startswith("| `")]


class ReadmeTest(ServiceCase):
    def same(self, section, expected):
        self.assertGreater(len(expected), 10)
        self.assertEqual(table_rows(section), expected, f"\n{section} would be:\n" + "\n".join(expected))

    def test_settings(self):
        self.same("Configuration", setting_rows())

    def test_metrics(self):
        service = self.service()
        service.send("--events", 2000, "--nasty", "0.3", "--control", "0.1", "--repeat", "0.2")
        service.wait_stored()
        self.same("Metrics", list(metric_rows(service.ops("/metrics")[1])))


if __name__ == "__main__":
    unittest.main()
