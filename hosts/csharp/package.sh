#!/usr/bin/env bash
# Packs EveryhostSigner, with the modules inside, for NuGet: target/packages/csharp/. The same bytes each time.
set -euo pipefail
cd "$(dirname "$0")"
root=../..
out=$root/target/packages/csharp
version=$($root/scripts/version.sh)
abi=$(sed -n 's/.*const uint AbiVersion = \([0-9]*\);/\1/p' EveryhostSigner/Owned.cs)
wasmtime=$(sed -n 's/^wasmtime==\([0-9]*\).*/\1/p' requirements.txt)
# Each module, and what it is for.
modules="signer-raw         | \`Modules.Signer()\`: signs, verifies, derives, on every host
signer-lanes-relaxed        | \`Modules.SignerBatches()\`: many messages, by relaxed SIMD
signer-lanes                | the same, by plain SIMD
verifier-lanes-relaxed      | \`Modules.Verifier()\`: many signatures, by relaxed SIMD
verifier-lanes              | the same, by plain SIMD
keys                        | \`Modules.Keys()\`: reads and writes key files"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
dll=$made/lib/netstandard2.0/EveryhostSigner.dll
mkdir -p "${dll%/*}" $out
resources=()
rows=
while IFS='| ' read -r name use; do
    wasm=$root/target/modules/$name.wasm
    [ -f "$wasm" ] || { echo "hosts/csharp: $wasm does not exist; build it with: make modules" >&2; exit 1; }
    resources+=("-resource:$wasm,$name.wasm")
    rows+="| \`$name\` | $(stat -c %s "$wasm") | $use |\n"
done <<<"$modules"

cat >"$made/Version.cs" <<END
using System.Reflection;
[assembly:AssemblyVersion("$version.0")]
[assembly:AssemblyInformationalVersion("$version")]
END
mcs -nologo -langversion:7 -warn:4 -warnaserror -optimize+ -target:library -out:"$dll" -doc:"${dll%.dll}.xml" \
    "${resources[@]}" EveryhostSigner/*.cs "$made/Version.cs"
rm "$made/Version.cs"

cp $root/LICENSE-* $root/CHANGELOG.md "$made"
fill() { # fill FILE: what only this program knows
    sed -e "s/@VERSION@/$version/g; s/@ABI@/$abi/g; s/@WASMTIME@/$wasmtime/g; s/@DLL@/$(stat -c %s "$dll")/" \
        -e "s#@MODULES@#${rows%\\n}#" "package/$1" >"$made/$1"
}
fill README.md
fill EveryhostSigner.nuspec
rm -f "$out"/*.nupkg # of another version
python3 -I package/pack.py "$made" "$($root/scripts/version.sh date)" "$out/EveryhostSigner.$version.nupkg"
for file in "$out"/*.nupkg; do echo "${file##*/} $(stat -c %s "$file")"; done
