# Sourced by render.sh and test.sh: `set_up run` or `set_up dev` makes the environment once and sets PYTHON_BIN.
# The environment is `.venv` beside the scripts; its file `ready` says for which pins it was completed. It is written
# last, so that a set-up that was interrupted is made again, and a finished one costs a few milliseconds.

VENV="$ROOT/.venv"
READY="$VENV/ready"
PYTHON_BIN="$VENV/bin/python"
DEBIAN_PACKAGES="build-essential python3-dev python3-venv libcairo2-dev libpango1.0-dev pkg-config"

unset PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE=1

say() { printf '%s\n' "$@" >&2; }

fail() {
    say "$@"
    exit 1
}

set_up() {
    local wanted=$1 pins
    pins=$(pins_in_force)
    is_ready "$wanted" "$pins" && return
    lock_environment
    if ! is_ready "$wanted" "$pins"; then make_environment "$wanted" "$pins"; fi
    unlock_environment
}

pins_in_force() {
    { printf '%s\n' "$ROOT" && cat "$ROOT/pyproject.toml" "$ROOT"/constraints/*.txt; } | cksum | tr ' ' '-'
}

is_ready() {
    local line=""
    [ -r "$READY" ] && read -r line < "$READY"
    { [ "$line" = "$2 $1" ] || [ "$line" = "$2 dev" ]; } && "$PYTHON_BIN" -I -c "" 2> /dev/null
}

lock_environment() {
    # Two first runs at once: the second waits for the first. Without flock (macOS) that is left to the user.
    if command -v flock > /dev/null && { exec 9> "$ROOT/.venv.lock"; } 2> /dev/null; then flock 9; fi
}

unlock_environment() {
    exec 9>&-
}

make_environment() {
    local wanted=$1 pins=$2 line=""
    [ -r "$READY" ] && read -r line < "$READY"
    if [ "$line" = "$pins run" ] && "$PYTHON_BIN" -I -c "" 2> /dev/null; then
        rm -f "$READY"
    else
        make_base "$pins"
    fi
    if [ "$wanted" = dev ]; then
        say "Set-up: tools for the tests …"
        install_pins dev
        install_browser
    fi
    printf '%s %s\n' "$pins" "$wanted" > "$READY"
}

make_base() {
    local python
    install_system_packages
    python=$(find_python) || fail "Set-up: no Python 3.11 or later with its headers and venv was found."
    say "Set-up, once, a minute or two: an environment in $VENV …"
    rm -f "$READY"
    "$python" -m venv --clear "$VENV" || fail "Set-up: the environment could not be made in $VENV."
    say "Set-up: packages …"
    install_pins build
    install_pins run
    # The project itself is importable in its environment, also for Manim's own command.
    printf '%s\n' "$ROOT" > "$("$PYTHON_BIN" -I -c "import sysconfig; print(sysconfig.get_path('purelib'))")/project.pth"
}

install_pins() {
    # The lists are complete and hashed, build tools included, so nothing unpinned is fetched; PATH leads to those tools.
    PATH="$VENV/bin:$PATH" "$PYTHON_BIN" -I -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation \
        --require-hashes -r "$ROOT/constraints/$1.txt" ||
        fail "Set-up: the packages could not be installed (see above). Run the command again to go on."
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        if [ -n "$candidate" ] && command -v "$candidate" > /dev/null && can_build_with "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

can_build_with() {
    "$1" -I - 2> /dev/null << 'CHECK'
import ensurepip, os, sys, sysconfig, venv
assert sys.version_info >= (3, 11)
assert os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
CHECK
}

install_system_packages() {
    system_is_complete && return
    if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
        say "Set-up: system packages …"
        local log
        # shellcheck disable=SC2086
        log=$(install_with_apt $DEBIAN_PACKAGES 2>&1) || fail "$log" "Set-up: apt-get could not install: $DEBIAN_PACKAGES"
    fi
    system_is_complete || fail "$(how_to_install)"
}

install_with_apt() {
    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$@"
}

install_browser() {
    # What is made for browsers is tested in one; without it those tests are skipped, and say so.
    command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null && return
    if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
        say "Set-up: a browser for the tests …"
        install_with_apt chromium > /dev/null 2>&1 && return
    fi
    say "Set-up: no Chromium, so tests of pages and slides in a browser will be skipped."
}

system_is_complete() {
    command -v cc > /dev/null && command -v c++ > /dev/null && command -v pkg-config > /dev/null &&
        pkg-config --exists cairo pangocairo && find_python > /dev/null
}

how_to_install() {
    echo "Something the set-up needs is missing: a C compiler, Python 3.11 or later with headers, cairo, pango. Run"
    if command -v apt-get > /dev/null; then
        echo "  sudo apt-get install $DEBIAN_PACKAGES"
    elif command -v dnf > /dev/null; then
        echo "  sudo dnf install gcc gcc-c++ python3-devel cairo-devel pango-devel pkgconf-pkg-config"
    elif command -v pacman > /dev/null; then
        echo "  sudo pacman -S --needed base-devel python cairo pango pkgconf"
    elif command -v brew > /dev/null; then
        echo "  brew install python cairo pango pkg-config"
    else
        echo "  Debian, Ubuntu:  sudo apt-get install $DEBIAN_PACKAGES"
        echo "  Fedora:          sudo dnf install gcc gcc-c++ python3-devel cairo-devel pango-devel pkgconf-pkg-config"
        echo "  Arch:            sudo pacman -S --needed base-devel python cairo pango pkgconf"
        echo "  macOS:           brew install python cairo pango pkg-config"
    fi
    echo "and then this command again."
}
