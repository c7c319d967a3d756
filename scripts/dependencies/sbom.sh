#!/usr/bin/env bash
# Writes what is in each package to target/packages/sbom: sbom.py says how.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$("$here/venv.sh")/python" "$here/sbom.py" "$@"
