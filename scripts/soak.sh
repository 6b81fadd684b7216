#!/usr/bin/env bash
# The long counts (random DDL, kills, rubbish), for so many minutes (30): soak.sh [MINUTES] [--seed N] [--only PART].
# They add up in bench/results/soak.json. SEGUE_BUILD names a release build that is there already (with catalog_test).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if [ -z "${SEGUE_BUILD:-}" ]; then
  scripts/setup.sh --quiet
  scripts/servers.sh || true
  scripts/build.sh release segue catalog_test
  scripts/build.sh dev segue
  SEGUE_BUILD=build/release
fi
export PYTHONDONTWRITEBYTECODE=1
exec python3 bench/soak/soak.py "$SEGUE_BUILD" --sanitized build/dev "$@"
