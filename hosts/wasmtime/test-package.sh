#!/usr/bin/env bash
# Uses the packed crates as a stranger does, in an empty project outside of this folder. Each check says what it proves.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$root/target/packages/crates
# What the registry's crates compile to is kept, because it takes minutes; ours is not in it.
export CARGO_TARGET_DIR=$root/target/test-package-crates
export CARGO_PROFILE_DEV_DEBUG=0
# The empty project is outside of this folder, and so of what rust-toolchain.toml says.
RUSTUP_TOOLCHAIN=$(sed -n 's/^channel = "\(.*\)"$/\1/p' "$root/rust-toolchain.toml")
export RUSTUP_TOOLCHAIN
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT

proves() { echo "crates: $1"; }
fail() {
  echo "test-package.sh: $1" >&2
  exit 1
}

"$here/package.sh"
first=$(cd "$out" && sha256sum -- *.crate)

proves 'packed in another folder, they are the same bytes'
mkdir -p "$empty/clone/target"
cp -r "$root"/{Cargo.toml,Cargo.lock,CHANGELOG.md,LICENSE-*,rust-toolchain.toml,crates} "$empty/clone"
mkdir "$empty"/clone/{hosts,scripts}
cp "$root/scripts/version.sh" "$empty/clone/scripts"
cp -r "$here" "$empty/clone/hosts"
cp -r "$root/target/modules" "$empty/clone/target"
"$empty/clone/hosts/wasmtime/package.sh" >"$empty/log"
second=$(cd "$empty/clone/target/packages/crates" && sha256sum -- *.crate)
[[ $first == "$second" ]] || fail "packed twice, the bytes differ: $first, then $second"
rm -r "$empty/clone"

mkdir -p "$empty/unpacked" "$empty/project/src/bin"
for crate in "$out"/*.crate; do
  tar -xzf "$crate" -C "$empty/unpacked"
done

proves 'nothing of the kit is in them, and no test'
contents=$(cd "$empty/unpacked" && find . -type f | sed -e 's|^./||' -e 's|-[0-9.]*/|/|' | LC_ALL=C sort)
diff "$here/package/contents.txt" - <<<"$contents" >&2 ||
  fail 'the crates have other files (>) than hosts/wasmtime/package/contents.txt says (<)'

project=$empty/project
{
  printf '[package]\nname = "stranger"\nversion = "1.0.0"\nedition = "2024"\n\n'
  printf '[lints]\nrust.warnings = "deny"\nclippy = { all = "deny", pedantic = "deny" }\n\n[dependencies]\n'
  printf 'base64 = "0.22"\njsonwebtoken = { version = "11", default-features = false, features = ["rust_crypto", "use_pem"] }\nserde_json = "1"\n'
  patches=
  for folder in "$empty"/unpacked/*; do
    name=$(basename "$folder")
    [[ $name == signer-abi-* ]] || echo "${name%-*} = \"${name##*-}\""
    patches+="${name%-*} = { path = \"$folder\" }"$'\n'
  done
  printf '\n[patch.crates-io]\n%s' "$patches"
} >"$project/Cargo.toml"

# The program that stands first in a README.
first_program() { awk '/^```/ { if (inside) exit; inside = 1; next } inside' "$1"; }
for crate in everyhost-signer token-signer-core; do
  first_program "$empty/unpacked/$crate"-*/README.md >"$project/src/bin/$crate.rs"
done
cp "$here/package/typed.rs" "$project/src/bin"
cd "$project"

for crate in everyhost-signer token-signer-core; do
  proves "the program in the README of $crate signs and verifies"
  cargo run --quiet --bin "$crate" | grep -q '^signed and verified: ' || fail "the program in the README of $crate failed"
done

proves 'a token that is made with it, jsonwebtoken verifies, and the other way round; keys come in and go out'
cargo run --quiet --bin typed

proves 'typed use passes clippy, pedantic'
# As `cargo clippy` does it, but on what is compiled already: that one checks wasmtime and Cranelift once more.
RUSTC_WORKSPACE_WRAPPER=clippy-driver cargo build --quiet

proves 'without its modules, it compiles too'
rm -r src/bin
touch src/lib.rs
sed -i 's/^everyhost-signer = \(".*"\)$/everyhost-signer = { version = \1, default-features = false }/' Cargo.toml
grep -q 'default-features = false }$' Cargo.toml
cargo build --quiet

proves 'everything passed'
