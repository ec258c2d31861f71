# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tools/run and tools/test: installs what is missing, and gives them
# the repository's folder and Bazel as both call it.
#
# Bazel's files lie under $HOME/.cache, or in a private folder of $TMPDIR where
# there is no home to write to. Results are reused across clones through a disk
# cache; SLOTWISE_CACHE moves it.

repository=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
"$repository/tools/setup"

# The compilers and the system's libraries are no inputs of Bazel: their versions name the cache.
package_versions() {
  "$repository/tools/setup" --list | xargs dpkg-query --show g++-12 clang-14 libc6-dev libstdc++-12-dev
}

private_folder() {
  local folder=${TMPDIR:-/tmp}/slotwise-$EUID
  mkdir -m 700 -- "$folder" 2>/dev/null || true
  if [[ -L $folder || ! -O $folder ]]; then
    echo "slotwise: $folder is not ours. Remove it, or set HOME or TMPDIR to a folder that can be written." >&2
    return 1
  fi
  echo "$folder"
}

bazel_startup=()
if [[ -n ${HOME:-} ]] && mkdir -p -- "$HOME/.cache" 2>/dev/null && [[ -w $HOME/.cache ]]; then
  bazel_cache=$HOME/.cache/slotwise
else
  folder=$(private_folder)
  bazel_startup=("--output_user_root=$folder/bazel")
  bazel_cache=$folder/cache
fi
bazel_cache=${SLOTWISE_CACHE:-$bazel_cache}/$({ uname -m; package_versions; } | sha256sum | cut -c1-12)

# slotwise_bazel COMMAND ARGUMENT...: Bazel in the workspace of the current folder.
slotwise_bazel() {
  local command=$1
  shift
  bazel "${bazel_startup[@]}" "$command" --disk_cache="$bazel_cache" "$@"
}
