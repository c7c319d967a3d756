#!/bin/bash
# Packs the Go module, and uses it as a stranger does: in an empty folder, from its packed form, with nothing else of ours.
set -euo pipefail
cd "$(dirname "$0")"
go=$(./toolchain.sh)
export GOTOOLCHAIN=local
PATH=$(dirname "$go"):$PATH
packages=$(cd ../.. && pwd)/target/packages/go
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

proved() { echo "hosts/go: the package: $*"; }
fail() {
    echo "hosts/go: the package: $*" >&2
    exit 1
}
sums() { (cd "$1" && find . -type f | LC_ALL=C sort | xargs sha256sum); }

./package.sh
mkdir -p "$tmp/elsewhere"
(cd ../.. && cp -R --parents LICENSE-* CHANGELOG.md Cargo.toml scripts/version.sh target/modules hosts/go/{_package,everyhost,pack,go.mod,go.sum,package.sh,toolchain.sh,requirements.txt} "$tmp/elsewhere")
(umask 077 && TZ=Pacific/Auckland GO=$go "$tmp/elsewhere/hosts/go/package.sh" >"$tmp/log")
diff <(sums "$packages") <(sums "$tmp/elsewhere/target/packages/go") || fail "two builds differ, as above"
proved "built in another folder, it has the same sha256"

# The tools, before the modules of this machine are out of sight.
go build -o "$tmp/tools/" honnef.co/go/tools/cmd/staticcheck golang.org/x/exp/cmd/gorelease

mod=$(find "$packages" -name '*.mod')
path=$(sed -n 's/^module //p' "$mod")
version=$(basename "$mod" .mod)
# Ours come from the folder; others from where Go gets modules, or from what it has got from there already.
GOPROXY=file://$packages,file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)
export GOPROXY GONOSUMDB=$path GOMODCACHE=$tmp/modules GOFLAGS=-modcacherw GOWORK=off
mkdir "$tmp/stranger"
cd "$tmp/stranger"
go mod init stranger 2>/dev/null
go get "$path" 2>/dev/null
installed=$GOMODCACHE/$path@$version
needed=$(go list -m -f '{{.Path}}' all | xargs)
[ "$needed" = "stranger $path github.com/tetratelabs/wazero golang.org/x/sys" ] || fail "it brings other modules along: $needed"
go mod verify >/dev/null
proved "go get finds $version in the folder, and brings only wazero along"

awk '/^```go$/ { on = 1; next } on && /^```$/ { exit } on' "$installed/README.md" >main.go
output=$(go run .)
[ "$output" = true ] || fail "the README's program prints '$output', not true"
proved "the README's first program signs and verifies"

mkdir token
cat >token/main.go <<END
// Command token uses what a stranger would, with the types that the documentation names.
package main

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"strings"

	"$path"
	"$path/modules"
)

func main() {
	var module *everyhost.Module
	module, err := modules.Signer()
	if err != nil {
		log.Fatal(err)
	}
	keysModule, err := modules.Keys()
	if err != nil {
		log.Fatal(err)
	}
	var keys *everyhost.Keys
	keys, err = everyhost.NewKeys(keysModule)
	if err != nil {
		log.Fatal(err)
	}
	defer keys.Close()
	var file []byte
	file, err = keys.WritePrivateKey(everyhost.GeneratePrivateKey(), everyhost.PEM)
	if err != nil {
		log.Fatal(err)
	}
	var key *everyhost.PrivateKey
	key, err = keys.ReadPrivateKey(file)
	if err != nil {
		log.Fatal(err)
	}
	clear(file)
	var signer *everyhost.Signer
	signer, err = everyhost.NewSignerFromPrivateKey(module, key, everyhost.WithBatchModules(modules.SignerBatches()...))
	if err != nil {
		log.Fatal(err)
	}
	defer signer.Close()
	var plain crypto.Signer = signer.CryptoSigner()
	publicKey := plain.Public().(ed25519.PublicKey)
	var token string
	token, err = signer.SignToken(map[string]any{"sub": "me"}, everyhost.WithAlg("Ed25519"), everyhost.WithKid("k"))
	if err != nil {
		log.Fatal(err)
	}
	parts := strings.Split(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		log.Fatal(err)
	}
	var verifier *everyhost.Verifier
	verifier, err = everyhost.NewVerifier(modules.Verifier()...)
	if err != nil {
		log.Fatal(err)
	}
	defer verifier.Close()
	jwks := fmt.Sprintf(\`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":%q}]}\`, base64.RawURLEncoding.EncodeToString(publicKey))
	var results []everyhost.Token
	results, err = verifier.VerifyTokens([]string{token, parts[0] + ".e30." + parts[2]}, []byte(jwks))
	if err != nil {
		log.Fatal(err)
	}
	var code *everyhost.TokenError
	fmt.Println(results[0].Claims["sub"], errors.As(results[1].Err, &code) && code.Code == everyhost.TokenSignatureInvalid,
		ed25519.Verify(publicKey, []byte(parts[0]+"."+parts[1]), signature), verifier.ModuleIndex())
	many, err := signer.SignMany([][]byte{[]byte("one"), []byte("two")})
	fmt.Println(len(many), err, signer.BatchModule())
}
END
output=$(go run ./token | xargs)
[ "$output" = "me true true 1 2 <nil> 1" ] || fail "the program with a token prints '$output'"
proved "a token by a key that went through PEM is right to it and to crypto/ed25519, another is refused, and the lanes are used"

unpacked=$tmp/unpacked
cp -R "$installed" "$unpacked"
cd "$unpacked"
other=$(find . -type f | LC_ALL=C sort | grep -vxE '\./(go\.(mod|sum)|(README|CHANGELOG)\.md|LICENSE-(MIT|APACHE|THIRD-PARTY)|example_test\.go|modules/(modules\.go|[a-z-]+\.wasm)|[a-z_]+\.go)' || true)
other+=$(find . -name '*_test.go' ! -name example_test.go)
[ -z "$other" ] || fail "what is this doing in it: $other"
for wasm in modules/*.wasm; do
    cmp "$wasm" "$packages/../../$wasm" || fail "$wasm is not the one that was built"
done
! grep -n '@[a-z-]*@' README.md || fail "a fact is missing in the README, as above"
proved "it has the wrapper, the modules as they were built, and nothing of the kit"

go vet ./... || fail "go vet"
(cd "$tmp/stranger" && go vet ./... && "$tmp/tools/staticcheck" -checks all,-ST1000,-ST1023 ./...) || fail "a typed use does not pass"
"$tmp/tools/staticcheck" ./... || fail "staticcheck"
unformatted=$("$(go env GOROOT)/bin/gofmt" -l .)
[ -z "$unformatted" ] || fail "not as gofmt writes it: $unformatted"
go mod tidy -diff || fail "its go.mod is not tidy, as above"
proved "go vet, staticcheck, gofmt and go mod tidy have nothing to say, of it or of a typed use"

go test -count=1 -v ./... >"$tmp/log" || fail "an example fails: $(grep -A9 '^--- FAIL' "$tmp/log")"
passed=$(grep -c '^--- PASS: Example' "$tmp/log")
[ "$passed" = "$(grep -c '^func Example' example_test.go)" ] || fail "of its examples, only $passed ran"
proved "its $passed examples print what they say"

"$tmp/tools/gorelease" -base=none -version="$version" >"$tmp/log" || fail "gorelease: $(cat "$tmp/log")"
proved "gorelease takes it as $version"
