#!/usr/bin/env bash
# What can be said of the code without running it: its form, its arrows, its sizes, its documentation, clang-tidy.
# clang-tidy takes some seconds for every file that has changed since it was clean; --slice gives it a minute,
# for files drawn by SEED, as ./dev test does.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh --quiet
passed=0 failed=0
check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok    $name"
  else
    failed=$((failed + 1))
    echo "FAIL  $name"
  fi
}

format() { git ls-files -co --exclude-standard '*.cc' '*.h' | xargs -r clang-format-19 --dry-run -Werror; }
[ -f build/release/compile_commands.json ] || scripts/build.sh release

check "form (./dev format mends it)" format
check "arrows between folders" python3 scripts/checks/arrows.py
check "sizes of files" python3 scripts/checks/sizes.py
check "documentation against code" python3 scripts/checks/docs.py
slice=()
[ "${1:-}" = --slice ] && slice=(--seconds 60)
check "clang-tidy" python3 scripts/checks/tidy.py "${slice[@]}"
echo "check: $passed passed, $failed failed"
[ "$failed" = 0 ]
