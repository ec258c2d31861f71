# SPDX-License-Identifier: Apache-2.0
"""Tests of test_summary.py, on build events and test.xml files as Bazel writes them."""

import contextlib
import io
import json
import os
import pathlib
import tempfile
import unittest
from unittest import mock

from tools.dev import test_summary

SUITE = "<testsuites><testsuite>%s</testsuite></testsuites>"
PASSED = '<testcase name="Works" classname="Suite" status="run"/>'
FAILED = '<testcase name="Fails" classname="Suite" status="run"><failure message="no"/></testcase>'
SKIPPED = '<testcase name="Skips" classname="Suite" result="skipped"><skipped message="needs&#10;root"/></testcase>'


class TestSummaryTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.events = self.folder / "asan.events.json"
        self.events.write_text(json.dumps({"id": {"started": {}}}) + "\n")

    def add_test(self, label, xml, status="PASSED"):
        path = self.folder / ("%s test.xml" % label.replace("/", "_"))
        path.write_text(SUITE % xml)
        outputs = [{"name": "test.xml", "uri": path.as_uri()}]
        event = {"id": {"testResult": {"label": label}}, "testResult": {"status": status, "testActionOutput": outputs}}
        with self.events.open("a") as events:
            events.write(json.dumps(event) + "\n")

    def summarise(self, *options):
        """The exit code and the printed lines."""
        out = io.StringIO()
        arguments = ["test_summary.py", *options, str(self.events)]
        with mock.patch("sys.argv", arguments), contextlib.redirect_stdout(out):
            return test_summary.main(), out.getvalue().splitlines()

    def test_counts_cases_and_steps(self):
        self.add_test("//a:b", PASSED + SKIPPED)
        code, lines = self.summarise("--steps_passed=2")
        self.assertEqual(code, 0)
        self.assertEqual(lines, ["skipped: [asan] //a:b Suite.Skips: needs root", "3 passed, 0 failed, 1 skipped"])

    def test_failed_case(self):
        self.add_test("//a:b", PASSED + FAILED, status="FAILED")
        code, lines = self.summarise()
        self.assertEqual(code, 1)
        self.assertEqual(lines, ["failed: [asan] //a:b Suite.Fails", "1 passed, 1 failed, 0 skipped"])

    def test_failed_step(self):
        self.add_test("//a:b", PASSED)
        code, lines = self.summarise("--step_failed=format")
        self.assertEqual(code, 1)
        self.assertEqual(lines, ["failed: format", "1 passed, 1 failed, 0 skipped"])

    def test_test_that_fails_after_its_cases_passed(self):
        self.add_test("//a:b", PASSED, status="FAILED")
        code, lines = self.summarise()
        self.assertEqual(code, 1)
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_unreadable_cases_are_one_case(self):
        self.add_test("//a:b", "\x01")
        self.add_test("//a:c", "\x01", status="FAILED")
        code, lines = self.summarise()
        self.assertEqual(code, 1)
        self.assertEqual(lines[-2:], ["failed: [asan] //a:c", "1 passed, 1 failed, 0 skipped"])

    def test_only_the_last_attempt_counts(self):
        self.add_test("//a:b", FAILED, status="FAILED")
        self.add_test("//a:b", PASSED)
        self.assertEqual(self.summarise()[1], ["1 passed, 0 failed, 0 skipped"])

    def test_nothing_ran_is_no_success(self):
        self.assertEqual(self.summarise(), (1, ["0 passed, 0 failed, 0 skipped"]))


if __name__ == "__main__":
    unittest.main()
