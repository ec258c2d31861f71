# SPDX-License-Identifier: Apache-2.0
"""No folder includes one above it, none includes in a circle, and none is crowded."""

import pathlib
import tempfile
import unittest

from tests.layering import include_graph

# Through Bazel's links to the repository itself: it looks at every file.
ROOT = pathlib.Path(__file__).resolve().parents[2]


def wrong(*pairs):
    return list(include_graph.wrong_arrows(include_graph.graph_of(pairs)))


class IncludeGraphTest(unittest.TestCase):
    def test_this_repository(self):
        graph = include_graph.graph_of(include_graph.includes(ROOT))
        self.assertGreater(len(graph), 10)
        self.assertEqual(list(include_graph.wrong_arrows(graph)), [])
        self.assertEqual(include_graph.crowded(ROOT), {})
        self.assertEqual(include_graph.heavy_headers(ROOT), [])
        print(include_graph.text_of(graph))

    def test_an_arrow_down_is_right(self):
        self.assertEqual(wrong(("rawblock/core/a.cc", "rawblock/log/b.h"), ("allocator/a.cc", "allocator/b.h")), [])

    def test_an_arrow_up_is_found(self):
        up = ("rawblock/disk/a.cc", "rawblock/log/b.h")
        self.assertEqual(wrong(up), ["rawblock/disk/a.cc includes rawblock/log/b.h, which is no room below it"])

    def test_a_circle_is_found(self):
        self.assertEqual(len(wrong(("tools/cli/a.h", "tools/base/b.h"), ("tools/base/b.h", "tools/cli/a.h"))), 1)

    def test_space_and_io_know_nothing_of_each_other(self):
        self.assertEqual(len(wrong(("allocator/a.h", "iouring/b.h"), ("iouring/b.h", "allocator/a.h"))), 2)

    def test_only_tests_use_what_is_for_tests(self):
        self.assertEqual(len(wrong(("rawblock/core/a.cc", "rawblock/testing/b.h"))), 1)
        self.assertEqual(wrong(("rawblock/core/a_test.cc", "rawblock/testing/b.h")), [])

    def test_a_room_without_a_storey_is_found(self):
        self.assertEqual(len(wrong(("attic/a.cc", "allocator/b.h"))), 1)

    def test_a_header_with_a_logging_or_stream_library_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "light.h").write_text("#include <iosfwd>\n")
            pathlib.Path(folder, "heavy.h").write_text('#pragma once\n#include "glog/logging.h"\n')
            pathlib.Path(folder, "heavy.cc").write_text("#include <iostream>\n")
            self.assertEqual(include_graph.heavy_headers(folder), ["heavy.h"])

    def test_a_crowded_folder_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "room").mkdir()
            for number in range(61):
                self.assertEqual(include_graph.crowded(folder), {})
                pathlib.Path(folder, "room", "%d.cc" % number).touch()
            self.assertEqual(include_graph.crowded(folder), {"room": 61})


if __name__ == "__main__":
    unittest.main()
