#!/usr/bin/env bash
# Render the films. The first run sets everything up; `./render.sh --help` says what can be asked for.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source "$ROOT/tools/setup.sh"
set_up run
exec "$PYTHON_BIN" -I -X utf8 -m studio "$@"
