"""The status page in a headless Chromium, before a Cistern under load: figures move, mouse and keyboard work, nothing
is complained of, nothing is asked of anybody else, and every text can be read. The long form; needs Debian's chromium.

CISTERN_STATUS_PICTURE=FILE writes the README's picture: CISTERN_LONG_TESTS=1 CISTERN_STATUS_PICTURE=../../deploy/status-page.png
"""
import os
import pathlib
import time
import unittest

from browser import CHROMIUM, Browser
from service import Service, ServiceCase

# The contrast (WCAG 2.2, 1.4.3) of each element with text of its own against what lies behind it; those below 4.5.
HARD_TO_READ = """(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if ((parts(color)[3] ?? 1) === 1) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const hard = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.tagName === "SCRIPT") continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) hard.push(`${element.tagName}.${element.className} "${element.textContent.slice(0, 30)}" ${contrast}`);
  }
  return hard;
})()"""
# Whole pages of the same moment: what the server made, and what the script makes of the document.
BOTH_PAGES = """(async () => {
  for (let tries = 0; tries < 20; tries += 1) {
    const [page, status] = await Promise.all([fetch("/").then((r) => r.text()), fetch("/status.json").then((r) => r.json())]);
    const theirs = new DOMParser().parseFromString(page, "text/html").getElementById("live").innerHTML;
    if (!theirs.includes(status.made_at)) continue;
    const ours = document.createElement("main");
    ours.innerHTML = cisternStatus.html(status);
    return [theirs, ours.innerHTML];
  }
})()"""


@unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS"), "long: needs a browser")
@unittest.skipUnless(CHROMIUM, "chromium is not installed: deploy/install-packages long")
class StatusPageTest(ServiceCase):
    def setUp(self):
        super().setUp()
        self.loaded = self.service({
            "memory_limit": "256MiB",
            "access_keys": [{"name": "production", "value": Service.ACCESS_KEY}, {"name": "production-old", "value": "o" * 40}],
            "partition": {"flush_age": "20s", "late_flush_age": "1m", "flush_size": "1MiB"}})
        sender = self.loaded.start_sender("--events", 3_000_000, "--connections", 2, "--late", "0.3:5d", "--spread", 30,
                                          "--nasty", "0.005", "--repeat", "0.05")
        self.addCleanup(sender.stdout.close)
        self.addCleanup(sender.wait)
        self.addCleanup(sender.kill)
        self.loaded.wait_for(lambda: self.loaded.metrics()["cistern_events_total"] > 20_000, 60, "be loaded")
        self.browser = Browser()
        self.addCleanup(self.browser.close)
        self.url = f"http://127.0.0.1:{self.loaded.metrics_port}/"

    def open(self, width=1280, **how):
        self.browser.look(width, mobile=width < 600, **how)
        self.browser.open(self.url)
        if how.get("scripts", True):
            self.wait_for_text("#freshness", "Live")

    def text(self, selector):
        return self.browser.run(f"document.querySelector('{selector}')?.textContent")

    def wait_for_text(self, selector, text):
        self.browser.wait_for(lambda: text in (self.text(selector) or ""), 30, f"show {text} in {selector}")

    def focused(self):
        return self.browser.run("document.activeElement.textContent.trim() || document.activeElement.id")

    def test_it_lives(self):
        self.open()
        before = self.text("time")
        self.browser.wait_for(lambda: self.text("time") != before, 30, "refresh")
        self.browser.click("#pause")
        self.wait_for_text("#freshness", "Paused.")
        self.assertEqual(self.text("#pause"), "Resume")
        stands = self.text("main")
        time.sleep(3)
        self.assertEqual(self.text("main"), stands)
        self.browser.click("#pause")
        self.browser.wait_for(lambda: self.text("main") != stands, 30, "go on")
        theirs, ours = self.browser.run(BOTH_PAGES)
        self.assertEqual(theirs, ours)
        self.expect_no_complaint()
        self.loaded.kill()
        self.wait_for_text("#freshness", "No answer")
        self.assertEqual(self.browser.run("document.getElementById('live').className"), "stale")
        self.loaded.start()
        self.wait_for_text("#freshness", "Live")

    def expect_no_complaint(self):
        self.assertEqual(self.browser.complaints, [])
        elsewhere = {url for url in self.browser.requested if not url.startswith(self.url) and url != "data:,"}
        self.assertEqual(elsewhere, set())

    def test_mouse_and_keyboard(self):
        self.open()
        self.browser.click(".heat td a")
        hour = self.browser.run("location.hash.slice(1)")
        self.assertRegex(hour, r"^h\d{4}-\d\d-\d\dT\d\d$")
        self.assertTrue(self.browser.run("document.querySelector('tr:target').textContent.includes(location.hash.slice(2, 6))"))
        self.open()
        self.browser.press("Tab", 9)
        self.assertEqual(self.focused(), "Skip to the figures")
        reached = []
        while self.browser.run("document.activeElement.tagName") != "SUMMARY":
            self.browser.press("Tab", 9)
            reached.append(self.focused())
            self.assertLess(len(reached), 600, reached[-20:])
        for name in ("status.json", "metrics", "runbook", "Pause"):
            self.assertIn(name, reached)
        rows = "[...document.querySelectorAll('.settings tr')].filter(row => row.checkVisibility()).length"
        self.assertEqual(self.browser.run(rows), 0)
        self.browser.press("Enter", 13)
        self.browser.wait_for(lambda: self.browser.run(rows) > 5, 10, "unfold the configuration")
        changed = self.browser.run(rows)
        self.browser.press("Tab", 9)
        self.browser.press(" ", 32)
        self.browser.wait_for(lambda: self.browser.run(rows) > changed + 50, 10, "show the defaults")
        before = self.text("time")
        self.browser.wait_for(lambda: self.text("time") != before, 30, "refresh")
        self.assertGreater(self.browser.run(rows), changed + 50)  # what was unfolded stays so
        self.assertEqual(self.focused(), "defaults")
        self.assertNotIn(Service.ACCESS_KEY, self.text("body"))
        self.expect_no_complaint()

    def test_two_widths_light_and_dark_with_and_without_scripts(self):
        self.loaded.wait_for(lambda: self.loaded.metrics()["cistern_stored_objects_total"] > 20, 90, "store objects")
        for width in (1280, 390):
            for dark in (False, True):
                for scripts in (True, False):
                    with self.subTest(width=width, dark=dark, scripts=scripts):
                        self.open(width, dark=dark, scripts=scripts)
                        self.browser.do("Emulation.setScriptExecutionDisabled", value=False)  # for our own questions
                        self.assertEqual(self.browser.run("document.documentElement.scrollWidth"), width)
                        self.assertGreater(self.browser.run("document.querySelectorAll('.heat td a').length"), 5)
                        self.assertEqual(self.browser.run(HARD_TO_READ), [])
                        shot = self.folder / "page.png"
                        self.browser.screenshot(shot)
                        self.assertGreater(shot.stat().st_size, 20_000)
        self.expect_no_complaint()
        if picture := os.environ.get("CISTERN_STATUS_PICTURE"):
            self.open(1100)
            self.browser.screenshot(pathlib.Path(picture), height=860)
            self.assertLess(pathlib.Path(picture).stat().st_size, 200_000)


if __name__ == "__main__":
    unittest.main()
