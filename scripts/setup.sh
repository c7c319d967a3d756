#!/usr/bin/env bash
# Installs what is missing, by package name, and nothing twice. What can't be done without ends with 1; a host that can't be set
# up is left out, and said.
#
#   setup.sh              all of it
#   setup.sh packages     what only the system's package manager has: says what before it does. EVERYHOST_NO_SYSTEM_PACKAGES=1
#                         leaves it out
#   setup.sh toolchain    Rust's toolchain and targets
#   setup.sh hosts        what npm, PyPI, Go and Maven have, for every host
#   setup.sh host NAME    all that one host needs, and nothing else
#   setup.sh folder NAME  what npm, PyPI, Go and Maven have for one folder of hosts/ (everyhost setup)
#
# prepare.mjs takes the packages in two steps: `packages ask [HOST]` ends with 3 if there is something to install and nobody says
# no, and `packages now [HOST]` installs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

# What apt has: for the modules, which every host needs, and for the book; hosts/HOST/packages.sh has what is for that host alone.
packages_for() {
  local wanted=$1 file
  need "clang lld llvm" command clang
  [ -n "$wanted" ] || need php-cli command php
  for file in hosts/${wanted:-*}/packages.sh; do
    # shellcheck source=/dev/null
    [ ! -e "$file" ] || . "$file"
  done
}

# need PACKAGES KIND NAME…: adds them to `missing` if none of the commands, or not the header or the file, can be found.
need() {
  local packages name
  for name in "${@:3}"; do
    case "$2" in
      command) have "$name" && return ;;
      # Without a C compiler nobody can say.
      header) { ! have cc || cc -E -x c - <<<"#include <$name>" >/dev/null 2>&1; } && return ;;
      file) [ -e "$name" ] && return ;;
    esac
  done
  read -ra packages <<<"$1"
  missing+=("${packages[@]}")
}

# packages [both | ask | now] [HOST]: of all hosts, or of one.
packages() {
  local mode=${1:-both} missing=() as_root=() answer=
  packages_for "${2:-}"
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if [ "$mode" != now ]; then
    if [ -n "${EVERYHOST_NO_SYSTEM_PACKAGES:-}" ]; then
      say "left out, as EVERYHOST_NO_SYSTEM_PACKAGES says: ${missing[*]}"
      return 0
    elif ! have apt-get || ! "${as_root[@]}" true 2>/dev/null; then
      say "missing, and not to be installed from here: ${missing[*]}"
      say "as root: apt-get install --no-install-recommends ${missing[*]}"
      return 0
    fi
    say "apt will install, without recommended packages: ${missing[*]}"
    say "EVERYHOST_NO_SYSTEM_PACKAGES=1 leaves them out, with the hosts that need them"
    if [ -t 0 ] && [ -t 1 ] && [ "${CI:-}" != true ]; then
      read -rt 10 -p 'setup: install them? [Y/n, and yes after 10 seconds] ' answer || echo
      case "$answer" in [nN]*) return 0 ;; esac
    fi
    [ "$mode" != ask ] || return 3
  fi
  "${as_root[@]}" apt-get update -qq
  # --no-install-recommends matters: without it chromium brings systemd.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

toolchain() {
  have rustup || { say "rustup is missing; see rustup.rs, then run this again"; exit 1; }

  # What rust-toolchain.toml names. `rustup show` alone installs nothing where RUSTUP_AUTO_INSTALL is 0.
  if ! cargo --version >/dev/null 2>&1; then
    say "installing the Rust toolchain"
    rustup toolchain install
  fi
  installed_targets=$(rustup target list --installed)
  for target in wasm32-unknown-unknown wasm32-wasip1; do
    grep -qx "$target" <<<"$installed_targets" || { say "adding the target $target"; rustup target add "$target"; }
  done
  installed_components=$(rustup component list --installed)
  for component in rustfmt clippy; do
    grep -q "^$component" <<<"$installed_components" || { say "adding $component"; rustup component add "$component"; }
  done
}

# npm_packages FOLDER…: npm keeps a copy of the lock file of what it installed.
npm_packages() {
  local folder scripts
  for folder in "$@"; do
    [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ] || continue
    have npm || { say "npm is missing; apt-get install --no-install-recommends nodejs npm (Node 20 or later)"; return 1; }
    # The packages of Deno and Bun put their program in place by an install script. No other package here may run one.
    scripts=--ignore-scripts
    case "$folder" in hosts/deno | hosts/bun) scripts=--no-ignore-scripts ;; esac
    say "npm ci in $folder"
    npm ci --prefix "$folder" "$scripts" --no-audit --no-fund --loglevel=error >/dev/null || return 1
    touch "$folder/node_modules/.package-lock.json"
  done
}

# What waits for the network is done side by side. A host is one or more rows of the matrix: without it the others still run.
hosts() {
  local locks=(hosts/*/package-lock.json) script npm status=0
  npm_packages "${locks[@]%/package-lock.json}" & npm=$!
  for script in hosts/*/setup.sh; do
    { "$script" || say "$(dirname "$script") is not set up; the other hosts run without it"; } &
  done
  wait "$npm" || status=1
  wait
  return $status
}

host() {
  local name=$1
  must_be_folder "$name"
  packages both "$name"
  # Whatever is written in JavaScript shares one folder.
  [ "$name" = javascript ] || [ ! -e "hosts/$name/example.mjs" ] || folder javascript
  folder "$name"
}

folder() {
  must_be_folder "$1"
  [ ! -e "hosts/$1/package-lock.json" ] || npm_packages "hosts/$1"
  [ ! -e "hosts/$1/setup.sh" ] || "hosts/$1/setup.sh"
}

must_be_folder() {
  [ -n "$1" ] && [ -d "hosts/$1" ] || { say "expected a folder of hosts/, found: $1"; exit 2; }
}

case "${1:-}" in
  packages) packages "${@:2}" ;;
  toolchain | hosts) "$1" ;;
  host | folder) "$1" "${2:-}" ;;
  # Not joined by &&, within which bash goes on after an error.
  "") packages; toolchain; hosts ;;
  *) say "there is no part $1; expected packages, toolchain, hosts, host NAME, or folder NAME"; exit 2 ;;
esac
