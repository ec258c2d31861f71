#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two programs make the same store at once, the first one held back at each of its system calls that matter: the second
# is refused or takes over, and no store is left in a file that has no name any more.
set -euo pipefail
slotwise=$(realpath "$1")
directory=$(mktemp -d "$TEST_TMPDIR/create_race.XXXXXX")
cd "$directory"
small="--model qwen2.5-0.5b --scale 1/256 --buffered"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

strace -o trace true 2>/dev/null || {
  echo "SKIPPED: no strace here, or it may not trace"
  exit 0
}

# held CALL WHEN: a program that is held for half a second when it calls CALL for the WHEN-th time.
held() {
  strace -f -o trace -e trace="$1" -e inject="$1:delay_enter=500000:when=$2" "$slotwise" format --device store --capacity 4M $small
}

for place in "flock 1" "fallocate 1" "fsync 1" "fsync 2"; do
  rm -f store
  held $place >first 2>&1 &
  sleep 0.3
  second=0
  "$slotwise" format --device store --capacity 4M $small >second 2>&1 || second=$?
  first=0
  wait $! || first=$?
  echo "held at $place: $first and $second: $(tail -n 1 first) / $(tail -n 1 second)"
  ((first == 0 || second == 0)) || fail "held at $place: neither made a store"
  ((first == 2 || second == 2)) || fail "held at $place: both made a store"
  "$slotwise" check --device store --buffered >/dev/null || fail "held at $place: what is there is no store"
done

# Killed on the way: the next one takes over what is left.
for place in "flock 1" "fallocate 1" "fsync 1" "fsync 2"; do
  read -r call when <<<"$place"
  rm -f store
  strace -f -o trace -e trace="$call" -e inject="$call:signal=KILL:when=$when" \
    "$slotwise" format --device store --capacity 4M $small >first 2>&1 || true
  left=$(stat --format '%s bytes' store 2>/dev/null || echo nothing)
  "$slotwise" format --device store --capacity 4M $small || fail "killed at $place, which left $left: the next one does not start"
  echo "killed at $place, which left $left: the next one made its store"
done
