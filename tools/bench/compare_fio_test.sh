#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/bench/compare_fio measures, reports and tells what it lacks. What it measures
# in so short a time says nothing, so neither does its verdict here.
set -euo pipefail
compare_fio=$(realpath "$1") program=$(realpath "$2")
cd "$(mktemp -d "$TEST_TMPDIR/compare_fio.XXXXXX")"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# compare CODES ARGUMENT...: the exit code is one of CODES; the output is in $output.
compare() {
  local expected=$1 code=0
  shift
  output=$("$compare_fio" --program "$program" --directory . "$@" 2>&1) || code=$?
  [[ " $expected " == *" $code "* ]] || fail "exit code $code, not one of $expected: compare_fio $*: $output"
}

small=(--target file --size 8388608 --pairs 1 --seconds 0.1)
compare '0 1' "${small[@]}" --op write --block_kib 64 --queue_depth 1 8 --json report.json
[[ $(grep -c 'file  *write  *64' <<<"$output") == 2 ]] || fail "the table lacks a cell: $output"
[[ $(grep -c '"cpu_per_gib_ratio":' report.json) == 2 ]] || fail "the report lacks a cell"
compare '0 1' "${small[@]}" --op read --block_kib 256 --queue_depth 4 --json
grep -q '"throughput_ratio":' <<<"$output" || fail "no JSON: $output"

# What the kernel says of the measured process: THP_enabled.
cat >spy <<EOF
#!/bin/bash
grep THP_enabled /proc/self/status >>pages
exec "$program" "\$@"
EOF
chmod +x spy
compare '0 1' "${small[@]}" --program ./spy --op read --block_kib 64 --queue_depth 1
compare '0 1' "${small[@]}" --program ./spy --op read --block_kib 64 --queue_depth 1 --small_pages
[[ $(tr -dc '01' <pages) == 10 ]] || fail "--small_pages, and it alone, must refuse huge pages: $(<pages)"
[[ -z $(find . -name 'slotwise-fio.*') ]] || fail "it leaves its files behind"

compare 2 "${small[@]}" --block_kib 100000
compare 2 --no_such_option
compare 2 "${small[@]}" --json /dev/null
grep -q 'not a regular file' <<<"$output" || fail "it does not say what is wrong with the file: $output"
mkdir bin && ln -s "$(command -v python3)" bin/
PATH=$PWD/bin compare 2 "${small[@]}"
grep -q 'apt-get install fio' <<<"$output" || fail "it does not say how to get fio: $output"
