"""deploy/prometheus and deploy/grafana with a real Prometheus: every rule and every panel over a Cistern under load."""
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from service import ServiceCase, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus"
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "cistern.json").read_text())
ALERTS = re.findall(r"^ +- alert: (\w+)$", (RULES / "alerts.rules.yml").read_text(), re.M)


class Prometheus:
    """Debian's, with the rules of deploy/prometheus, asking and evaluating every half second."""

    def __init__(self, case, folder, target):
        shutil.copytree(RULES, folder)
        text = (folder / "prometheus.yml").read_text()
        for once, instead in (("localhost:9464", target), ("scrape_interval: 15s", "scrape_interval: 500ms"),
                              ("evaluation_interval: 15s", "evaluation_interval: 500ms")):
            assert once in text
            text = text.replace(once, instead)
        (folder / "prometheus.yml").write_text(text)
        self.address, self.log = f"http://127.0.0.1:{free_port()}", folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [ROOT / "tests" / "prometheus", "--config.file", folder / "prometheus.yml",
                 "--storage.tsdb.path", folder / "series", "--web.listen-address", self.address[7:]],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        case.addCleanup(self.stop)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def get(self, path, **parameters):
        with urllib.request.urlopen(f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=30) as got:
            return json.load(got)["data"]

    def query(self, expression):
        """Its series; AssertionError says why there is no answer."""
        try:
            return self.get("query", query=expression)["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # not up yet: an OSError, that wait() bears
                raise
            raise AssertionError(f"{expression}: {error.read().decode()}") from None

    def wait(self, condition, seconds, what):
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            try:
                if condition():
                    return
            except OSError:
                pass  # not up yet
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError(f"not within {seconds} s: {what}\n{self.log.read_text()[-3000:]}")


def panel_queries():
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            text = target["expr"].replace("$job", "cistern").replace("$instance", ".*")
            yield panel["title"], text.replace("$__rate_interval", "1m")


class FilesTest(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run([ROOT / "tests" / "promtool", *arguments], cwd=RULES, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_promtool_finds_the_configuration_good(self):
        self.promtool("check", "config", "prometheus.yml")

    def test_each_alert_fires_when_it_should(self):
        self.promtool("test", "rules", "alerts_test.yml")
        cases = (RULES / "alerts_test.yml").read_text()
        self.assertGreater(len(ALERTS), 15)
        for alert in ALERTS:
            self.assertRegex(cases, rf"- alertname: {alert}\n +eval_time: \w+\n +exp_alerts:\n +- exp_labels")

    def test_each_alert_is_in_the_runbook(self):
        runbook = (ROOT / "deploy" / "runbook.md").read_text()
        told = dict(re.findall(r"^### (\w+)\n(.*?)(?=\n#|\Z)", runbook, re.M | re.S))
        self.assertEqual(list(told), ALERTS)
        for alert, text in told.items():
            for part in ("*Seen", "*Why", "o:*"):
                self.assertIn(part, text, alert)
        linked = re.findall(r"runbook: deploy/runbook\.md#(\w+)", (RULES / "alerts.rules.yml").read_text())
        self.assertEqual(linked, [alert.lower() for alert in ALERTS])
        asked = {panel["title"] for panel in DASHBOARD["panels"]}
        for question in re.findall(r"\*([A-Z][^*]+\?)\*", runbook):
            self.assertIn(question, asked)

    def test_ecs_targets_writes_running_tasks(self):
        answers = {"list-tasks": {"taskArns": ["arn:aws:ecs:r:1:task/logs/abc", "arn:aws:ecs:r:1:task/logs/new"]},
                   "describe-tasks": {"tasks": [
                       {"taskArn": "arn:aws:ecs:r:1:task/logs/abc", "availabilityZone": "eu-west-1a", "attachments": [
                           {"details": [{"name": "privateIPv4Address", "value": "10.0.0.7"}]}]},
                       {"taskArn": "arn:aws:ecs:r:1:task/logs/new", "attachments": []}]}}
        with tempfile.TemporaryDirectory() as folder:
            aws, file = pathlib.Path(folder, "aws"), pathlib.Path(folder, "ecs-cistern.json")
            aws.write_text("#!/usr/bin/env python3\nimport json, sys\n"
                           f"print(json.dumps({answers!r}[sys.argv[2]]))\n")
            aws.chmod(0o755)
            command = [RULES / "ecs-targets", "logs", "cistern", file]
            path = f"{folder}:{os.environ['PATH']}"
            subprocess.run(command, check=True, env={**os.environ, "PATH": path})
            written = json.loads(file.read_text())
            self.assertEqual(written, [{"targets": ["10.0.0.7:9464"], "labels": {
                "cluster": "logs", "service": "cistern", "task": "abc", "availability_zone": "eu-west-1a"}}])
            aws.write_text("#!/bin/sh\nexit 1\n")
            refused = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True)
            self.assertNotEqual(refused.returncode, 0)
            self.assertEqual(json.loads(file.read_text()), written)


class LiveTest(ServiceCase):
    """One Cistern under load for some seconds, and every question asked once."""

    def setUp(self):
        super().setUp()
        self.cistern = self.service({"partition": {"flush_age": "500ms", "late_flush_age": "500ms"}})
        self.prometheus = Prometheus(self, self.folder / "prometheus", f"127.0.0.1:{self.cistern.metrics_port}")

    def samples(self, series="cistern_stored_objects_total"):
        found = self.prometheus.query(f"count_over_time({series}[5m])")
        return float(found[0]["value"][1]) if found else 0

    def load(self):
        self.prometheus.wait(lambda: self.samples() >= 2, 30, "first scrapes")
        self.cistern.send("--events", 4000, "--rate", 15, "--nasty", "0.3", "--control", "0.1", "--repeat", "0.2",
                          "--events-per-record", 50, "--records-per-delivery", 3)
        self.cistern.wait_stored()
        seen = self.samples()
        self.prometheus.wait(lambda: self.samples() >= seen + 2, 30, "scrapes after the load")
        self.prometheus.wait(lambda: self.samples("instance:cistern_uploads_failed:ratio15m") >= 1, 30, "recorded rules")

    def test_every_rule_and_every_panel_finds_data(self):
        self.load()
        for name, text in panel_queries():
            with self.subTest(panel=name, query=text):
                values = [float(series["value"][1]) for series in self.prometheus.query(text)]
                self.assertTrue(any(map(math.isfinite, values)), values)
        rules = [rule for group in self.prometheus.get("rules")["groups"] for rule in group["rules"]]
        self.assertEqual({rule["name"] for rule in rules if rule["type"] == "alerting"}, set(ALERTS))
        for rule in rules:
            with self.subTest(rule=rule["name"]):
                self.assertEqual((rule["health"], rule.get("lastError", "")), ("ok", ""))
                if rule["type"] == "recording":
                    self.assertNotEqual(self.prometheus.query(rule["name"]), [])
        self.assertEqual(self.metrics_without_a_question(), set(), "give each a panel in deploy/grafana or a rule")

    def metrics_without_a_question(self):
        """What the metrics page has and neither a panel nor a rule looks at."""
        asked = "\n".join(text for _, text in panel_queries())
        asked += "".join((RULES / f"{name}.rules.yml").read_text() for name in ("recording", "alerts"))
        names = re.findall(r"^# TYPE (\w+) ", self.cistern.ops("/metrics")[1], re.M)
        return {name for name in names if not re.search(rf"\b{name}(_bucket|_sum|_count)?\b", asked)}


if __name__ == "__main__":
    unittest.main()
