# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium shows the capacity report's page in light and in dark, and complains of nothing.

The screenshots are kept among the test's outputs.
"""

import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from tools.experiments import png_image, report, report_test

CHROMIUM = shutil.which("chromium")
OPTIONS = """--headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run --hide-scrollbars
--disable-background-networking --disable-component-update --disable-sync --enable-logging=stderr --v=0""".split()
# As Chromium numbers what a page's style sheet may ask for.
SCHEMES = {"dark": 0, "light": 1}
WIDTH, HEIGHT = 1280, 1800
PHONES = (320, 390)
COLOURS_MIN = 50
PAGE_COLOURS = {"light": (0xF5, 0xF6, 0xF8), "dark": (0x12, 0x16, 0x1C)}


class CapacityPageBrowserTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR")))
        cls.outputs = pathlib.Path(os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", cls.scratch))
        cls.page = cls.scratch / "page.html"
        cls.page.write_text(report.page_of(report_test.SAMPLE))

    def run_chromium(self, *options, page=None):
        """(standard output, log) of Chromium, which has a new profile and home."""
        home = tempfile.mkdtemp(dir=self.scratch)
        command = [CHROMIUM, *OPTIONS, "--user-data-dir=%s/profile" % home, *options, (page or self.page).as_uri()]
        environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home)
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout, result.stderr

    def screenshot(self, scheme):
        path = self.outputs / ("capacity_page_%s.png" % scheme)
        _, log = self.run_chromium(
            "--blink-settings=preferredColorScheme=%d" % SCHEMES[scheme],
            "--window-size=%d,%d" % (WIDTH, HEIGHT),
            "--screenshot=%s" % path,
        )
        self.assertEqual(console_lines(log), [])
        return png_image.read_png(path.read_bytes())

    def test_shows_light_and_dark(self):
        for scheme, page_colour in PAGE_COLOURS.items():
            image = self.screenshot(scheme)
            colours = png_image.colours(image)
            self.assertEqual((image.width, image.height), (WIDTH, HEIGHT))
            self.assertGreater(len(colours), COLOURS_MIN)
            self.assertIn(page_colour, [colour for colour, _ in colours.most_common(2)])

    def test_parses_as_it_was_written(self):
        for number, kind in enumerate([report_test.SAMPLE, report_test.hostile(report_test.SAMPLE), report_test.EMPTY]):
            page = self.scratch / ("kind_%d.html" % number)
            page.write_text(report.page_of(kind))
            document, log = self.run_chromium("--dump-dom", page=page)
            self.assertEqual(console_lines(log), [])
            self.assertNotIn("<script", document)
            for tag in ("svg", "section", "tr", "path", "text"):
                self.assertEqual(document.count("<%s" % tag), page.read_text().count("<%s" % tag), tag)

    def test_fits_a_phone(self):
        for width in PHONES:
            self.assertEqual(self.overflow(self.page.read_text(), width), "0")
        self.assertNotEqual(self.overflow("<!DOCTYPE html><p style='width: 1000px'>x", 390), "0", "would see it")

    def overflow(self, text, width):
        """By how many pixels `text` in a frame `width` pixels wide, as no window can be, is wider than the frame."""
        page = self.scratch / "frame.html"
        text = re.sub("<meta http-equiv[^>]*>", "", text)
        page.write_text("<!DOCTYPE html><iframe id=f style='width: %dpx; height: 800px; border: 0' srcdoc=\"%s\" "
                        "onload=\"document.title = f.contentDocument.documentElement.scrollWidth - %d\"></iframe>"
                        % (width, html.escape(text), width))  # fmt: skip
        document, _ = self.run_chromium("--dump-dom", page=page)
        return re.search("<title>(.*?)</title>", document)[1]

    def test_the_log_would_hold_a_complaint(self):
        page = self.scratch / "complaint.html"
        page.write_text("<!DOCTYPE html><title>x</title><script>console.error('canary')</script>")
        _, log = self.run_chromium("--dump-dom", page=page)
        self.assertEqual(len(console_lines(log)), 1)


def console_lines(log):
    return [line for line in log.splitlines() if re.search(r"CONSOLE", line)]


if __name__ == "__main__":
    if CHROMIUM is None:
        print("SKIPPED: no chromium; tools/setup installs it")
        sys.exit(0)
    unittest.main()
