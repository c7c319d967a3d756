#!/usr/bin/env bash
# Packs the wrappers with the modules, as C and as bytes: target/packages/c/. The same bytes each time.
set -euo pipefail
cd "$(dirname "$0")"
root=../..
out=$root/target/packages/c
version=$($root/scripts/version.sh)
abi=$(sed -n 's/.*define ABI_VERSION \([0-9]*\)/\1/p' signer/signer.c)
date=$($root/scripts/version.sh date)
name=everyhost-signer-$version
# The file in wasm/, which makes a name of modules.h; the modules in it; what they are for.
modules="signer        | signer-raw | signs, verifies, derives; compiled into the library
signer-batches | signer-lanes-relaxed | signs many messages, by relaxed SIMD
signer-batches | signer-lanes | signs many messages, by plain SIMD
verifier       | verifier-lanes-relaxed | verifies many signatures, by relaxed SIMD
verifier       | verifier-lanes | verifies many signatures, by plain SIMD
keys           | keys | reads and writes key files; compiled into the library"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
to=$made/$name
mkdir -p "$to"/{src,wasm,include/everyhost} $out

identifier() { echo "${1//-/_}"; }
rows=
while IFS='|' read -r file module use; do
    file=${file// /} module=${module// /}
    wasm=$root/target/modules/$module.wasm
    [ -f "$wasm" ] || { echo "hosts/c: $wasm does not exist; build it with: make modules" >&2; exit 1; }
    id=$(identifier "$module")
    {
        [ -s "$to/wasm/$file.c" ] || echo '#include "modules.h"'
        printf '\nstatic const unsigned char %s[] = {\n' "$id"
        od -An -v -tu1 -w32 "$wasm" | sed 's/^ *//; s/  */,/g; s/$/,/'
        echo "};"
    } >>"$to/wasm/$file.c"
    rows+="| \`$module\` | $(stat -c %s "$wasm") |$use |\n"
done <<<"$modules"
value() { echo "{\"$1\", $(identifier "$1"), sizeof $(identifier "$1")}"; }
single() { printf '\nconst struct modules_wasm modules_%s = %s;\n' "$1" "$(value "$2")" >>"$to/wasm/$1.c"; }
several() { # several NAME MODULES OTHER: a list of modules, and after them another name's
    id=$(identifier "$1")
    {
        printf '\nstatic const struct modules_wasm wasm[] = {\n'
        for module in $2; do echo "    $(value "$module"),"; done
        printf '};\n\nconst struct modules_wasm *const modules_%s[] = {&wasm[0], &wasm[1]%s};\n' "$id" "$3"
    } >>"$to/wasm/$1.c"
}
single signer signer-raw
single keys keys
several signer-batches "signer-lanes-relaxed signer-lanes" ""
several verifier "verifier-lanes-relaxed verifier-lanes" ", &modules_signer"

wasm2c --module-name signer_raw --output "$to/src/signer-raw.c" $root/target/modules/signer-raw.wasm
wasm2c --module-name keys --output "$to/src/keys-module.c" $root/target/modules/keys.wasm

for header in codes guest keys private_key signer verifier; do cp signer/$header.h "$to/include/everyhost"; done
for source in batch.c batch.h codes.c guest.c keys.c owner.h private_key.c signer.c token.c verifier.c verify_module.c; do
    cp signer/$source "$to/src"
done
# wabt's, which guest.c implements.
cp "$(echo '#include <wasm-rt.h>' | cc -E -M -x c - | grep -o '[^ ]*/wasm-rt.h')" package/modules.h "$to/include/everyhost"
cp package/flags package/everyhost-signer.pc.in $root/LICENSE-* $root/CHANGELOG.md "$to"
for page in README.md CMakeLists.txt; do
    sed -e "s/@VERSION@/$version/g; s/@ABI@/$abi/g" -e "s#@MODULES@#${rows%\\n}#" package/$page >"$to/$page"
done

rm -f "$out"/*.tar.gz # of another version
tar --create --directory="$made" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX --mtime="$date 00:00:00Z" $name | gzip --no-name --best >"$out/$name.tar.gz"
for file in "$out"/*.tar.gz; do echo "${file##*/} $(stat -c %s "$file")"; done
