"""/status.json, the status page as it comes from the server, and cistern top: told right, whole, and without secrets.

What a browser makes of the page is in status_page_test.py.
"""
import html.parser
import http.client
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import time
import unittest

from service import BINARY, Service, ServiceCase

FIELDS = pathlib.Path(__file__).resolve().parents[2] / "server/status/status_json.md"
SECRETS = {"key": Service.ACCESS_KEY, "second": "zw31te-k3y-that-nobody-may-see", "file": "f1le-key-0123456789",
           "s3": "s3-s3cr3t/+abc", "token": "t0ken-t0ken-t0ken", "proxy": "pr0xy-pa55"}
NASTY = "<script>alert(1)</script>"


def paths_of(value, path=""):
    """Every field as the table names it: a.b[].c."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths_of(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from paths_of(item, path + "[]")
    else:
        yield path


class Page(html.parser.HTMLParser):
    """Elements, and the text of each table's cells; complains of elements that do not end where they should."""

    VOID = {"meta", "link", "input"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.rows, self.attributes = [], [], "", [], []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
        self.open.pop()

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text += data
            if {"td", "th"} & set(self.open):
                self.rows[-1][-1] += data


class StatusCase(ServiceCase):
    def get(self, service, path, method="GET", **headers):
        """Status, headers and body, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", service.metrics_port, timeout=60)
        self.addCleanup(connection.close)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def status(self, service):
        return json.loads(self.get(service, "/status.json")[2])

    def wait_for_status(self, service, condition, what):
        service.wait_for(lambda: condition(self.status(service)), 30, what)
        return self.status(service)


class StatusTest(StatusCase):
    def troubled(self):
        """A store that refuses, dead letters, late events, several keys: something in every list."""
        service = Service(self.folder / "service", {
            "access_keys": [{"name": "test", "value": SECRETS["key"]}, {"name": "idle", "value": SECRETS["second"]}],
            "partition": {"prefix": NASTY + "/", "flush_age": "2s", "late_flush_age": "1h"}})
        self.addCleanup(service.stop)
        service.start()
        service.archive.mkdir(exist_ok=True)
        (service.archive / NASTY.split("/")[0]).write_text("a file, where the archive needs a folder")
        service.send("--events", 4000, "--late", "0.5:9d", "--nasty", "0.2", "--records-per-delivery", 5)
        return service

    def test_every_field_is_documented_and_there(self):
        service = self.troubled()
        service.process.send_signal(signal.SIGHUP)
        status = self.wait_for_status(
            service, lambda s: s["uploads"]["last_errors"] and s["configuration"]["last_reload"] and s["readiness"]["warnings"]
            and s["open"]["partitions"] and s["deliveries"]["per_second"] > 0 and any(u["error"] for u in s["uploads"]["list"]),
            "fail to store")
        documented = set(re.findall(r"^\| `([^`]+)` \|", FIELDS.read_text(), re.M))
        told = set(paths_of(status)) - {"uploads.list[].error"}
        not_now = {"readiness.reasons[].part", "readiness.reasons[].text", "readiness.reasons[].runbook"}
        self.assertEqual(told | not_now, documented)
        self.assertLess(len(json.dumps(status, indent=1)), 300_000)

    def test_figures_are_those_of_the_metrics(self):
        service = self.troubled()
        status = self.wait_for_status(service, lambda s: s["acknowledgement"]["deliveries"] == s["access_keys"]["list"][0]["deliveries"],
                                      "have looked at the last delivery")
        metrics = service.metrics()
        self.assertEqual(status["deliveries"]["events_total"], metrics["cistern_events_total"])
        by_status = {row["status"]: row["total"] for row in status["deliveries"]["by_status"]}
        self.assertEqual(by_status["200"], metrics['cistern_deliveries_total{status="200"}'])
        self.assertEqual(status["access_keys"]["list"][0]["deliveries"], by_status["200"])
        self.assertEqual([key["name"] for key in status["access_keys"]["list"]], ["test", "idle"])
        self.assertIsNone(status["access_keys"]["list"][1]["last_used_at"])
        self.assertEqual(status["dead_letters"]["total"],
                         sum(value for name, value in metrics.items() if name.startswith("cistern_dead_letters_total")))
        acknowledged = status["acknowledgement"]
        self.assertEqual(acknowledged["deliveries"], by_status["200"])
        self.assertLessEqual(acknowledged["p50_seconds"], acknowledged["p99_seconds"])
        uploads = status["uploads"]
        self.assertEqual(uploads["in_flight"], len(uploads["list"]))
        open_now = status["open"]
        hours = [hour for day in open_now["days"] for hour in day["hours"]]
        self.assertEqual(len(hours), 24 * len(open_now["days"]))
        for figure in ("partitions", "bytes", "events"):
            self.assertEqual(sum(hour.get(figure, 0) for hour in hours) + open_now["other_hours"][figure], open_now[figure])
        sizes = [partition["bytes"] for partition in open_now["largest"]]
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        self.assertEqual(len(sizes) + open_now["not_listed"], open_now["partitions"])
        # What is being built is counted once it is sealed.
        self.wait_for_status(service, lambda s: s["open"]["events"] + sum(u["events"] for u in s["uploads"]["list"])
                             == s["deliveries"]["events_total"] + s["dead_letters"]["total"], "have every event somewhere")

    def test_lists_are_bounded(self):
        service = self.service({"partition": {"key": "{yyyy}/{mm}/{dd}/{hh}/{log_group}/{log_stream}/", "flush_age": "1h",
                                              "late_flush_age": "1h"}})
        service.send("--events", 20000, "--groups", 40, "--late", "0.9:40d", "--events-per-record", 2)
        status = self.status(service)
        self.assertGreater(status["open"]["partitions"], 1000)
        self.assertEqual(len(status["open"]["largest"]), 50)
        self.assertEqual(status["open"]["not_listed"], status["open"]["partitions"] - 50)
        self.assertLessEqual(len(status["open"]["days"]), 16)
        self.assertGreater(status["open"]["other_hours"]["partitions"], 0)
        self.assertLess(len(self.get(service, "/status.json")[2]), 300_000)
        self.assertLess(len(self.get(service, "/")[2]), 400_000)

    def test_no_secret_is_told(self):
        key_file = self.folder / "key-file"
        key_file.write_text(SECRETS["file"] + "\n")
        service = self.service({
            "access_keys": [{"name": "test", "value": SECRETS["key"]}, {"name": "second", "value": SECRETS["second"]},
                            {"name": "filed", "value_file": str(key_file)}],
            "store": {"access_key_id": "AKIATEST", "secret_access_key": SECRETS["s3"], "session_token": SECRETS["token"],
                      "proxy": f"http://cistern:{SECRETS['proxy']}@127.0.0.1:3128"}})
        service.send("--events", 10)
        config = service.config_file.read_text()
        service.config_file.write_text(config.replace('"second"', f'"sec ond {SECRETS["second"]}"').replace("info", SECRETS["s3"]))
        service.process.send_signal(signal.SIGHUP)
        status = self.wait_for_status(service, lambda s: s["configuration"]["last_reload"], "reload")
        self.assertFalse(status["configuration"]["last_reload"]["taken"])
        settings = {setting["name"]: setting["value"] for setting in status["configuration"]["settings"]}
        for name in ("access_keys.test.value", "access_keys.second.value", "store.secret_access_key", "store.proxy"):
            self.assertEqual(settings[name], "***")
        self.assertEqual(settings["access_keys.filed.value_file"], str(key_file))
        service.config_file.write_text(config)
        told = [self.get(service, path)[2] for path in ("/status.json", "/", "/status")] + [self.top(service)[1]]
        for text in told:
            for secret in SECRETS.values():
                self.assertNotIn(secret, text)

    def test_page_without_javascript(self):
        service = self.troubled()
        self.wait_for_status(service, lambda s: s["uploads"]["last_errors"], "fail to store")
        page = Page(self.get(service, "/")[2])
        status = self.status(service)
        self.assertNotIn("alert(1)", "".join(value or "" for _, value in page.attributes))
        self.assertEqual(page.tags.count("script"), 2)  # the template and ours: nothing that came from outside
        self.assertEqual(status["open"]["largest"][0]["key"][:len(NASTY)], NASTY)
        self.assertNotIn("{{", page.text)
        shown = {row[0]: row for row in page.rows}
        self.assertEqual(shown["200"][3], str(status["deliveries"]["by_status"][0]["total"]))
        self.assertEqual(shown["memory"][2], "512 MiB")
        self.assertEqual(shown["access_keys.test.value"][1], "***")
        self.assertIn(status["open"]["largest"][0]["key"], shown)
        self.assertIn(status["uploads"]["last_errors"][0]["text"], page.text)
        self.assertEqual({name for name, _ in page.attributes if name.startswith("on") or name == "style"}, set())

    def test_headers_and_methods(self):
        service = self.service()
        for path, kind in (("/", "text/html; charset=utf-8"), ("/status", "text/html; charset=utf-8"),
                           ("/status.json", "application/json"), ("/status.json?x=1", "application/json"),
                           ("/runbook.md", "text/plain; charset=utf-8")):
            for method in ("GET", "HEAD"):
                status, headers, body = self.get(service, path, method)
                self.assertEqual((status, headers["Content-Type"]), (200, kind))
                self.assertEqual((headers["Cache-Control"], headers["X-Content-Type-Options"], headers["Referrer-Policy"]),
                                 ("no-store", "nosniff", "no-referrer"))
                self.assertEqual(headers["Cross-Origin-Resource-Policy"], "same-origin")
                self.assertEqual(body == "", method == "HEAD")
                self.assertGreater(int(headers["Content-Length"]), 1000)
            for method in ("POST", "PUT", "DELETE", "OPTIONS"):
                status, headers, _ = self.get(service, path, method)
                self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))
        self.assertEqual(self.get(service, "/", "GET", **{"Content-Length": "3"})[0], 400)
        policy = self.get(service, "/")[1]["Content-Security-Policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        self.assertEqual((rules["default-src"], rules["frame-ancestors"], rules["connect-src"]), ("'none'", "'none'", "'self'"))
        self.assertNotIn("unsafe", policy)
        self.assertRegex(rules["script-src"], r"^'sha256-[A-Za-z0-9+/]{43}='$")

    def test_other_names_for_this_machine_are_refused(self):
        """DNS rebinding: a site points its own name at 127.0.0.1, so that its scripts may read what answers there."""
        service = self.service()
        port = service.metrics_port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", "LOCALHOST", f"[::1]:{port}"):
            self.assertEqual(self.get(service, "/status.json", Host=host)[0], 200, host)
        for host in (f"evil.example:{port}", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "[::1", ""):
            for path in ("/", "/status.json"):
                self.assertEqual(self.get(service, path, Host=host)[0], 421, host)
        self.assertEqual(self.get(service, "/metrics", Host="evil.example")[0], 200)

    def top(self, service, *options, **variables):
        done = subprocess.run([BINARY, "top", "--config", service.config_file, *options], capture_output=True, text=True,
                              env={**os.environ, **variables}, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_top_for_scripts(self):
        service = self.troubled()
        self.wait_for_status(service, lambda s: s["uploads"]["last_errors"], "fail to store")
        code, said = self.top(service)
        self.assertEqual(code, 0, said)
        for part in ("ready", "UPLOADS", "refused, see", "CisternUploadsRefused", "DEAD LETTERS", "test:", "OPEN PARTITIONS", "LIMITS"):
            self.assertIn(part, said)
        self.assertNotIn("\x1b", said)
        by_url = self.top(service, "--once", "--url", f"http://localhost:{service.metrics_port}/")
        self.assertEqual(by_url[0], 0)
        service.stop()
        code, said = self.top(service, "--once")
        self.assertEqual(code, 1)
        self.assertIn("/status.json: no connection: Connection refused", said)

    def terminal(self, service, *options, **variables):
        """A `cistern top` in a terminal of its own: process and the terminal's other end."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen([BINARY, "top", "--config", service.config_file, "--interval", "1", *options],
                                   stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                   env={**os.environ, **variables})
        self.addCleanup(lambda: process.poll() is None and process.kill())
        os.close(theirs)
        return process, ours

    def read_until(self, ours, wanted):
        seen, give_up = "", time.monotonic() + 30
        while wanted not in seen and time.monotonic() < give_up:
            if select.select([ours], [], [], 1)[0]:
                seen += os.read(ours, 1 << 16).decode()
        self.assertIn(wanted, seen)
        return seen

    def test_top_in_a_terminal(self):
        service = self.service()
        for ending in ("q", signal.SIGINT, signal.SIGTERM):
            process, ours = self.terminal(service, NO_COLOR="1" if ending == "q" else "")
            seen = self.read_until(ours, "LIMITS")
            self.assertEqual("\x1b[1m" in seen, ending != "q")
            self.assertTrue(seen.startswith("\x1b[?1049h\x1b[?25l"), seen[:40])
            if ending == "q":
                process.send_signal(signal.SIGWINCH)
                self.read_until(ours, "LIMITS")
                os.write(ours, b"q")
            else:
                process.send_signal(ending)
            self.read_until(ours, "\x1b[?25h\x1b[?1049l")
            self.assertEqual(process.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
