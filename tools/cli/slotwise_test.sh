#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The life of a store on the command line: made, filled, reopened, examined,
# damaged, made anew.
set -euo pipefail
slotwise=$(realpath "$1")
cd "$(mktemp -d "$TEST_TMPDIR/slotwise.XXXXXX")"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE ARGUMENT...: runs slotwise; its output is in $output.
expect() {
  local expected=$1 code=0
  shift
  output=$("$slotwise" "$@" 2>&1) || code=$?
  echo "$output"
  [[ $code == "$expected" ]] || fail "exit code $code instead of $expected: slotwise $*"
}

# number KEY: its first value in report.json.
number() { sed -n "s/^ *\"$1\": \([^,]*\),\?$/\1/p" report.json | head -1; }

small="--model deepseek-v4-flash --scale 1/256 --buffered"

expect 0 --help
expect 0 replay --help

expect 0 replay --device store --capacity 24M $small --requests 60 --json report.json --durability durable
[[ $(stat --format %s store) == $((24 << 20)) ]] || fail "the store has another size than its capacity"
[[ $(number wrong_bytes) == 0 && $(number checksum_failures) == 0 && $(number requests) == 60 ]] || fail "bad report"
evictions=$(number evictions)
((evictions > 0)) || fail "nothing was evicted"

expect 0 info --device store --buffered
grep -q 'allocator *extent (up to 8 pieces from ' <<<"$output" || fail "info does not name the engine"
grep -q '^io .*page cache' <<<"$output" || fail "info does not say how the device is driven"
grep -q '^buffers .*registered' <<<"$output" || fail "info does not say whether buffers can be registered"
uuid=$(sed -n 's/^uuid *//p' <<<"$output")

expect 0 check --device store --buffered
expect 0 check --device store --buffered --payloads --json
grep -q '"ok": true' <<<"$output" || fail "check --json does not say ok"
expect 0 info --device store --buffered --json
grep -q '"uuid": "'"$uuid" <<<"$output" || fail "info --json does not name the store"

# Reopened, not made anew; and the prompts whose chunks are still there hit.
expect 0 replay --device store $small --requests 60 --json report.json --save_partial --policy none
expect 0 info --device store --buffered
[[ $(sed -n 's/^uuid *//p' <<<"$output") == "$uuid" ]] || fail "the store was made anew"

# Every policy serves, and leaves a sound store behind.
expect 0 replay --help
policies=$(sed -n '/^Eviction policies/,$ s/^  \([a-z0-9]*\) .*/\1/p' <<<"$output")
[[ $policies == none*lru*fifo* ]] || fail "replay --help does not list the policies"
for policy in ${policies#none}; do
  expect 0 replay --device store $small --requests 60 --json report.json --policy "$policy"
  grep -q '"policy": "'"$policy"'"' report.json || fail "the report does not name $policy"
  expect 0 check --device store --buffered
done

# Damaged payloads are found, and served as misses.
head -c 16M /dev/urandom | dd of=store conv=notrunc bs=1M seek=8 status=none iflag=fullblock
expect 0 check --device store --buffered
expect 1 check --device store --buffered --payloads
grep -q 'damaged payload: deepseek-ai' <<<"$output" || fail "check does not name a damaged payload"
cp store damaged
expect 0 check --device damaged --buffered --repair
grep -q 'is repaired' <<<"$output" || fail "check --repair does not say that it repaired"
expect 0 check --device damaged --buffered --payloads
expect 1 replay --device store $small --requests 60 --json report.json
[[ $(number wrong_bytes) == 0 ]] || fail "wrong bytes were returned"
(($(number checksum_failures) > 0)) || fail "no checksum failed"

expect 0 format --device store $small --force --allocator buddy
expect 0 check --device store --buffered
grep -q ' 0 entries' <<<"$output" || fail "the new store is not empty"

# Side by side, each on a store of its own; the report has both.
expect 0 replay --device pair --capacity 32M $small --requests 20 --compare fixed,slab --json report.json
[[ -s pair.fixed && -s pair.slab && ! -e pair ]] || fail "stores are not where they should be"
[[ $(grep -c '"allocator": "fixed"\|"allocator": "slab"' report.json) == 2 ]] || fail "the report lacks a run"
