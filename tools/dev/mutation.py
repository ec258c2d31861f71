# SPDX-License-Identifier: Apache-2.0
"""A fault that tools/dev/mutate.py plants: one exact substitution in one source, and the tests that must fail then."""

import dataclasses
import posixpath

# They take far longer than to build them; nobody waits for them in a sample.
_LONG_TESTS = {"//lmcache:conformance_test"}


@dataclasses.dataclass(frozen=True)
class Mutation:
    name: str
    path: str
    original: str
    mutant: str
    # Labels of tests, of which one must fail: the one beside the source first.
    tests: tuple[str, ...]
    # Why no test can fail; empty: one must.
    equivalent: str = ""

    def matches(self, source):
        """Whether the fault can be planted in exactly one place of `source`."""
        return source.count(self.original) == 1

    def apply(self, source):
        return source.replace(self.original, self.mutant)

    @property
    def is_cheap(self):
        """Whether the test beside the source finds it, and little else is compiled for that."""
        beside = f"//{posixpath.dirname(self.path)}:"
        return (self.path.endswith(".cc") and not self.equivalent and self.tests[0].startswith(beside)
                and self.tests[0] not in _LONG_TESTS)


def mutations_of(path, tests, faults):
    """Faults of one source, each (name, original, mutant) or, if another test finds it, (name, original, mutant, tests)."""
    return [Mutation(name, path, original, mutant, tuple(own[0] if own else tests))
            for name, original, mutant, *own in faults]


def equivalents_of(path, tests, faults):
    """What changes nothing that a test could see, each (name, original, mutant, reason)."""
    return [Mutation(name, path, original, mutant, tuple(tests), reason) for name, original, mutant, reason in faults]
