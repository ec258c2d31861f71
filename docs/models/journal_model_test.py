#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Spin finds no error in the models, within their bounds, and one in each variant with a planted defect.

    bazel test --test_env=SLOTWISE_DEEP=1 //docs/models:journal_model_test   larger bounds; minutes
    docs/models/journal_model_test.py --trail journal.pml LATE NO_SKIP ...   prints a variant's counterexample
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

FOLDER = pathlib.Path(__file__).parent
LATE = "LATE LATE_GROUPS LATE_SESSIONS LATE_HEADERS LATE_CHUNKS LATE_PAYLOADS "
# Where the model is stricter than the code; README.md says how.
CODE = "NO_BASE NO_HEAL BELIEVE_BLOCK "
THREE_CRASHES = LATE + "PUTS=0 CHECKPOINTS=2 CRASHES=3 "

# Name, model, macros.
HOLD = [
    ("claim, three puts", "journal.pml", "PUTS=3"),
    ("claim, three crashes", "journal.pml", "PUTS=2 CRASHES=3"),
    ("late writes, two puts", "journal.pml", LATE + "PUTS=2"),
    ("late writes, two checkpoints", "journal.pml", THREE_CRASHES),
    ("late writes, four crashes", "journal.pml", LATE + "PUTS=1 CHECKPOINTS=0 CRASHES=4 RING=8"),
    ("as the code is, late writes, three crashes", "journal.pml", LATE + "PUTS=1 CRASHES=3 " + CODE),
    ("end of a lap", "lap_end.pml", ""),
]
HOLD_DEEP = [
    ("as the code is, claim, three crashes", "journal.pml", "PUTS=2 CRASHES=3 " + CODE),
    ("as the code is, late writes, two puts", "journal.pml", LATE + "PUTS=2 " + CODE),
    ("claim, two checkpoints", "journal.pml", "PUTS=2 CHECKPOINTS=2"),
    ("claim, three puts, three crashes", "journal.pml", "PUTS=3 CRASHES=3"),
    ("late writes, two checkpoints, a put", "journal.pml", LATE + "PUTS=1 CHECKPOINTS=2 CRASHES=3"),
    ("late groups and sessions, two checkpoints", "journal.pml", "LATE LATE_GROUPS LATE_SESSIONS PUTS=2 CHECKPOINTS=2"),
]
SMALL = "PUTS=2 "
FOUR_CRASHES = "PUTS=1 CHECKPOINTS=0 CRASHES=4 RING=8 LATE LATE_GROUPS "
TWO_CHECKPOINTS = "PUTS=1 CHECKPOINTS=2 LATE LATE_HEADERS "
DEFECTS = [
    ("payloads are not flushed before their group", "journal.pml", SMALL + "NO_PAYLOAD_FLUSH"),
    ("blocks are reused before the removal is durable", "journal.pml", SMALL + "REUSE_EARLY"),
    ("the tail moves before the header is durable", "journal.pml", SMALL + "TAIL_EARLY"),
    ("no flush before a new session's first group", "journal.pml", SMALL + "NO_RESTART_FLUSH"),
    ("a checkpoint is sealed too early", "journal.pml", SMALL + "LATE LATE_HEADERS NO_BASE SEAL_EARLY"),
    ("no session numbers", "journal.pml", SMALL + "LATE LATE_GROUPS NO_SESSIONS"),
    ("no cut where the recovered records end", "journal.pml", SMALL + "LATE LATE_GROUPS NO_CUT"),
    ("the session block does not cut", "journal.pml", FOUR_CRASHES + "NO_BLOCK_CUT"),
    ("a late session block is believed", "journal.pml", FOUR_CRASHES + "LATE_SESSIONS BELIEVE_BLOCK"),
    ("no skip before a session's first group", "journal.pml", SMALL + "LATE LATE_GROUPS NO_SKIP"),
    ("a skip that forgets the end of a lap", "lap_end.pml", "SKIP_BYTES_ONLY"),
    ("one session block, torn", "journal.pml", FOUR_CRASHES + "SESSION_BLOCKS=1"),
    ("one session block, overwritten late", "journal.pml", FOUR_CRASHES + "LATE_SESSIONS SESSION_BLOCKS=1"),
    ("one header copy", "journal.pml", TWO_CHECKPOINTS + "HEADERS=1"),
    ("the header copy that is missing is not healed", "journal.pml", TWO_CHECKPOINTS + "CRASHES=3 NO_HEAL"),
    ("a header without its chunks is damage", "journal.pml", THREE_CRASHES + "NO_FALLBACK"),
    ("a dead session's late header is believed", "journal.pml", THREE_CRASHES + "NO_BASE"),
]
# What must be assumed of late writes: without it, Spin finds an error too.
ASSUMPTIONS = [
    ("a group may be late by a lap", "journal.pml", SMALL + "LATE LATE_GROUPS LATE_BY_A_LAP"),
    ("a chunk may be late by a checkpoint", "journal.pml", TWO_CHECKPOINTS + "LATE_CHUNKS LATE_BY_A_CHECKPOINT"),
]


def defines(macros):
    return ["-D" + macro for macro in macros.split()]


def run(command, folder):
    result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        raise AssertionError("%s: exit status %d\n%s" % (" ".join(command), result.returncode, result.stdout))
    return result.stdout


def check(model, macros, folder, optimisation="-O0"):
    """(errors, states stored, seconds) of one variant."""
    shutil.copy(FOLDER / model, folder)
    began = time.monotonic()
    run(["spin", *defines(macros), "-a", model], folder)
    run(["cc", optimisation, "-w", "-DSAFETY", "-DMEMLIM=8000", "-o", "pan", "pan.c"], folder)
    # A search that is not exhaustive would say so, and prove nothing.
    output = run(["./pan", "-E", "-m100000", "-w23"], folder)
    if re.search("max search depth too small|out of memory|reached -DMEMLIM", output):
        raise AssertionError("not searched to the end: %s: %s\n%s" % (model, macros, output))
    errors = int(re.search(r"errors: (\d+)", output)[1])
    states = int(re.search(r"(\d+) states, stored", output)[1])
    return errors, states, time.monotonic() - began


def print_trail(model, macros):
    with tempfile.TemporaryDirectory() as folder:
        errors, _, _ = check(model, " ".join(macros), folder)
        if errors == 0:
            return print("no error")
        subprocess.run(["spin", *defines(" ".join(macros)), "-t", "-p", "-g", "-T", model], cwd=folder)


class JournalModelTest(unittest.TestCase):
    def check_all(self, variants, judge, optimisation="-O0"):
        for name, model, macros in variants:
            with self.subTest(name), tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
                errors, states, seconds = check(model, macros, folder, optimisation)
                print("%-55s %d errors, %9d states, %4.1f s" % (name, errors, states, seconds), flush=True)
                judge(errors)

    def test_the_design_holds(self):
        deep = HOLD_DEEP if os.environ.get("SLOTWISE_DEEP") else []
        self.check_all(HOLD + deep, lambda errors: self.assertEqual(errors, 0), "-O2")

    def test_each_defect_is_found(self):
        self.check_all(DEFECTS, lambda errors: self.assertGreater(errors, 0))

    def test_each_assumption_is_needed(self):
        self.check_all(ASSUMPTIONS, lambda errors: self.assertGreater(errors, 0))


if __name__ == "__main__":
    if shutil.which("spin") is None:
        print("SKIPPED: no spin; tools/setup installs it")
        sys.exit(0)
    if sys.argv[1:2] == ["--trail"]:
        print_trail(sys.argv[2], sys.argv[3:])
    else:
        unittest.main()
