#!/usr/bin/env bash
# Render the films. The first run sets everything up; `./render.sh --help` says what can be asked for.
if [ -z "${BASH_VERSION:-}" ] || shopt -qo posix; then exec bash "$0" "$@"; fi # as `sh render.sh` has it
set -euo pipefail
SELF=${BASH_SOURCE[0]}
while [ -L "$SELF" ]; do # also through links
    LINK=$(readlink -- "$SELF")
    case $LINK in /*) SELF=$LINK ;; *) SELF=$(dirname -- "$SELF")/$LINK ;; esac
done
ROOT=$(CDPATH='' cd -- "$(dirname -- "$SELF")" && pwd -P)
source "$ROOT/tools/setup.sh"
set_up run
exec "$PYTHON_BIN" -I -X utf8 -m studio "$@"
