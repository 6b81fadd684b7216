#!/usr/bin/env bash
# Puts all C++ into the form of .clang-format.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh --quiet
git ls-files -co --exclude-standard '*.cc' '*.h' | xargs -r clang-format-19 -i
