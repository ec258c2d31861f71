#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Block devices that must not be touched: exit code 2, a message that says what
# is wrong, and a device as it was. Needs root, for loop devices and mounts.
set -euo pipefail
slotwise=$(realpath "$1")
PATH=$PATH:/usr/sbin:/sbin

skip() {
  echo "SKIPPED: $*; run this test as root, where there are loop devices"
  exit 0
}

((EUID == 0)) || skip "not root"
command -v mkfs.ext4 >/dev/null || skip "no mkfs.ext4"
directory=$(mktemp -d "$TEST_TMPDIR/bad_device.XXXXXX")
devices=()
cleanup() {
  umount "$directory/mounted" 2>/dev/null || true
  for device in "${devices[@]}"; do losetup --detach "$device"; done
  rm -rf "$directory"
}
trap cleanup EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# attach OPTION...: a new loop device of 16 MiB, in $device.
attach() {
  local file
  file=$(mktemp "$directory/backing.XXXXXX")
  truncate --size 16M "$file"
  device=$(losetup --find --show "$@" "$file" 2>/dev/null) || skip "no loop devices"
  devices+=("$device")
}

refuse() {
  local message=$1 before output code=0
  shift
  before=$(sha256sum <"$device")
  output=$("$slotwise" "$@" 2>&1) || code=$?
  [[ $code == 2 ]] || fail "exit code $code instead of 2: slotwise $*: $output"
  grep -qE -- "$message" <<<"$output" || fail "no \"$message\" in the answer to slotwise $*: $output"
  [[ $(sha256sum <"$device") == "$before" ]] || fail "slotwise $* changed $device"
  echo "refused as expected: slotwise $*: ${output##*$'\n'}"
}

small="--model qwen2.5-0.5b --scale 1/256"

attach
refuse 'not formatted by Slotwise' replay --device "$device" $small
refuse 'larger than the device' format --device "$device" --capacity 32M $small
refuse 'larger than the device' format --device "$device" --capacity 32M $small --force
refuse '--force' replay --device "$device" $small --compare fixed,slab

"$slotwise" format --device "$device" $small
exec 9<"$device"
flock --exclusive 9
refuse 'in use' replay --device "$device" $small
refuse 'in use' check --device "$device"
exec 9<&-
"$slotwise" replay --device "$device" $small --requests 5
"$slotwise" check --device "$device"
"$slotwise" replay --device "$device" $small --requests 5 --compare fixed,slab --force

attach --read-only
refuse 'read-only' replay --device "$device" $small
refuse 'read-only' format --device "$device" $small --force

attach
mkfs.ext4 -q "$device"
refuse 'not blank: ext4' format --device "$device" $small
mkdir "$directory/mounted"
# Read-only, lest the file system itself change the device meanwhile.
mount --read-only "$device" "$directory/mounted" || skip "may not mount"
for force in "" --force; do
  refuse 'mounted or in use' format --device "$device" $small $force
  refuse 'mounted or in use' replay --device "$device" $small $force
done
