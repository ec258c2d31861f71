# SPDX-License-Identifier: Apache-2.0
"""What a consumer's compiler reads of ours: a few headers, all of slotwise/."""

import pathlib
import re
import unittest

HEADERS_MAX = 12


def includes(header):
    """(own headers, others) that `header` includes, as it spells them."""
    names = re.findall(r'^#include [<"]([^">]+)[">]', pathlib.Path(header).read_text(), re.MULTILINE)
    own = [name for name in names if "/" in name and not name.startswith(("absl/", "sys/"))]
    return own, [name for name in names if name not in own]


def reached(header):
    """`header` and every header of ours that it includes, directly or not."""
    found, left = set(), [header]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            if name.startswith("slotwise/"):
                left += includes(name)[0]
    return found


class PublicHeadersReachTest(unittest.TestCase):
    def test_the_store_reaches_few(self):
        headers = reached("slotwise/raw_block_store.h")
        print(f"slotwise/raw_block_store.h reaches {len(headers)} own headers:", *sorted(headers))
        self.assertGreater(len(headers), 1)
        self.assertLessEqual(len(headers), HEADERS_MAX)

    def test_none_reaches_a_room_a_library_or_iostream(self):
        for header in map(str, pathlib.Path("slotwise").glob("*.h")):
            with self.subTest(header):
                own, others = includes(header)
                self.assertEqual([name for name in own if not name.startswith("slotwise/")], [])
                self.assertFalse({"iostream", "ostream", "istream", "sstream", "iomanip"} & set(others))


if __name__ == "__main__":
    unittest.main()
