#!/usr/bin/env bash
# What segue does, on an embedded PostgreSQL: nothing to configure. Options go to `segue demo` (see its --help).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh --quiet
scripts/build.sh release
exec build/release/segue demo "$@"
