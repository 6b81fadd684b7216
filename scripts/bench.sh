#!/usr/bin/env bash
# Figures as ratios against named baselines of the same run: bench.sh [--runs N] [NAME...]. Results: bench/results/NAME.json.
# Without names all but those that take long (build). SEGUE names a program that is built already.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if [ -z "${SEGUE:-}" ]; then
  scripts/setup.sh --quiet
  scripts/build.sh release segue
  SEGUE=build/release/segue
fi
export PYTHONDONTWRITEBYTECODE=1
exec python3 bench/run.py "$SEGUE" "$@"
