#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bad input: exit code 2, a message that says what is wrong, and every file as it was.
set -euo pipefail
slotwise=$(realpath "$1")
directory=$(mktemp -d "$TEST_TMPDIR/bad_input.XXXXXX")
cd "$directory"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

contents() { find . -type f -print0 | sort -z | xargs -0 sha256sum; }

# refuse MESSAGE ARGUMENT...: slotwise must refuse the arguments, with a message
# that matches MESSAGE, and change nothing.
refuse() {
  local message=$1 before output code=0
  shift
  before=$(contents)
  output=$("$slotwise" "$@" 2>&1) || code=$?
  [[ $code == 2 ]] || fail "exit code $code instead of 2: slotwise $*: $output"
  grep -qE -- "$message" <<<"$output" || fail "no \"$message\" in the answer to slotwise $*: $output"
  [[ $(contents) == "$before" ]] || fail "slotwise $* changed something"
  echo "refused as expected: slotwise $*: ${output##*$'\n'}"
}

request='{"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]}'
echo "$request" >trace
small="--model qwen2.5-0.5b --scale 1/256 --buffered"

"$slotwise" format --device store --capacity 4M --allocator fixed $small
head -c 4M /dev/zero >blank
head -c 4M /dev/urandom >foreign
cp store damaged
printf 'x%.0s' {1..64} | dd of=damaged conv=notrunc bs=1 seek=64 status=none
printf 'x%.0s' {1..64} | dd of=damaged conv=notrunc bs=1 seek=131136 status=none

# Usage.
refuse 'subcommand is required'
refuse 'subcommand is required' polish
refuse '--device is required' replay
refuse '--nonsense' replay --device new --capacity 4M $small --nonsense
refuse 'no allocator is called .best' replay --device new --capacity 4M $small --allocator best
refuse 'excludes' replay --device new --capacity 4M $small --allocator slab --compare fixed,slab
refuse 'no allocator is called .best' replay --device new --capacity 4M $small --compare fixed,best
refuse 'names an engine twice' replay --device new --capacity 4M $small --compare slab,slab
refuse '--policy' replay --device new --capacity 4M $small --policy luck
refuse '--durability' replay --device new --capacity 4M $small --durability never
refuse '--queue_depth' replay --device new --capacity 4M $small --queue_depth 0
refuse '--requests' replay --device new --capacity 4M $small --requests 0
for seed in x -1 1.5 99999999999999999999; do
  refuse '--seed' replay --device new --capacity 4M $small --seed "$seed"
done
refuse "no allocator is called ''" replay --device new --capacity 4M $small --compare slab,
refuse '--model: .*gpt-9' replay --device new --capacity 4M --buffered --model gpt-9
refuse '--scale: .*"0"' replay --device new --capacity 4M --buffered --scale 0
refuse '--scale: .*"0/256"' replay --device store --buffered --scale 0/256
refuse '--compression: .*"0.5"' replay --device new --capacity 4M $small --compression 0.5
refuse '--capacity: .*"16X"' replay --device new --capacity 16X $small
refuse '--capacity: .*0' replay --device new --capacity 0 $small
refuse 'missing/report.json' replay --device new --capacity 4M $small --json missing/report.json
refuse 'not a regular file' replay --device new --capacity 4M $small --json /dev/null
# What would take all memory is refused before it takes any.
refuse '--requests 1000000000: that takes about .* of memory.*ask for less' replay --device new --capacity 4M $small --requests 1000000000
refuse '--requests 1099511627776: ' replay --device store $small --requests 1099511627776
(ulimit -v 2000000 && refuse '--requests 9000000: ' replay --device store $small --requests 9000000)
(ulimit -v 1000000 && refuse '--queue_depth 4096: ' replay --device store --buffered --model qwen2.5-0.5b --queue_depth 4096)

# A report goes over no store, no trace, nothing special, whatever the name for it.
ln store hard
ln -s store soft
ln -s report dangling
mkfifo pipe
cp trace left.unfinished
for output in store ./store "$directory/store" hard; do
  refuse '--json: cannot write .*: (it holds a Slotwise store|that would overwrite)' replay --device store $small --json "$output"
done
refuse 'holds a Slotwise store' replay --device new --capacity 4M $small --json store
refuse 'symbolic link' replay --device store $small --json soft
refuse 'symbolic link' replay --device store $small --json dangling
refuse 'not a regular file' replay --device store $small --json pipe
refuse 'would overwrite trace' replay --device store $small --trace trace --json trace
refuse 'would overwrite left.unfinished' replay --device store $small --trace left.unfinished --json left
refuse 'would overwrite new' replay --device new --capacity 4M $small --json new
refuse 'would overwrite new.unfinished' replay --device new.unfinished --capacity 4M $small --json new
refuse 'would overwrite pair.slab' replay --device pair --capacity 4M $small --compare fixed,slab --json pair.slab
refuse 'would overwrite ./pair.slab' replay --device ./pair --capacity 4M $small --compare fixed,slab --json "$directory/pair.slab"
head -c 4M >pair.slab < <(yes "$request")
refuse '--trace and --device are one file' replay --device pair.slab $small --trace pair.slab --force
refuse '--trace and --device are one file' replay --device pair $small --trace ./pair.slab --compare slab --force
rm pair.slab
exec 9>>report.json
code=0
"$slotwise" replay --device store $small --json report.json >&9 || code=$?
exec 9>&-
[[ $code == 2 ]] || fail "exit code $code instead of 2 for a report over the standard output"
[[ -s store && ! -e report ]] || fail "something was written"
rm hard soft dangling pipe left.unfinished report.json

# Traces.
replay="replay --device new --capacity 4M $small"
refuse 'missing.jsonl' $replay --trace missing.jsonl
: >empty.jsonl
refuse 'empty.jsonl: holds no request' $replay --trace empty.jsonl
printf '%s\n%s\n{"timestamp": 1}\n' "$request" "$request" >malformed.jsonl
refuse 'malformed.jsonl:3: .*input_length' $replay --trace malformed.jsonl
refuse 'malformed.jsonl:3: ' replay --device store $small --trace malformed.jsonl
printf '%s\n' "$request" 'not JSON' >text.jsonl
refuse 'text.jsonl:2: .*JSON' $replay --trace text.jsonl
refuse 'text.jsonl:2: ' $replay --trace text.jsonl --compare fixed,slab
refuse 'not a regular file' $replay --trace /dev/null
gzip -c trace >trace.gz
head -c 40 trace.gz >short.gz
refuse 'short.gz: byte 40: the file ends within its gzip data' $replay --trace short.gz
gzip -c text.jsonl >text.jsonl.gz
refuse 'text.jsonl.gz:2: .*JSON' $replay --trace text.jsonl.gz

# Devices.
refuse 'new does not exist' replay --device new $small
refuse 'new does not exist' format --device new $small
refuse 'cannot open new' info --device new --buffered
refuse 'cannot open new' check --device new --buffered
refuse 'neither a block device nor a regular file' replay --device /dev/null $small
refuse 'neither a block device nor a regular file' format --device "$directory" $small
refuse 'too small' format --device new --capacity 64K $small
refuse 'too small' format --device new --capacity 4M --model llama-70b --buffered
refuse 'larger than the device' format --device foreign --capacity 8M $small
refuse 'larger than the device' format --device foreign --capacity 8M $small --force
ln -s nothing dangling
refuse 'dangling is a link to what does not exist' format --device dangling --capacity 4M $small
ln -s loop loop
refuse 'loop is in a loop of links' format --device loop --capacity 4M $small
refuse 'cannot create missing/new: there is no folder missing' format --device missing/new --capacity 4M $small
refuse 'no file is created among devices' format --device /dev/slotwise_bad_input --capacity 4M $small
: >empty
refuse 'empty is an empty file; give a capacity' format --device empty $small
truncate --size 4M iso
printf '\x01CD001\x01' | dd of=iso conv=notrunc bs=1 seek=32768 status=none
printf '\xffCD001\x01' | dd of=iso conv=notrunc bs=1 seek=34816 status=none
refuse 'not blank: iso9660, with its signature at byte 32769; .*--force' format --device iso $small
refuse 'capacity of 4194304 bytes.*not 8388608' replay --device store --capacity 8M $small
for command in replay info check; do
  refuse 'foreign: not formatted by Slotwise' "$command" --device foreign $([[ $command == replay ]] && echo "$small" || echo --buffered)
done
refuse 'blank: not formatted by Slotwise' replay --device blank $small
refuse 'head of the device is not blank.*--force' format --device foreign $small
refuse 'already holds a Slotwise store.*--force' format --device store $small
refuse 'formatted with fixed .*not with slab' replay --device store --allocator slab $small
refuse 'formatted with fixed .*not with fixed' replay --device store --allocator fixed --model qwen3-8b --scale 1/256 --buffered
refuse 'larger than the largest slot' replay --device store --model qwen3-8b --scale 1/256 --buffered
touch other.slab
refuse 'other.slab exists' replay --device other --capacity 4M $small --compare fixed,slab
exec 9<store
flock --exclusive 9
for command in replay format info check; do
  refuse 'in use' "$command" --device store $([[ $command == replay || $command == format ]] && echo "$small" || echo --buffered)
done
exec 9<&-
if ((EUID != 0)); then
  chmod a-w store
  refuse 'store' replay --device store $small
fi

# Damage is not bad input.
code=0
"$slotwise" check --device damaged --buffered || code=$?
[[ $code == 1 ]] || fail "exit code $code instead of 1 for a damaged store"

# And what is good is done.
"$slotwise" format --device empty --capacity 4M $small
"$slotwise" format --device iso $small --force
head -c 10000000 /dev/zero >decimal
"$slotwise" format --device decimal --capacity 10000000 $small
"$slotwise" replay --device store --trace trace $small
"$slotwise" replay --device store --trace trace.gz $small
"$slotwise" replay --device new --capacity 4M --trace trace $small --compare fixed,buddy,slab
