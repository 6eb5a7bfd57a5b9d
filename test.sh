#!/usr/bin/env bash
# Formatting, lint, types and every test. Arguments, if any, go to pytest alone: ./test.sh tests/core -k softmax
if [ -z "${BASH_VERSION:-}" ] || shopt -qo posix; then exec bash "$0" "$@"; fi # as `sh test.sh` has it
set -euo pipefail
ROOT=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")") # also through links
source "$ROOT/tools/setup.sh"
set_up dev
cd "$ROOT"
export NO_COLOR=1 PYTHONUTF8=1

if [ $# -eq 0 ]; then
    "$PYTHON_BIN" -m ruff format --check .
    "$PYTHON_BIN" -m ruff check .
    "$PYTHON_BIN" -m mypy
    set -- -n 2
fi
exec "$PYTHON_BIN" -m pytest "$@"
