#!/usr/bin/env bash
# Render the films. The first run sets everything up; `./render.sh --help` says what can be asked for.
if [ -z "${BASH_VERSION:-}" ] || shopt -qo posix; then exec bash "$0" "$@"; fi # as `sh render.sh` has it
set -euo pipefail
ROOT=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")") # also through links
source "$ROOT/tools/setup.sh"
set_up run
exec "$PYTHON_BIN" -I -X utf8 -m studio "$@"
