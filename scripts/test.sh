#!/usr/bin/env bash
# Everything that must hold. --fast: unit tests and scenarios on one server, about a minute once built. Without it, also
# ./dev check, the unit tests under ASan and UBSan, and every PostgreSQL version that can be had.
# The last line counts: N passed, N failed. SEED chooses the seed of the random suites; it is printed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mode=full
[ "${1:-}" = --fast ] && mode=fast
scripts/setup.sh --quiet
export SEED=${SEED:-$RANDOM$RANDOM}
if [ "$mode" = full ]; then
  scripts/servers.sh || true
  # The program that users have, for what is seen from outside; the unit tests only under the sanitizers.
  scripts/build.sh release segue
  scripts/build.sh dev
else
  scripts/build.sh release
fi
exec python3 scripts/run_tests.py "$mode"
