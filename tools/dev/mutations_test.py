# SPDX-License-Identifier: Apache-2.0
"""Tests of allocator_mutations.py, against the sources of the allocators."""

import collections
import pathlib
import unittest

from tools.dev.allocator_mutations import MUTATIONS, Mutation


class AllocatorMutationsTest(unittest.TestCase):
    def test_matches_one_place_only(self):
        mutation = Mutation("name", "path", "a < b", "a <= b")
        self.assertTrue(mutation.matches("if (a < b) return;"))
        self.assertFalse(mutation.matches("if (a > b) return;"))
        self.assertFalse(mutation.matches("if (a < b && a < b) return;"))
        self.assertEqual(mutation.apply("if (a < b) return;"), "if (a <= b) return;")

    def test_every_fault_can_be_planted(self):
        sources = {path: pathlib.Path(path).read_text() for path in {m.path for m in MUTATIONS}}
        stale = [m.name for m in MUTATIONS if not m.matches(sources[m.path])]
        self.assertEqual(stale, [], "adapt these to the sources")

    def test_every_fault_is_another(self):
        names = collections.Counter(m.name for m in MUTATIONS)
        self.assertEqual([name for name, count in names.items() if count > 1], [])
        self.assertEqual(len({(m.path, m.original, m.mutant) for m in MUTATIONS}), len(MUTATIONS))
        self.assertEqual([m.name for m in MUTATIONS if m.original == m.mutant], [])


if __name__ == "__main__":
    unittest.main()
