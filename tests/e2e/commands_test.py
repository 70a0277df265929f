"""The command line as a user meets it: help that teaches, exit codes that mean something, lines from standard input."""
import gzip
import json
import os
import pathlib
import pty
import subprocess
import unittest

from main_job_test import verify
from service import BINARY, Service, ServiceCase


def run(*arguments, **options):
    options = {"stdin": subprocess.DEVNULL, "timeout": 60, **options}
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, **options)


def on_a_terminal(*arguments, **options):
    """Exit code and what stood on a terminal that is standard error."""
    master, slave = pty.openpty()
    with subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave,
                          **options) as process:
        os.close(slave)
        shown = b""
        try:
            while piece := os.read(master, 65536):
                shown += piece
        except OSError:  # the other side is closed
            pass
        os.close(master)
        return process.wait(60), shown.decode()


class HelpTest(ServiceCase):
    def test_the_least_policy_is_json_that_iam_takes(self):
        done = run("check", "--iam", cwd=self.folder, env={
            "CISTERN_TLS": "off", "CISTERN_ACCESS_KEYS": "none", "CISTERN_STORE_TYPE": "s3", "CISTERN_STORE_BUCKET": "archive",
            "CISTERN_STORE_PREFIX": "logs/", "CISTERN_STORE_TAGS": "team=logs"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        (statement,) = json.loads(done.stdout)["Statement"]
        self.assertEqual(statement["Action"], ["s3:PutObject", "s3:PutObjectTagging", "s3:GetObject"])
        self.assertEqual(statement["Resource"], "arn:aws:s3:::archive/logs/*")
        done = run("check", "--iam", cwd=self.folder, env={"CISTERN_TLS": "off", "CISTERN_ACCESS_KEYS": "none"})
        self.assertEqual((done.returncode, done.stdout), (78, ""))
        self.assertIn("store.type is file", done.stderr)

    def test_each_command_explains_itself(self):
        for command in ([], ["serve"], ["check"], ["send"], ["redrive"], ["journal"], ["journal", "inspect"], ["health"], ["init"],
                        ["config"], ["ddl"], ["lifecycle"], ["version"]):
            done = run(*command, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
            self.assertIn("Usage: cistern", done.stdout)
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), 160)
        for word in ("check", "serve", "send", "health", "Exit codes", "CISTERN_CONFIG", "access_keys"):
            self.assertIn(word, run("--help").stdout)
        self.assertIn("SIGHUP", run("serve", "--help").stdout)
        self.assertIn("cistern send --", run("send", "--help").stdout)

    def test_the_configuration_shown_in_help_is_one_that_works(self):
        text = run("--help").stdout.split("A small cistern.yaml:\n")[1].split("\n\n")[0]
        done = run("check", "--no-tries", cwd=self.folder, env={
            **os.environ, "CISTERN_CONFIG": text, "CISTERN_ACCESS_KEY": "k"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class ExitCodeTest(ServiceCase):
    def test_wrong_command_lines_are_2(self):
        for arguments in ([], ["sevre"], ["--no-such"], ["serve", "--no-such"], ["check", "extra"], ["--config"]):
            done = run(*arguments, cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertNotEqual(done.stderr, "", arguments)
        self.assertIn("did you mean serve?", run("sevre").stderr)

    def test_wrong_configurations_are_78(self):
        wrong = self.folder / "wrong.yaml"
        wrong.write_text("acknowledge: durible\nparitition: {}\nmemory_limit: lots\n")
        for command in ("serve", "check", "health"):
            done = run(command, "--config", wrong, cwd=self.folder)
            self.assertEqual(done.returncode, 78, command)
            for said in ("wrong.yaml:1", "durable", "wrong.yaml:2", "partition", "wrong.yaml:3", "memory_limit"):
                self.assertIn(said, done.stderr)
        self.assertEqual(run("serve", "--config", self.folder / "not-there.yaml").returncode, 78)

    def test_no_access_key_no_service(self):
        service = Service(self.folder / "open")
        del service.settings["access_keys"]
        service.start(wait=False)
        self.assertEqual(service.process.wait(20), 78)
        self.assertIn("access_keys: none", service.log_tail())

    def test_what_was_tried_and_failed_is_1(self):
        service = self.service()
        again = run("serve", "--config", service.config_file)  # journal and port are taken
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertNotEqual(again.stderr, "")
        self.assertEqual(run("check", "--config", service.config_file).returncode, 1)
        self.assertEqual(run("health", "--config", service.config_file).returncode, 0)
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(run("health", "--config", service.config_file).returncode, 1)
        self.assertEqual(run("check", "--config", service.config_file).returncode, 0)

    def test_key_and_certificate_that_do_not_match(self):
        other = Service(self.folder / "other")
        service = Service(self.folder / "mixed")
        service.settings["tls"]["private_key"] = str(other.key)
        service.start(wait=False)
        self.assertNotEqual(service.process.wait(20), 0)
        self.assertIn("key", service.log_tail())
        done = run("check", "--config", service.config_file)
        self.assertEqual(done.returncode, 1, done.stdout)


class TerminalTest(ServiceCase):
    def test_logs_are_text_on_a_terminal_and_json_elsewhere(self):
        service = Service(self.folder / "terminal", {"tls": {"certificate": "/not/there.pem"}, "log": {"format": "auto"}})
        service.start(wait=False)
        self.assertNotEqual(service.process.wait(20), 0)
        self.assertEqual({"error"}, {line["level"] for line in service.log_lines()} - {"info"})
        _, shown = on_a_terminal("serve", "--config", service.config_file)
        self.assertIn("/not/there.pem", shown)
        self.assertFalse(any(line.startswith("{") for line in shown.splitlines()), shown)

    def test_send_shows_its_progress_on_a_terminal_only(self):
        service = self.service()
        command = [part for part in service.send_command("--events", 1000000, "--duration", "2s")[1:] if part != "--quiet"]
        environment = {**os.environ, "CISTERN_ACCESS_KEY": service.ACCESS_KEY}
        code, shown = on_a_terminal(*command, env=environment)
        self.assertEqual(code, 0, shown)
        self.assertIn("\r", shown.replace("\r\n", ""))
        done = run(*command, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\r", done.stderr)
        for word in ("acknowledged", "retries", "p99"):
            self.assertIn(word, done.stdout)


class InstallTest(ServiceCase):
    def test_an_installed_binary_runs(self):
        build = pathlib.Path(BINARY).parent
        if not (build / "cmake_install.cmake").exists():
            self.skipTest("not a build's folder")
        subprocess.run(["cmake", "--install", build, "--prefix", self.folder / "usr"], check=True, capture_output=True)
        done = subprocess.run([self.folder / "usr/bin/cistern", "version"], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, run("version").stdout)


class SendTest(ServiceCase):
    def test_lines_of_standard_input_arrive_as_they_are(self):
        service = self.service()
        lines = [f"line {n} \u00fc \"quoted\" \\ {{}} \t" for n in range(1234)]
        acknowledged = self.folder / "acknowledged"
        done = subprocess.run(service.send_command("--acknowledged", acknowledged, "-"), input="\n".join(lines) + "\n",
                              capture_output=True, text=True, timeout=60,
                              env={**os.environ, "CISTERN_ACCESS_KEY": service.ACCESS_KEY})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)
        found = [json.loads(line)["message"] for path in service.archive.rglob("*.ndjson.gz") for line in gzip.open(path, "rt")]
        self.assertEqual(sorted(found), sorted(lines))

    def test_nobody_there_is_1(self):
        done = run("send", "--url", "https://127.0.0.1:1/", "--events", 10, "--retry-duration", 0, "--quiet")
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
