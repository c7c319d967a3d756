#!/bin/bash
# Builds the Go module with the Wasm modules inside, to target/packages/go: a folder that is a GOPROXY. The same Go makes the same bytes.
#   GO_MODULE_PATH=host.example/name hosts/go/package.sh    # another path to get it by
set -euo pipefail
cd "$(dirname "$0")"
go=$(./toolchain.sh)
export GOTOOLCHAIN=local
path=${GO_MODULE_PATH:-example.org/everyhost}
version=$(../../scripts/version.sh)
date=$(../../scripts/version.sh date)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R _package/. ../../LICENSE-* ../../CHANGELOG.md "$folder"
for file in everyhost/*.go; do
    case $file in *_test.go) ;; *) cp "$file" "$folder" ;; esac
done

facts=(-e "s|example\.org/everyhost|$path|g" -e "s/@version@/$version/" -e "s/@go@/$(sed -n 's/^go //p' go.mod)/"
    -e "s/@abi@/$(sed -n 's/^const abiVersion = //p' everyhost/guest.go)/")
for name in signer-raw signer-lanes-relaxed signer-lanes verifier-lanes-relaxed verifier-lanes keys; do
    wasm=../../target/modules/$name.wasm
    if ! cp "$wasm" "$folder/modules"; then
        echo "hosts/go: build the modules first: make modules" >&2
        exit 1
    fi
    facts+=(-e "s/@$name@/$(wc -c <"$wasm")/")
done
sed -i "${facts[@]}" "$folder"/README.md "$folder"/*_test.go "$folder"/modules/*.go

# What it needs, as this folder's go.mod has it.
{
    echo "module $path"
    sed -n '/^go /p' go.mod
    "$go" list -m -f 'require {{.Path}} {{.Version}}' github.com/tetratelabs/wazero golang.org/x/sys
} >"$folder/go.mod"
cp go.sum "$folder"
"$go" -C "$folder" mod tidy
"$go" run ./pack "$folder" "v$version" "$date" ../../target/packages/go
