"""Error codes: one register, a paragraph of the runbook for each, and each said where its error is told."""
import json
import os
import pathlib
import re
import subprocess
import unittest

from service import BINARY, ServiceCase

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGISTER = re.findall(r'\{"(CIS-\d+)", "(\w+)",\s+"([^"]+)"\}', (ROOT / "pipeline" / "error_codes.h").read_text())
SOURCES = {path: path.read_text() for folder in ("pipeline", "handlers", "server") for path in (ROOT / folder).rglob("*.cc")}


def told_events():
    """Events of warnings and errors, and what commands name."""
    found = set()
    for text in SOURCES.values():
        found.update(re.findall(r'log_(?:error|warning)\(\s*"(\w+)"', text))
        found.update(re.findall(r'(?:coded|part)\("(\w+)"', text))
        for line in re.findall(r"log_line\([^;]*LogLevel::(?:error|warning)[^;]*;", text):
            found.update(re.findall(r'"(\w+)"(?=[,\s:)])', line.split(".what")[0]))
    return found


class RegisterTest(unittest.TestCase):
    def test_each_code_is_one_thing(self):
        codes, events, abouts = zip(*REGISTER)
        self.assertGreater(len(REGISTER), 30)
        for column in (codes, events, abouts):
            self.assertEqual(len(set(column)), len(column))
        self.assertEqual(list(codes), sorted(codes))

    def test_each_has_its_paragraph_and_no_other_has(self):
        runbook = (ROOT / "deploy" / "runbook.md").read_text()
        told = dict(re.findall(r"^### (CIS-\d+)\n(.*?)(?=\n#|\Z)", runbook, re.M | re.S))
        self.assertEqual(list(told), [code for code, _, _ in REGISTER])
        for code, text in told.items():
            self.assertRegex(text, r"(?s)\*Seen:\* .*\*Why(:|, do:)\* .", code)
            self.assertRegex(text, r"(\*Do:\*|do:\*) .", code)
        alerts = set(re.findall(r"^### (Cistern\w+)", runbook, re.M))
        for name in re.findall(r"as for (Cistern\w+)", runbook):
            self.assertIn(name, alerts)

    def test_each_warning_and_error_has_a_code(self):
        known = {event for _, event, _ in REGISTER}
        self.assertEqual(told_events() - known, set(), "give each a line in pipeline/error_codes.h and a paragraph")
        others = "".join(SOURCES.values())
        self.assertEqual([event for event in known if f'"{event}"' not in others], [])


class ToldTest(ServiceCase):
    def run_cistern(self, *arguments, expect):
        done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stderr

    def code_of_start(self, settings):
        service = self.service(settings, name=f"s{len(list(self.folder.iterdir()))}", start=False)
        service.start(wait=False)
        service.process.wait(30)
        return json.loads(service.log_file.read_text().splitlines()[-1])["code"]

    def test_in_the_log(self):
        (self.folder / "file").write_text("")
        for settings, code in (({"tls": {"certificate": "/nowhere.pem"}}, "CIS-2101"),
                               ({"access_keys": [{"name": "a", "value_file": "/nowhere"}]}, "CIS-2201"),
                               ({"journal": {"path": str(self.folder / "file" / "journal")}}, "CIS-3001"),
                               ({"listen": "203.0.113.1:1"}, "CIS-2002")):
            with self.subTest(code):
                self.assertEqual(self.code_of_start(settings), code)

    def test_of_commands(self):
        (self.folder / "cistern.yaml").write_text("nonsense: 1\n")
        self.assertIn("[CIS-1101]", self.run_cistern("serve", expect=78))
        self.assertIn("[CIS-1001]", self.run_cistern("sevre", expect=2))
        self.assertIn("[CIS-5101]", self.run_cistern("journal", "inspect", "--path", "/nowhere", expect=1))


if __name__ == "__main__":
    unittest.main()
