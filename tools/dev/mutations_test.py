# SPDX-License-Identifier: Apache-2.0
"""Tests of mutation.py and mutate.py, and of the two tables against the sources and BUILD files."""

import collections
import contextlib
import io
import pathlib
import re
import unittest

from tools.dev import allocator_mutations, mutate, store_mutations
from tools.dev.mutation import Mutation, equivalents_of, mutations_of

# Through Bazel's links to the repository itself: the faults may be in any source of it.
ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = {"allocator": allocator_mutations.MUTATIONS, "store": store_mutations.MUTATIONS}
EXAMPLE = Mutation("name", "room/noun.cc", "a < b", "a <= b", ("//room:noun_test",))


class TablesTest(unittest.TestCase):
    def test_every_fault_can_be_planted(self):
        for mutations in TABLES.values():
            sources = {path: (ROOT / path).read_text() for path in {m.path for m in mutations}}
            self.assertEqual([m.name for m in mutations if not m.matches(sources[m.path])], [], "adapt these to the sources")

    def test_every_fault_is_another(self):
        for mutations in TABLES.values():
            names = collections.Counter(m.name for m in mutations)
            self.assertEqual([name for name, count in names.items() if count > 1], [])
            self.assertEqual(len({(m.path, m.original, m.mutant) for m in mutations}), len(mutations))
            self.assertEqual([m.name for m in mutations if m.original == m.mutant], [])

    def test_every_test_is_there(self):
        labels = {target for mutations in TABLES.values() for m in mutations for target in m.tests}
        for label in sorted(labels):
            package, name = label.removeprefix("//").split(":")
            declared = re.findall(r'_test\(\s*name = "(\w+)"', (ROOT / package / "BUILD.bazel").read_text())
            self.assertIn(name, declared, label)

    def test_no_room_is_forgotten(self):
        rooms = collections.Counter(str(pathlib.PurePath(m.path).parent) for m in store_mutations.MUTATIONS)
        for room in ("disk", "log", "core", "eviction", "make", "store"):
            self.assertGreaterEqual(rooms[f"rawblock/{room}"], 5, room)
        self.assertGreaterEqual(rooms["iouring"], 5)
        self.assertGreaterEqual(rooms["lmcache"], 5)
        self.assertGreaterEqual(len(TABLES["store"]), 40)

    def test_a_sample_can_be_drawn(self):
        for mutations in TABLES.values():
            self.assertGreater(len({m.path for m in mutations if m.is_cheap}), 10)


class MutationTest(unittest.TestCase):
    def test_matches_one_place_only(self):
        self.assertTrue(EXAMPLE.matches("if (a < b) return;"))
        self.assertFalse(EXAMPLE.matches("if (a > b) return;"))
        self.assertFalse(EXAMPLE.matches("if (a < b && a < b) return;"))
        self.assertEqual(EXAMPLE.apply("if (a < b) return;"), "if (a <= b) return;")

    def test_a_fault_may_have_tests_of_its_own(self):
        first, second = mutations_of("a.cc", ["//a:a_test"], [("1", "a", "b"), ("2", "c", "d", ["//b:b_test"])])
        self.assertEqual((first.tests, second.tests), (("//a:a_test",), ("//b:b_test",)))

    def test_cheap_is_what_the_test_beside_the_source_finds(self):
        self.assertTrue(EXAMPLE.is_cheap)
        (header,) = mutations_of("room/noun.h", EXAMPLE.tests, [("header", "a", "b")])
        (elsewhere,) = mutations_of("room/noun.cc", ["//tests:whole_test"], [("elsewhere", "a", "b")])
        (equivalent,) = equivalents_of("room/noun.cc", EXAMPLE.tests, [("equivalent", "a", "b", "because")])
        self.assertFalse(header.is_cheap or elsewhere.is_cheap or equivalent.is_cheap)


class FakeClone:
    """Answers of Bazel by test: what it exits with, with the fault; without it all pass but `unsound`."""

    def __init__(self, exits, unsound=()):
        self._exits, self._unsound, self._fault = exits, unsound, None

    @contextlib.contextmanager
    def planted(self, mutation):
        self._fault = mutation
        yield
        self._fault = None

    def test_fault(self, target):
        assert self._fault is not None
        return type("Result", (), {"returncode": self._exits[target], "stdout": "[  FAILED  ] Noun.Case, more\n"})

    def require_soundness(self, targets):
        assert self._fault is None
        if set(targets) & set(self._unsound):
            raise SystemExit("unsound")


def mutation(*tests, equivalent=""):
    return Mutation("name", "room/noun.cc", "a", "b", tests, equivalent)


class MutateTest(unittest.TestCase):
    def test_the_first_test_that_fails_finds_it(self):
        good, text = mutate.judge(mutation("//a:a", "//b:b", "//c:c"), FakeClone({"//a:a": 0, "//b:b": 3}))
        self.assertEqual((good, text), (True, "killed by //b:b (Noun.Case)"))

    def test_what_no_test_finds_has_survived(self):
        good, text = mutate.judge(mutation("//a:a", "//b:b"), FakeClone({"//a:a": 0, "//b:b": 0}))
        self.assertEqual((good, text), (False, "SURVIVED //a:a, //b:b"))

    def test_what_does_not_build_proves_nothing(self):
        good, text = mutate.judge(mutation("//a:a"), FakeClone({"//a:a": 1}))
        self.assertFalse(good)
        self.assertIn("DOES NOT BUILD", text)

    def test_what_is_equivalent_must_survive(self):
        self.assertTrue(mutate.judge(mutation("//a:a", equivalent="why"), FakeClone({"//a:a": 0}))[0])
        self.assertFalse(mutate.judge(mutation("//a:a", equivalent="why"), FakeClone({"//a:a": 3}))[0])
        self.assertFalse(mutate.judge(mutation("//a:a", equivalent="why"), FakeClone({"//a:a": 1}))[0])

    def test_a_test_that_fails_without_a_fault_finds_none(self):
        with self.assertRaises(SystemExit):
            mutate.judge(mutation("//a:a"), FakeClone({"//a:a": 3}, unsound=["//a:a"]))

    def test_one_seed_draws_one_sample(self):
        mutations = [Mutation(str(i), f"room/{i}.cc", "a", "b", ("//room:a_test",)) for i in range(100)]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            samples = [mutate.chosen(mutations, mutate.parse("", ["--sample=3", f"--seed={seed}"])) for seed in (7, 7, 8)]
        self.assertEqual(samples[0], samples[1])
        self.assertNotEqual(samples[0], samples[2])
        self.assertEqual(len(samples[0]), 3)
        self.assertIn("--sample=3 --seed=7", printed.getvalue())

    def test_only_takes_each_word(self):
        mutations = [Mutation(name, "room/noun.cc", name, "b", ("//room:a_test",)) for name in ("ab", "bc", "cd")]
        self.assertEqual([m.name for m in mutate.chosen(mutations, mutate.parse("", ["--only=a", "--only=d"]))], ["ab", "cd"])
        self.assertEqual(mutate.chosen(mutations, mutate.parse("", [])), mutations)


if __name__ == "__main__":
    unittest.main()
