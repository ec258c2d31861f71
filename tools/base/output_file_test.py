#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import tempfile
import unittest

from tools.base import output_file


class OutputFileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def path(self, name, text=None):
        path = self.folder / name
        if text is not None:
            path.write_bytes(text)
        return path

    def assert_never_written(self, path, reason):
        for attempt in (lambda: output_file.check([path]), lambda: output_file.write(path, "x")):
            with self.assertRaisesRegex(output_file.Refused, reason):
                attempt()

    def test_writes_and_replaces_and_leaves_nothing_else(self):
        path = self.path("report")
        self.path("report.unfinished", b"of one who was killed")
        for text in ("a long text\n", "short \u00fc\n"):
            output_file.check([path, None], [self.path("trace")])
            output_file.write(path, text)
            self.assertEqual(path.read_text(encoding="utf-8"), text)
        self.assertEqual(os.listdir(self.folder), ["report"])

    def test_refuses_what_is_no_regular_file(self):
        os.mkfifo(self.path("pipe"))
        self.path("link").symlink_to("nowhere")
        self.assert_never_written(self.folder, "not a regular file")
        self.assert_never_written("/dev/null", "not a regular file")
        self.assert_never_written(self.path("pipe"), "not a regular file")
        self.assert_never_written(self.path("link"), "symbolic link")
        self.assert_never_written(self.folder / "missing" / "report", "folder does not exist")
        self.path("link").rename(self.path("report.unfinished"))
        self.assert_never_written(self.path("report"), "symbolic link")

    def test_refuses_a_store_by_either_copy_of_its_superblock(self):
        for store in (b"SLOTWISE", bytes(128 << 10) + b"SLOTWISE"):
            self.assert_never_written(self.path("store", store), "holds a Slotwise store")
            self.assertEqual(self.path("store").read_bytes(), store)

    def test_refuses_what_is_kept_by_whatever_name(self):
        trace = self.path("trace", b"text")
        os.link(trace, self.path("other_name"))
        for output in (trace, self.folder / ".." / self.folder.name / "trace", self.path("other_name")):
            with self.assertRaisesRegex(output_file.Refused, "would overwrite"):
                output_file.check([output], [trace])
        with self.assertRaisesRegex(output_file.Refused, "would overwrite"):
            output_file.check([self.path("new")], [self.path("new.unfinished")])

    def test_refuses_two_outputs_in_one_file(self):
        for other in ("a", "a.unfinished"):
            for pair in (("a", other), (other, "a")):
                with self.assertRaisesRegex(output_file.Refused, "written there too"):
                    output_file.check([self.path(name) for name in pair])


if __name__ == "__main__":
    unittest.main()
