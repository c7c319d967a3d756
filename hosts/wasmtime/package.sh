#!/usr/bin/env bash
# Packs what crates.io takes, to target/packages/crates: everyhost-signer (the wrappers of src/, with the modules inside), and
# token-signer-core with signer-abi, the signer without Wasm.
#
# Cargo packs a crate's own folder, and only dependencies that have a version. So a workspace is laid out in target/: the
# same manifests, each inner dependency with the version of the root's Cargo.toml, and each crate with what a crate brings along.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$root/target/packages/crates
work=$root/target/crates-to-publish # `cargo publish` takes it from here
modules=(signer-raw signer-lanes signer-lanes-relaxed verifier-lanes verifier-lanes-relaxed keys)

for module in "${modules[@]}"; do
  if [[ ! -f $root/target/modules/$module.wasm ]]; then
    echo "package.sh: target/modules/$module.wasm does not exist; build it with: make modules" >&2
    exit 1
  fi
done

rm -rf "$out" "$work"
mkdir -p "$out" "$work/everyhost-signer/modules"
cp -r "$root/crates/signer-abi" "$root/crates/token-signer-core" "$work"
cp -r "$here/package/Cargo.toml" "$here/src" "$work/everyhost-signer"
rm -r "$work/everyhost-signer/src/signer" # its tests
for module in "${modules[@]}"; do
  cp "$root/target/modules/$module.wasm" "$work/everyhost-signer/modules"
done
for crate in signer-abi token-signer-core everyhost-signer; do
  cp "$root"/LICENSE-{APACHE,MIT} "$root/CHANGELOG.md" "$work/$crate"
done
cp "$root/LICENSE-THIRD-PARTY" "$work/everyhost-signer" # the only one with modules

# Each `<!-- sizes -->` of the README is replaced by a table of what is inside.
sizes() {
  echo '| module | bytes | gzip |'
  echo '|---|---|---|'
  local module
  for module in "${modules[@]}"; do
    local file=$work/everyhost-signer/modules/$module.wasm
    echo "| \`$module\` | $(wc -c <"$file") | $(gzip -9nc "$file" | wc -c) |"
  done
}
sizes >"$work/sizes"
sed -e "/<!-- sizes -->/{r $work/sizes" -e 'd}' "$here/package/README.md" >"$work/everyhost-signer/README.md"

version=$("$root/scripts/version.sh")
{
  printf '[workspace]\nresolver = "3"\nmembers = ["signer-abi", "token-signer-core", "everyhost-signer"]\n\n'
  # Of the root's manifest, what members inherit. Only from here may they be published.
  awk '/^\[/ { keep = /^\[workspace\.(package|dependencies|lints\.)/ } keep' "$root/Cargo.toml" |
    sed -e 's/^publish = false$/publish = true/' -e "s|path = \"crates/|version = \"$version\", path = \"|"
} >"$work/Cargo.toml"

# With the root's versions, or the lock file in each crate would change with the registry. `cargo publish` packs it, so what is
# published has the bytes that were tested and attested.
cp "$root/Cargo.lock" "$work"
said=$(cargo package --workspace --no-verify --manifest-path "$work/Cargo.toml" --target-dir "$work/target" 2>&1) ||
  { echo "$said" >&2; exit 1; }
if grep -q '^warning' <<<"$said"; then
  echo "package.sh: crates.io would not take this as it is: $said" >&2
  exit 1
fi
mv "$work"/target/package/*.crate "$out"
cd "$out"
wc -c -- *.crate | awk '$2 != "total" { print $2 ", " $1 " bytes" }'
