#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plants mistakes in sources, and looks for them."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CLEAN = "int Double%d(int value) { return value + value; }\n"
DIVIDES_BY_ZERO = "int Divide(int value) {\n  int zero = 0;\n  return value / zero;\n}\n"


class UnifiedTidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.commands = []
        self.write(".clang-tidy", "Checks: 'clang-analyzer-core.*,clang-diagnostic-*'\nWarningsAsErrors: '*'\n")

    def write(self, path, text):
        file = pathlib.Path(self.folder, path)
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def add(self, path, text, *options):
        self.write(path, text)
        arguments = ["/usr/bin/gcc", *options, "-MD", "-MF", path + ".d", "-iquote", ".", "-c", path, "-o", path + ".o"]
        self.commands.append({"directory": self.folder, "file": path, "arguments": arguments})

    def run_tidy(self, pattern, *marks):
        script = os.path.realpath(os.path.join(os.path.dirname(__file__), "unified_tidy.py"))
        result = subprocess.run(
            [script, pattern, *marks], input=json.dumps(self.commands), cwd=self.folder, capture_output=True, text=True
        )
        self.checked = result.stderr.strip()
        return result.returncode, result.stdout

    def test_clean_sources_pass(self):
        for number in range(5):
            self.add("folder/clean%d.cc" % number, CLEAN % number)
        self.assertEqual(self.run_tidy("^folder/"), (0, ""))

    def test_each_finding_is_reported_once_of_its_own_source(self):
        for number in range(20):
            self.add("folder/clean%d.cc" % number, CLEAN % number)
        self.add("folder/wrong.cc", "static " + DIVIDES_BY_ZERO + "int Use() { return Divide(1); }\n")
        self.add("other/wrong.cc", DIVIDES_BY_ZERO)
        code, output = self.run_tidy(".")
        self.assertEqual(code, 1)
        for path in "folder/wrong.cc", "other/wrong.cc":
            self.assertEqual(output.count(path + ":3:16: error: Division by zero"), 1, output)

    def test_sources_with_equal_names_are_checked_apart(self):
        self.add("folder/one.cc", "namespace {\nint Twice() { return 2; }\n}\nint One() { return Twice(); }\n")
        self.add("folder/two.cc", "namespace {\nint Twice() { return 4; }\n}\nint Two() { return Twice(); }\n")
        self.assertEqual(self.run_tidy("."), (0, ""))

    def test_sources_with_other_options_are_checked_with_their_own(self):
        self.add("folder/one.cc", CLEAN % 1, "-DONE")
        self.add("folder/two.cc", "#ifndef TWO\n#error TWO is missing\n#endif\n", "-DTWO")
        self.assertEqual(self.run_tidy("."), (0, ""))

    def test_what_only_sources_together_show_is_reported(self):
        self.add("folder/callee.cc", "int Divide(int value, int by) { return value / by; }\n")
        self.add("folder/caller.cc", "int Divide(int value, int by);\nint Call() { return Divide(1, 0); }\n")
        code, output = self.run_tidy(".")
        self.assertEqual(code, 1)
        self.assertIn("Division by zero", output)

    def test_only_matching_sources_are_checked_and_there_must_be_some(self):
        self.add("folder/wrong.cc", DIVIDES_BY_ZERO)
        self.add("folder/clean.cc", CLEAN % 0)
        self.assertEqual(self.run_tidy("clean"), (0, ""))
        self.assertEqual(self.run_tidy("absent"), (1, ""))

    def test_what_passed_is_checked_again_only_when_it_or_a_header_that_it_reaches_changes(self):
        self.write("folder/inner.h", "inline int Zero() { return 1; }\n")
        self.write("folder/outer.h", '#include "folder/inner.h"\n')
        self.add("folder/user.cc", '#include "folder/outer.h"\nint Use() { return 1 / Zero(); }\n')
        self.add("folder/other.cc", CLEAN % 0)
        self.add("elsewhere/wrong.cc", DIVIDES_BY_ZERO)
        for checked in "3 of 3", "1 of 3":
            self.assertEqual(self.run_tidy(".", "marks")[0], 1)
            self.assertEqual(self.checked, "checked %s sources" % checked)
        self.write("folder/inner.h", "inline int Zero() { return 0; }\n")
        code, output = self.run_tidy("user|other", "marks")
        self.assertEqual((code, self.checked), (1, "checked 1 of 2 sources"))
        self.assertIn("Division by zero", output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
