#!/usr/bin/env bash
# Builds one preset (release unless named) and says how long it took.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
preset=${1:-release}
shift || true

case "$preset" in
  release | dev | tsan | coverage) ;;
  *) die "there is no preset '$preset'; release, dev, tsan and coverage are there" ;;
esac
scripts/setup.sh --quiet
started=$(date +%s)
log=build/$preset.configure.log
mkdir -p build
cmake --preset "$preset" >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
cmake --build --preset "$preset" -- --quiet "$@"
say "built build/$preset in $(($(date +%s) - started)) s"
