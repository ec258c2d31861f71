# SPDX-License-Identifier: Apache-2.0
"""Plants faults in a copy of the sources, one at a time, and shows which ones the tests find."""

import argparse
import contextlib
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
# As tools/test calls Bazel, which shares compiled sources with it, but with a server and outputs of its own.
BAZEL = 'source tools/build_environment.sh; bazel_startup+=("--output_base=$0"); slotwise_bazel "$@"'
# By size, in seconds; far more than the tests take: a fault that hangs them is found.
TIMEOUTS = "120,900,1800,3600"
# Bazel's exit codes.
PASSED, TESTS_FAILED = 0, 3


def sources():
    """What git knows and what it would take in: the files as they are, committed or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [path for path in listed.split("\0") if path and (REPOSITORY / path).is_file()]


class Clone:
    """A copy of the sources in a folder of its own, and what Bazel makes of it."""

    def __init__(self, folder, config):
        self.root = folder / "slotwise"
        self._output = folder / "bazel"
        self._config = [f"--config={config}"] if config else []
        self._sound = set()  # tests that pass without any fault
        for path in sources():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / path, self.root / path)

    def bazel(self, command, *arguments):
        return subprocess.run(["bash", "-euo", "pipefail", "-c", BAZEL, self._output, command, *arguments],
                              cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test(self, targets, *options):
        return self.bazel("test", *self._config, "--noshow_progress", "--test_env=RC_PARAMS=seed=1",
                          f"--test_timeout={TIMEOUTS}", *options, *targets)

    # A test that fails ends there, and what a fault makes of the sources is of no use to other clones.
    def test_fault(self, target):
        return self.test([target], "--test_runner_fail_fast", "--noremote_upload_local_results")

    def require_soundness(self, targets):
        """Ends the program if one of them fails without any fault: it would find every fault."""
        unknown = sorted(set(targets) - self._sound)
        if unknown and (result := self.test(unknown)).returncode != PASSED:
            sys.exit("without any fault the tests fail:\n" + result.stdout)
        self._sound.update(unknown)

    @contextlib.contextmanager
    def planted(self, mutation):
        source = self.root / mutation.path
        original = source.read_text()
        source.write_text(mutation.apply(original))
        try:
            yield
        finally:
            source.write_text(original)


@contextlib.contextmanager
def clone(config):
    with tempfile.TemporaryDirectory(prefix="mutate.") as folder:
        made = Clone(pathlib.Path(folder), config)
        try:
            yield made
        finally:
            made.bazel("clean", "--expunge")


def first_failure(output):
    """` (CASE)`, of GoogleTest or unittest; empty if a test fails as a whole, by a crash or a time limit."""
    found = re.search(r"^\[  FAILED  \] ([^\s,(]+)|^(?:FAIL|ERROR): (\w+)", output, re.MULTILINE)
    return f" ({found[1] or found[2]})" if found else ""


def outcome_of(mutation, clone):
    """(which test found it or None, what came of it)."""
    for target in mutation.tests:
        with clone.planted(mutation):
            result = clone.test_fault(target)
        if result.returncode == TESTS_FAILED:
            clone.require_soundness([target])
            return target, f"killed by {target}{first_failure(result.stdout)}"
        if result.returncode != PASSED:
            return None, "DOES NOT BUILD:\n" + result.stdout
    return None, "SURVIVED " + ", ".join(mutation.tests)


def judge(mutation, clone):
    """(whether all is as it should be, what came of it)."""
    killer, text = outcome_of(mutation, clone)
    if not mutation.equivalent:
        return killer is not None, text
    if killer is not None:
        return False, f"MARKED EQUIVALENT, yet {text}"
    return text.startswith("SURVIVED"), f"{text}, as it should: {mutation.equivalent}"


def mutate(mutations, clone):
    """The number of those that came out as they should."""
    print("building and running tests without any fault", flush=True)
    clone.require_soundness({mutation.tests[0] for mutation in mutations})
    good = 0
    for number, mutation in enumerate(mutations, 1):
        began = time.monotonic()
        as_it_should_be, text = judge(mutation, clone)
        good += as_it_should_be
        print(f"[{number}/{len(mutations)}, {time.monotonic() - began:.0f} s] {mutation.name}: {text}", flush=True)
    return good


def chosen(mutations, arguments):
    named = [m for m in mutations if not arguments.only or any(word in m.name for word in arguments.only)]
    if arguments.sample is None:
        return named
    cheap = [m for m in named if m.is_cheap]
    print(f"--sample={arguments.sample} --seed={arguments.seed}: of {len(cheap)} that the test beside the source finds")
    return random.Random(arguments.seed).sample(cheap, min(arguments.sample, len(cheap)))


def parse(description, arguments):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="say what they are, and plant none")
    parser.add_argument("--only", action="append", metavar="NAME", help="those with this in their name; may be repeated")
    parser.add_argument("--sample", type=int, metavar="N", help="so many, drawn of those that cost little")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the sample, to draw it again")
    parser.add_argument("--config", help="Bazel's configuration, such as fast; default: tools/test's first")
    return parser.parse_args(arguments)


def main(description, mutations, arguments=None):
    arguments = parse(description, arguments)
    wanted = chosen(mutations, arguments)
    if arguments.list:
        print("\n".join(f"{m.path}: {m.name}" for m in wanted))
        return 0
    stale = [m.name for m in wanted if not m.matches((REPOSITORY / m.path).read_text())]
    if stale or not wanted:
        sys.exit(f"not planted exactly once: {', '.join(stale)}" if stale else "no fault has such a name")
    with clone(arguments.config) as sources_cloned:
        good = mutate(wanted, sources_cloned)
    equivalent = sum(1 for m in wanted if m.equivalent)
    note = f", {equivalent} of them equivalent" if equivalent else ""
    print(f"{good} of {len(wanted)} came out as they should{note}")
    return 0 if good == len(wanted) else 1
