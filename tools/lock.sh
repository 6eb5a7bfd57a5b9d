#!/usr/bin/env bash
# Pin every package, with hashes, for Python 3.11 and later on every system: constraints/{build,run,dev}.txt.
# Needs uv (https://docs.astral.sh/uv). Give --upgrade to take newer versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

everything=$(mktemp)
trap 'rm -f "$everything"' EXIT
cat constraints/*.txt > "$everything" 2>/dev/null || true

compile() {
    uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@" > /dev/null
}

compile pyproject.toml --group build --extra dev "$@" -o "$everything"
compile --group build -c "$everything" -o constraints/build.txt
compile pyproject.toml -c "$everything" -o constraints/run.txt

not_again=()
while read -r name; do not_again+=(--no-emit-package "$name"); done < <(
    sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' constraints/build.txt constraints/run.txt | sort -u
)
compile pyproject.toml --extra dev -c "$everything" "${not_again[@]}" -o constraints/dev.txt
