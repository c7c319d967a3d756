#!/bin/sh
# Makes .venv with everything that the Python host needs. Quick when nothing changed; safe to run at any time.
#   PYTHON=python3.12 hosts/python/setup.sh    # with another interpreter
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
debian="On Debian: apt-get install --no-install-recommends python3 python3-venv"

if ! command -v "$python" >/dev/null 2>&1; then
    echo "hosts/python: $python was not found; Python 3.11 or later is needed. $debian" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "hosts/python: $("$python" --version) is too old; Python 3.11 or later is needed. $debian" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "hosts/python: $python has no venv module. $debian" >&2
    exit 1
fi

# The stamp is written last, so that a set-up that was cut short is done again. The path is part of it because a venv
# does not survive being moved.
wanted=$( (pwd; "$python" --version; cat requirements.txt setup.sh) | cksum)
if [ -x .venv/bin/python ] && [ "$(cat .venv/stamp 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
echo "hosts/python: setting up .venv"
"$python" -m venv --clear .venv
# So that programs in other folders, such as conformance/, find the package as if it were installed.
pwd >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/everyhost.pth"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
echo "$wanted" >.venv/stamp
