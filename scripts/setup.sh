#!/usr/bin/env bash
# Installs what is missing, by package name, and nothing twice. Without root it leaves out what only the system's
# package manager can install, and says so; what can't be done without ends with 1.
#
#   setup.sh [toolchain | hosts]    one half of it, or both
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

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

# any_of PACKAGES COMMAND…: the Debian packages are wanted where none of the commands is there.
any_of() {
  local command packages
  for command in "${@:2}"; do have "$command" && return; done
  read -ra packages <<<"$1"
  system_packages+=("${packages[@]}")
}
# header PACKAGES HEADER: they are wanted where the C compiler does not find the header.
header() {
  local packages
  have cc && ! cc -E -x c - <<<"#include <$2>" >/dev/null 2>&1 || return 0
  read -ra packages <<<"$1"
  system_packages+=("${packages[@]}")
}
# mono_library PACKAGE FILE: it is wanted where Debian's folder for Mono does not have the file.
mono_library() { [ -e "/usr/lib/cli/$2" ] || system_packages+=("$1"); }

# What only the system's package manager has. --no-install-recommends matters: without it chromium brings systemd.
system_packages() {
  local system_packages=() as_root=()
  any_of "clang lld llvm" clang
  any_of chromium "${CHROMIUM:-chromium}" chromium-browser google-chrome
  any_of firefox-esr "${FIREFOX:-firefox-esr}" firefox
  any_of wabt wasm2c
  header libjansson-dev jansson.h
  header libssl-dev openssl/evp.h
  header check check.h
  any_of clang-format clang-format
  any_of mono-runtime mono
  any_of mono-mcs mcs
  any_of nunit-console nunit-console
  mono_library libnewtonsoft-json5.0-cil Newtonsoft.Json-5.0/Newtonsoft.Json.dll
  mono_library libnunit-framework2.6.3-cil nunit.framework-2.6.3/nunit.framework.dll
  any_of openjdk-17-jdk-headless javac
  any_of maven mvn
  any_of php-cli php
  [ -z "${EVERYHOST_NO_SYSTEM_PACKAGES:-}" ] && [ ${#system_packages[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if have apt-get && "${as_root[@]}" true 2>/dev/null; then
    say "installing ${system_packages[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${system_packages[@]}" >/dev/null
  else
    say "missing, and not to be installed from here: ${system_packages[*]}; as root: apt-get install --no-install-recommends ${system_packages[*]}"
  fi
}

# npm keeps a copy of the lock file of what it installed.
npm_packages() {
  local lock host scripts
  for lock in hosts/*/package-lock.json; do
    host=${lock%/package-lock.json}
    if [ "$lock" -nt "$host/node_modules/.package-lock.json" ]; then
      have npm || { say "npm is missing; apt-get install --no-install-recommends nodejs npm (Node 20 or later)"; return 1; }
      # The packages of Deno and Bun put their program in place by an install script. No other package here may run one.
      scripts=--ignore-scripts
      case "$host" in hosts/deno | hosts/bun) scripts=--no-ignore-scripts ;; esac
      say "npm ci in $host"
      npm ci --prefix "$host" "$scripts" --no-audit --no-fund --loglevel=error >/dev/null || return 1
      touch "$host/node_modules/.package-lock.json"
    fi
  done
}

# A host is one or more rows of the matrix: without it the others still run.
host() { "$1" || say "$(dirname "$1") is not set up; the other hosts run without it"; }

# What waits for the network is done side by side.
hosts() {
  local script system npm
  system_packages & system=$!
  npm_packages & npm=$!
  wait "$system"
  wait "$npm"
  for script in hosts/*/setup.sh; do host "$script" & done
  wait
}

case "${1:-}" in
  toolchain | hosts) "$1" ;;
  "") toolchain && hosts ;;
  *) say "no such half: $1; expected toolchain or hosts"; exit 2 ;;
esac
