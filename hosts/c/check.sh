#!/bin/sh
# Every check of the C host: formatting, warnings, clang's analyzer, the example, the adapters, tests with and without sanitizers. Arguments go to
# the tests: -v names each. CK_RUN_CASE=signer runs one group of them.
set -eu
cd "$(dirname "$0")"
apt="apt-get install --no-install-recommends"
for tool in clang clang-format; do
    command -v "$tool" >/dev/null 2>&1 || { echo "hosts/c: $tool was not found. On Debian: $apt $tool" >&2; exit 1; }
done
echo "#include <check.h>" | cc -E - >/dev/null 2>&1 ||
    { echo "hosts/c: <check.h> was not found. On Debian: $apt check" >&2; exit 1; }

# codes.h and codes.c are written by `make vectors`.
# shellcheck disable=SC2046
clang-format --dry-run --Werror $(find . -name '*.[ch]' -not -path './build/*' -not -path './.venv/*' -not -name 'codes.*')
warnings="-Wall -Wextra -Wpedantic -Werror"
./libwasmtime.sh
make --silent warnings
make --silent analyze
make --silent --jobs=2 tests wasmtime-adapter SANITIZE=1 WARNINGS="$warnings"
make --silent --jobs=2 tests wasmtime-adapter WARNINGS="$warnings"
node ../examples.mjs c
build=build
[ ! -e ../../Cargo.toml ] || build=../../target/c
node ../adapters.mjs --program hosts/c/$build/sanitized/adapter c-wasm2c
node ../adapters.mjs --program hosts/c/$build/sanitized/wasmtime-adapter c-wasmtime
node ../adapters.mjs c-wasm2c c-wasmtime
# LeakSanitizer looks for leaks at the end of each test's process. Where it has followed the thread-local variables of a library that
# was loaded by name, its own tracer crashes there now and then, reading from address 0x1a0 or so (google/sanitizers#1353): it shall not
# follow them. Should it crash all the same, that says nothing of the test, and all of them run once more.
export ASAN_OPTIONS="${ASAN_OPTIONS:-intercept_tls_get_addr=0}"
log=$build/sanitized/run-tests.log
run_sanitized() {
    status=0
    "$build/sanitized/run-tests" "$@" >"$log" 2>&1 || status=$?
    cat "$log"
}
run_sanitized "$@"
if [ "$status" -ne 0 ] && grep -q "^Tracer caught signal" "$log"; then
    echo "hosts/c: LeakSanitizer's tracer crashed: the tests run once more"
    run_sanitized "$@"
fi
[ "$status" -eq 0 ] || exit "$status"
exec "$build/run-tests" "$@"
