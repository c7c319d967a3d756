#!/usr/bin/env bash
# Installs what is missing, by package name, and nothing twice. Without root it leaves out what only the system's
# package manager can install, and says so; what can't be done without ends with 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

say() { printf 'setup: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

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

# What only the system's package manager has. --no-install-recommends matters: without it chromium brings systemd.
system_packages=()
have clang || system_packages+=(clang lld llvm)
have "${CHROMIUM:-chromium}" || have chromium-browser || have google-chrome || system_packages+=(chromium)
if [ -z "${EVERYHOST_NO_SYSTEM_PACKAGES:-}" ] && [ ${#system_packages[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if have apt-get && "${as_root[@]}" true 2>/dev/null; then
    say "installing ${system_packages[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${system_packages[@]}" >/dev/null
  else
    say "missing, and not to be installed from here: ${system_packages[*]}; as root: apt-get install --no-install-recommends ${system_packages[*]}"
  fi
fi

# The JavaScript hosts. npm keeps a copy of the lock file of what it installed.
for host in hosts/node hosts/browser; do
  [ -e "$host/package-lock.json" ] || continue
  if [ "$host/package-lock.json" -nt "$host/node_modules/.package-lock.json" ]; then
    have npm || { say "npm is missing; apt-get install --no-install-recommends nodejs npm (Node 20 or later)"; exit 1; }
    say "npm ci in $host"
    npm ci --prefix "$host" --no-audit --no-fund --loglevel=error
    touch "$host/node_modules/.package-lock.json"
  fi
done

# The Python host. It is one row of the matrix: without it the others still run.
if [ -x hosts/python/setup.sh ]; then
  hosts/python/setup.sh || say "the Python row is not set up; the other rows run without it"
fi
