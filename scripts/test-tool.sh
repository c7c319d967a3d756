#!/usr/bin/env bash
# The tool as a stranger has it: its wheel in an empty venv, with an empty HOME, outside the clone. It runs a small module on
# Node, Python, Go and Chromium.
#
#   test-tool.sh [ROW,…]    with target/packages/tool/*.whl, which crates/everyhost/package.sh builds
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
clone=$PWD
rows=${1:-node,python,go-wazero,chromium}
wheel=$(echo "${CARGO_TARGET_DIR:-$clone/target}"/packages/tool/*.whl)
[ -f "$wheel" ] || { echo "test-tool: there is no wheel; build it with crates/everyhost/package.sh" >&2; exit 2; }
work=$(mktemp -d)
# Go makes its module cache read-only.
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps "$wheel"
# What npm and Go are configured with stays; nothing else of this home does.
npm_config_userconfig=$(npm config get userconfig) GOENV=$(go env GOENV 2>/dev/null || true)
export npm_config_userconfig GOENV HOME=$work/home NO_COLOR=1
unset XDG_CACHE_HOME XDG_CONFIG_HOME EVERYHOST_ROOT CI GOPATH GOCACHE GOMODCACHE
mkdir "$work/home" "$work/project"
cd "$work/project"
everyhost=$work/venv/bin/everyhost

fail() { echo "test-tool: $*" >&2; exit 1; }
# ends CODE COMMAND…: its output is in $work/said.
ends() {
  local wanted=$1 code=0
  shift
  "$@" >"$work/said" 2>&1 || code=$?
  [ $code = "$wanted" ] || { cat "$work/said" >&2; fail "expected exit code $wanted, and it was $code: $*"; }
}
says() { grep -qF -- "$1" "$work/said" || { cat "$work/said" >&2; fail "it should say: $1"; }; }
is() { [ "$1" = "$2" ] || fail "expected $2, and it was $1"; }

echo "the wheel has the tool and nothing of the clone"
is "$(cd "$work/venv/bin" && ls -d everyhost* bad-adapter 2>/dev/null)" everyhost

echo "what is missing is said"
# (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
printf '\0asm\1\0\0\0\1\7\1\x60\2\x7f\x7f\1\x7f\3\2\1\0\7\7\1\3add\0\0\xa\x9\1\7\0\x20\0\x20\1\x6a\xb' >add.wasm
ends 2 env -u HOME XDG_CACHE_HOME=relative HOME=relative "$everyhost" list
says 'set HOME, or XDG_CACHE_HOME'
touch "$work/file"
ends 2 env XDG_CACHE_HOME="$work/file" "$everyhost" list
says 'XDG_CACHE_HOME takes another folder'
ends 2 "$everyhost" init add.wasm --host pyton
says 'did you mean python?'
ends 2 "$everyhost" init add.wasm --host node,c-wasm2c
says "c-wasm2c can't be set up here: only in a clone"
ends 2 "$everyhost" init ../add.wasm
says 'copy the module here'
[ ! -e everyhost.toml ] && [ ! -e vectors ] || fail "a command that failed wrote something"
ends 1 env PATH=/nowhere "$everyhost" setup --host deno
says 'everyhost setup --host deno'
ends 1 "$everyhost" setup --host wasmtime
says 'only in a clone of everyhost'
# Nothing listens there.
ends 1 env XDG_CACHE_HOME="$work/offline" npm_config_registry=http://127.0.0.1:1 npm_config_fetch_retries=0 \
  "$everyhost" setup --host deno
says 'hosts/deno is not set up'
says 'needs the network'

echo "init writes what run needs; the rows are set up: $rows"
SECONDS=0
ends 0 "$everyhost" init add.wasm --host "$rows"
cat "$work/said"
echo "set up and recorded in $SECONDS s; $(du -sh "$HOME/.cache/everyhost" | cut -f1) in the cache"
is "$(find . -type f | LC_ALL=C sort | xargs)" "./.github/workflows/everyhost.yml ./add.wasm ./everyhost.toml ./vectors/add.json"
ends 2 "$everyhost" init add.wasm
says 'exists; it is not written over'

echo "run: green on every row, twice at once"
"$everyhost" run --strict --report "$work/other" >"$work/other.txt" 2>&1 & other=$!
SECONDS=0
ends 0 "$everyhost" run --strict
cat "$work/said"
echo "a later run took $SECONDS s"
wait $other || { cat "$work/other.txt" >&2; fail "the second run at once"; }
for row in ${rows//,/ }; do
  grep -q "\"row\": *\"$row\"" everyhost-report/report.json || fail "$row is not in the report"
done
[ "$(find "$HOME/.cache/everyhost" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || fail "the cache has something else"

echo "run: red if an answer is another"
cp vectors/add.json "$work/add.json"
sed 's/\("expect":.*"i32":\)0/\17/' "$work/add.json" >vectors/add.json
! cmp -s vectors/add.json "$work/add.json" || fail "the vectors have not what is to be changed: $(cat vectors/add.json)"
ends 1 "$everyhost" run --host node

echo "watch: runs again after a change"
"$everyhost" watch --host node >"$work/watch" 2>&1 & watch=$!
trap 'kill $watch 2>/dev/null || :; chmod -R u+w "$work"; rm -rf "$work"' EXIT
# waits_for COUNT: how often it has run and waits.
waits_for() {
  for _ in $(seq 300); do
    [ "$(grep -c 'waiting for a change' "$work/watch")" -lt "$1" ] || return 0
    sleep 0.1
  done
  cat "$work/watch" >&2
  fail "watch did not run $1 times"
}
waits_for 1
cp "$work/add.json" vectors/add.json
waits_for 2
kill $watch
is "$(grep -c ', 0 red' "$work/watch")" 1

echo "the action: green, then red, with a summary"
export RUNNER_TEMP=$work/runner GITHUB_OUTPUT=$work/output GITHUB_STEP_SUMMARY=$work/summary
mkdir "$RUNNER_TEMP"
action=$clone/.github/actions/everyhost/run.sh
ends 0 env EVERYHOST_PACKAGE="$wheel" EVERYHOST_HOSTS=node EVERYHOST_REPORT=seen "$action"
is "$(cat "$GITHUB_OUTPUT")" report=seen
[ -f seen/index.html ] || fail "the action wrote no report"
grep -q '^    node ' "$GITHUB_STEP_SUMMARY" || { cat "$GITHUB_STEP_SUMMARY" >&2; fail "the summary has no matrix"; }
cp add.wasm other.wasm
ends 1 env EVERYHOST_PACKAGE="$wheel" EVERYHOST_HOSTS=wasmtime EVERYHOST_MODULE=other.wasm EVERYHOST_VECTORS=vectors "$action"
# Every variable of the step is one that the script reads, and the other way round.
is "$(grep -o 'EVERYHOST_[A-Z]*' "$clone/.github/actions/everyhost/action.yml" | sort -u)" "$(grep -o 'EVERYHOST_[A-Z]*' "$action" | sort -u)"

echo "the tool without the clone: all as it should be"
