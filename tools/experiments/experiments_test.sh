#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# experiments, as its user sees it: exit codes, messages, and files left as they were.
set -euo pipefail
experiments=$(realpath "$1")
report=$(realpath "$2")
directory=$(mktemp -d "$TEST_TMPDIR/experiments.XXXXXX")
cd "$directory"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# Every file, with its size and when it was written.
listing() { find . -type f -printf '%p %s %T@\n'; }

# refuse MESSAGE ARGUMENT...: must be refused, with a message that matches MESSAGE, and change nothing.
refuse() {
  local message=$1 before output code=0
  shift
  before=$(listing)
  output=$("$experiments" "$@" 2>&1) || code=$?
  [[ $code == 2 ]] || fail "exit code $code instead of 2: experiments $*: $output"
  grep -qE -- "$message" <<<"$output" || fail "no \"$message\" in the answer to experiments $*: $output"
  [[ $(listing) == "$before" ]] || fail "experiments $* changed something"
  echo "refused as expected: experiments $*: ${output##*$'\n'}"
}

# Records of oracleGeneral: times 0, ids 1 and 2, sizes 16 and 0.
record='\0\0\0\0\1\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0\0\0\0\0'
empty='\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
printf "$record$empty$record" >records
printf 'time,id,size\n0,a,10\n0,b,20\n0,a,10\n' >requests.csv
printf '%s\n' '{"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]}' >mooncake.jsonl
csv="eviction --trace requests.csv --trace_format csv"

# Usage.
refuse 'subcommand is required'
refuse '--trace is required' eviction
refuse '--nonsense' $csv --nonsense
refuse '--trace_format: no trace format is called "xml"' eviction --trace requests.csv --trace_format xml
refuse '--policy: no policy is called "luck"; there are lru,' $csv --policy lru,luck
refuse '--policy: names lru twice' $csv --policy lru,lru
refuse '--capacity: "16X" is not a size' $csv --capacity 64M,16X
refuse '--capacity: .*0 holds nothing' $csv --capacity 0
refuse '--capacity: "64M" is not a number of objects' $csv --capacity 64M --ignore_size
refuse '--capacity_fraction: "1.5"' $csv --capacity_fraction 0.1,1.5
refuse 'excludes' $csv --capacity 1 --capacity_fraction 0.1
refuse '--model: .*gpt-9' $csv --model gpt-9
refuse '--compression: .*"0.5"' $csv --compression 0.5
refuse '--seed' $csv --seed -1
refuse '--requests' $csv --requests 0
refuse 'missing/report.json' $csv --json missing/report.json
refuse 'not a regular file' $csv --csv /dev/null
refuse 'it is also what report is written to' $csv --csv report --json report
refuse 'it is also what ./report.unfinished is written to' $csv --csv report --json ./report.unfinished
refuse 'would overwrite requests.csv' $csv --csv requests.csv
refuse 'would overwrite requests.csv' $csv --json "$directory/requests.csv"
ln requests.csv other.csv
refuse 'would overwrite requests.csv' $csv --json other.csv
rm other.csv

# Traces.
refuse 'missing.csv' eviction --trace missing.csv
refuse 'not a regular file' eviction --trace /dev/null
refuse 'not a regular file' eviction --trace "$directory"
: >nothing
for format in mooncake oracle_general csv; do
  refuse 'nothing: holds no request' eviction --trace nothing --trace_format "$format"
done
refuse 'requests.csv:1: .*JSON' eviction --trace requests.csv
refuse 'records:1: ' eviction --trace records
printf '0,a,10\n0,b,many\n' >bad.csv
refuse 'bad.csv:2: the size must be .*"many"' eviction --trace bad.csv --trace_format csv
head -c 71 records >bad.records
refuse 'bad.records: byte 48: the trace ends within a record, after 23 of' \
  eviction --trace bad.records --trace_format oracle_general
gzip -c requests.csv >requests.csv.gz
head -c 30 requests.csv.gz >short
refuse 'short: byte 30: the file ends within its gzip data' eviction --trace short --trace_format csv
{ head -c -8 requests.csv.gz && printf 'xxxxxxxx'; } >damaged
refuse 'damaged: byte [0-9]+: the gzip data are damaged: incorrect data check' \
  eviction --trace damaged --trace_format csv
printf '\x28\xb5\x2f\xfd' >short.zst
refuse 'short.zst: byte 4: the file ends within its zstd data' eviction --trace short.zst --trace_format csv
printf '\x28\xb5\x2f\xfdxxxxxxxxxxxxxxxx' >damaged.zst
refuse 'damaged.zst: byte [0-9]+: the zstd data are damaged' eviction --trace damaged.zst --trace_format csv

# And what is good is done: standard output has the table and nothing else, whatever the compression.
expect() {
  local expected=$1 output
  shift
  output=$("$experiments" "$@" 2>stderr) || fail "exit code $?: experiments $*: $(cat stderr)"
  [[ $(tail -n +2 <<<"$output" | tr -s ' ') == "$expected" ]] || fail "experiments $* said: $output"
}
expect 'lru 25 3 3 100.00 % 40 100.00 %' $csv --policy lru --capacity 25
[[ ! -s stderr ]] || fail "said on standard error: $(cat stderr)"
expect 'lru 25 3 3 100.00 % 40 100.00 %' eviction --trace requests.csv.gz --trace_format csv --policy lru --capacity 25
expect 'lru 2 3 2 66.67 % 30 75.00 %' $csv --policy lru --capacity 2 --ignore_size
expect 'arc 1024 3 2 66.67 % 30 75.00 %' $csv --policy arc --capacity 1K
expect 'lru 2097152 2 2 100.00 % 67108864 100.00 %' eviction --trace mooncake.jsonl --policy lru --capacity 2M

# Objects without bytes.
expect 'lru 16 2 1 50.00 % 16 50.00 %' eviction --trace records --trace_format oracle_general --policy lru --capacity 16
grep -qF 'skipped requests for objects of 0 bytes, which --ignore_size counts: 1' stderr || fail "nothing said of what was skipped"
expect 'lru 2 3 2 66.67 % 16 50.00 %' \
  eviction --trace records --trace_format oracle_general --policy lru --capacity 2 --ignore_size
[[ ! -s stderr ]] || fail "said on standard error: $(cat stderr)"

# The reports.
"$experiments" $csv --json report.json --csv report.csv >/dev/null
grep -q '"trace_sha256": "'"$(sha256sum <requests.csv | cut -c1-64)"'"' report.json || fail "no sha256: $(cat report.json)"
grep -Eq '"commit": "([0-9a-f]{40}(-dirty)?|unknown)"' report.json || fail "no commit: $(cat report.json)"
policies=$("$experiments" eviction --help | sed -n '/^Eviction policies/,$ s/^  \([a-z0-9]*\) .*/\1/p')  # "none" stands for belady
[[ $(wc -l <report.csv) == $((3 * $(wc -l <<<"$policies") + 1)) ]] || fail "not each policy at three capacities: $(cat report.csv)"

# experiments capacity.
refuse '--scenario: no scenario is called "nonsense"; known are .*model_switch' capacity --scenario nonsense
refuse '--scenario names a scenario twice' capacity --scenario zstd,zstd
refuse '--capacity_fraction: "0"' capacity --capacity_fraction 0
refuse "--policy: .*'luck'" capacity --policy luck
refuse '--policy: a simulated store must evict' capacity --policy none
refuse 'watermarks are 0.2 and 0.1' capacity --free_low 0.2 --free_high 0.1
refuse '--threads' capacity --threads 0
refuse '--requests 1000000000: that takes about .* of memory' capacity --requests 1000000000
refuse 'it is also what report is written to' capacity --json report --csv report
refuse 'would overwrite mooncake.jsonl' capacity --trace mooncake.jsonl --json ./mooncake.jsonl
refuse 'missing/report.json' capacity --json missing/report.json
refuse 'missing.jsonl' capacity --trace missing.jsonl
capacity="capacity --requests 80 --scenario cachegen,model_switch --capacity_fraction 0.3"
"$experiments" $capacity --threads 2 --json two.json --csv two.csv >table 2>stderr ||
  fail "exit code $?: $(cat stderr)"
[[ ! -s stderr ]] || fail "said on standard error: $(cat stderr)"
grep -q 'cachegen *30 % *extent (default)' table || fail "no default engine: $(cat table)"
"$experiments" $capacity --threads 1 --json one.json >/dev/null
cmp one.json two.json || fail "the result depends on the threads"
grep -q '"engine": "ideal"' one.json || fail "no ideal engine"
"$report" one.json --html page.html
grep -q '<svg' page.html || fail "no picture in the page"
cp one.json saved.json
for outputs in '--html one.json' '--html ./one.json' '--html one.html --svg one.json' '--html one.html --svg one.html' '--html /dev/null'; do
  code=0
  output=$("$report" one.json $outputs 2>&1) || code=$?
  [[ $code == 2 ]] || fail "exit code $code instead of 2: report.py one.json $outputs"
  grep -q 'cannot write' <<<"$output" || fail "report.py one.json $outputs does not say why: $output"
  cmp one.json saved.json || fail "report.py one.json $outputs changed its input"
done
[[ ! -e one.html ]] || fail "report.py wrote something"
[[ $(wc -l <two.csv) == $((1 + $(grep -c '"engine"' two.json))) ]] || fail "not a line per run: $(wc -l <two.csv)"
