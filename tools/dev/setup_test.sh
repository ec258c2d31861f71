#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/setup against a dpkg-query that lacks what $MISSING names, and an apt-get that only notes its arguments.
set -euo pipefail
stubs=$TEST_TMPDIR/stubs
calls=$TEST_TMPDIR/calls
mkdir "$stubs"
cat >"$stubs/dpkg-query" <<'END'
#!/bin/bash
for argument; do
  [[ $argument == --* || $argument == "$MISSING" ]] || echo "$argument installed"
done
[[ -z $MISSING ]] || { echo "$MISSING config-files"; exit 1; }
END
cat >"$stubs/apt-get" <<END
#!/bin/bash
echo "\$*" >>"$calls"
END
chmod +x "$stubs"/*

setup() { MISSING=$1 PATH=$stubs:$PATH tools/setup 2>&1; }
fail() { echo "setup_test: $*" >&2; exit 1; }

said=$(setup '') || fail "nothing is missing, but: $said"
[[ -z $said ]] || fail "nothing is missing, but it said: $said"
[[ ! -e $calls ]] || fail "nothing is missing, but it called apt-get $(cat "$calls")"

if [[ $EUID -eq 0 ]]; then
  setup liburing-dev
  grep -x -- '-qq install --no-install-recommends liburing-dev' "$calls" || fail "it called apt-get $(cat "$calls")"
else
  ! said=$(setup liburing-dev) || fail "not root, and yet it passed"
  grep -F 'apt-get install --no-install-recommends liburing-dev' <<<"$said" || fail "it said: $said"
  [[ ! -e $calls ]] || fail "not root, but it called apt-get $(cat "$calls")"
fi
