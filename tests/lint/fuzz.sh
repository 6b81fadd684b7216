#!/usr/bin/env bash
# Fuzzes the linter: fuzz.sh [SECONDS], 30 unless said. Builds build/fuzz with ASan and UBSan; a crash is kept there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-30}
cmake --preset dev -B build/fuzz -DSEGUE_FUZZ=ON >build/fuzz.configure.log
ninja -C build/fuzz lint_fuzz >build/fuzz.build.log || { tail -20 build/fuzz.build.log >&2; exit 1; }
seeds=build/fuzz/seeds
mkdir -p "$seeds" build/fuzz/corpus
split -l 1 --additional-suffix=.sql tests/lint/corpus/01_indexes.sql "$seeds/index"
for file in tests/lint/corpus/*.sql tests/lint/cases/*.txt; do
  split -l 6 --additional-suffix=.sql "$file" "$seeds/$(basename "$file")."
done
exec build/fuzz/src/lint/lint_fuzz -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=8192 \
  -artifact_prefix=build/fuzz/ -print_final_stats=1 build/fuzz/corpus "$seeds"
