#!/usr/bin/env bash
# From a fresh clone to the tool, the hosts and the modules, with what waits for the network beside what computes.
#
#   prepare.sh WHAT…    what cargo builds, such as: -p everyhost -p host-native
#
# The modules are built beside the Rust hosts, unless WHAT is the whole workspace or has the examples: that is built at once,
# because then the dependencies have other features than with the tool alone, and would be built twice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
scripts=crates/everyhost/scripts

"$scripts/setup.sh" toolchain
"$scripts/setup.sh" hosts & hosts=$!
# An installation is not to be left half-done, whatever happens to the build.
trap 'wait "$hosts"' EXIT

whole=
case " $* " in
  *" --workspace "* | *" --examples "*) whole=yes && cargo build --locked --quiet "$@" ;;
  *) cargo build --locked --quiet "$@" --bin everyhost ;;
esac
wait "$hosts"
trap - EXIT

# What is built already is not asked for again: two cargos at once tell each other's waiting in the output.
[ -z "$whole" ] || exec target/debug/everyhost build

target/debug/everyhost build & modules=$!
code=0
cargo build --locked --quiet "$@" || code=$?
wait "$modules" || code=$?
exit "$code"
