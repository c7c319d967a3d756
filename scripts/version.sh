#!/usr/bin/env bash
# Prints what every package says of itself: its version, from Cargo.toml, or that version's date, from CHANGELOG.md.
#   scripts/version.sh         0.2.0
#   scripts/version.sh date    2026-11-29
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(sed -n '/^\[workspace\.package\]$/,/^$/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
date=$(sed -n "s/^## ${version//./\\.} - \([0-9]\{4\}-[0-9][0-9]-[0-9][0-9]\)$/\1/p" CHANGELOG.md)
fail() { echo "version.sh: $1" >&2; exit 1; }
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "Cargo.toml needs a version in [workspace.package], such as 1.2.3; it has: '$version'"
[ -n "$date" ] || fail "CHANGELOG.md needs a line '## $version - YYYY-MM-DD', because packages are dated by it"
case ${1:-version} in
version) echo "$version" ;;
date) echo "$date" ;;
*) fail "expected no argument, or: date" ;;
esac
