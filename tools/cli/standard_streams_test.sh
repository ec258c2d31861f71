#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What becomes of an answer that cannot be given, and of a store that is opened by
# a process without standard descriptors.
set -euo pipefail
slotwise=$(realpath "$1")
cd "$(mktemp -d "$TEST_TMPDIR/standard_streams.XXXXXX")"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

small="--model qwen2.5-0.5b --scale 1/256 --buffered"
"$slotwise" format --device store --capacity 16M $small
"$slotwise" replay --device store $small --requests 1
printf 'slotwise_gets_total{device="d",store="s"} 1\n' >metrics

# Standard output that takes nothing: exit code 1, and the reason.
answers=("info --device store --buffered" "check --device store --buffered --json" "check --device store --buffered"
  "replay --device store $small --requests 1" "format --device new --capacity 16M $small" "stat metrics" "--help" "replay --help")
for arguments in "${answers[@]}"; do
  for descriptor in '/dev/full' '&-'; do
    code=0
    rm -f new
    eval '"$slotwise" $arguments 2>errors' ">$descriptor" || code=$?
    [[ $code == 1 ]] || fail "exit code $code instead of 1 with standard output to $descriptor: slotwise $arguments"
    grep -q 'cannot write the answer to standard output: ' errors ||
      fail "no reason for the lost answer to slotwise $arguments: $(cat errors)"
  done
done
grep -q 'Bad file descriptor' errors || fail "another reason: $(cat errors)"

# Other failures keep their code.
code=0
"$slotwise" info --device missing --buffered >/dev/full 2>errors || code=$?
[[ $code == 2 ]] || fail "exit code $code instead of 2 for bad usage"

# A reader that has gone is no error: Python lets its children ignore SIGPIPE.
code=$(python3 - "$slotwise" <<'END'
import os, signal, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
done = subprocess.run([sys.argv[1], "info", "--device", "store", "--buffered"], stdout=writer, stderr=subprocess.PIPE, restore_signals=False)
print(done.returncode, "cannot write" in done.stderr.decode())
END
)
[[ $code == "0 False" ]] || fail "a closed pipe: $code"

# Without descriptors the store does not become one: nothing that is said lands in it.
expect_sound() {
  "$slotwise" check --device store --buffered --json >report || fail "the store is damaged after $*"
  grep -q '"superblock_copies_bad": 0' report || fail "something was written over the superblock: $*"
}
for closed in '2>&-' '>/dev/null 2>&-' '<&- >/dev/null 2>&-' '<&- >&- 2>&-' '>&- 2>&-' '>&-'; do
  # One that fails before the store is recovered, which would heal it, and one that serves.
  for arguments in '--capacity 8M' '--requests 2'; do
    eval '"$slotwise" replay --device store $small $arguments' "$closed" >/dev/null || true
    expect_sound "replay $arguments $closed"
  done
done
for closed in '2>&-' '<&- 2>&-'; do
  eval '"$slotwise" replay --device store $small --requests 2 >/dev/null' "$closed" || fail "exit code $? with $closed"
done
