package everyhost

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"everyhost/hosts/go/tests/wasmtest"
)

// The suite keys has the files that are right and wrong; here is what the wrapper does with them.

func testKeys(t testing.TB) *Keys {
	t.Helper()
	k := must[*Keys](t)(NewKeys(builtModule(t, "keys")))
	t.Cleanup(func() { _ = k.Close() })
	return k
}

func pkcs8(t testing.TB, key any) []byte {
	t.Helper()
	return must[[]byte](t)(x509.MarshalPKCS8PrivateKey(key))
}

func TestKeysAreWrittenAsTheStandardLibraryDoesAndReadAgain(t *testing.T) {
	k := testKeys(t)
	alone, both := must[*PrivateKey](t)(NewPrivateKey(seed, nil)), must[*PrivateKey](t)(NewPrivateKey(seed, publicKey))
	public := must[[]byte](t)(x509.MarshalPKIXPublicKey(ed25519.PublicKey(publicKey)))
	text := base64.RawURLEncoding.EncodeToString
	v2 := append([]byte{0x30, 81, 2, 1, 1}, pkcs8(t, oracle(seed))[5:]...) // RFC 8410: and then [1], the public key
	v2 = append(append(v2, 0x81, 33, 0), publicKey...)
	pemOf := func(label string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	}
	jwk := `{"kty":"OKP","crv":"Ed25519",`
	for _, one := range []struct {
		key  *PrivateKey
		form Form
		file string
	}{
		{alone, DER, string(pkcs8(t, oracle(seed)))},
		{alone, PEM, pemOf("PRIVATE KEY", pkcs8(t, oracle(seed)))},
		{both, DER, string(v2)},
		{both, PEM, pemOf("PRIVATE KEY", v2)},
		{both, JWK, jwk + `"d":"` + text(seed) + `","x":"` + text(publicKey) + `"}`},
		{nil, DER, string(public)},
		{nil, PEM, pemOf("PUBLIC KEY", public)},
		{nil, JWK, jwk + `"x":"` + text(publicKey) + `"}`},
	} {
		if one.key == nil {
			file := must[[]byte](t)(k.WritePublicKey(publicKey, one.form))
			want(t, string(file), one.file, "a public key")
			wantBytes(t, must[[]byte](t)(k.ReadPublicKey(file)), publicKey, "a public key, read again")
			continue
		}
		file := must[[]byte](t)(k.WritePrivateKey(one.key, one.form))
		want(t, string(file), one.file, "a private key")
		again := must[*PrivateKey](t)(k.ReadPrivateKey(file))
		expect(t, bytes.Equal(again.Seed(), seed) && bytes.Equal(again.PublicKey(), one.key.PublicKey()), "it is another when read again: %v", again)
		s := must[*Signer](t)(NewSignerFromPrivateKey(builtModule(t, "signer-raw"), again))
		wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "its signature")
		noError(t, s.Close())
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	k := testKeys(t)
	refuses := func(private, public Code, file []byte) {
		t.Helper()
		key, err := k.ReadPrivateKey(file)
		wantCode(t, err, private)
		expect(t, key == nil, "beside the error there is a key")
		wantCode(t, only(t, func(key []byte) bool { return key == nil })(k.ReadPublicKey(file)), public)
	}
	refuses("KEY_FORMAT", "KEY_FORMAT", nil)
	refuses("KEY_FORMAT", "KEY_FORMAT", make([]byte, 16384))
	refuses("KEY_TOO_LARGE", "KEY_TOO_LARGE", make([]byte, 16385))
	refuses("KEY_TOO_LARGE", "KEY_TOO_LARGE", make([]byte, 3*mib)) // more than there is linear memory
	elsewhere := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	wantCode(t, errOf(k.ReadPrivateKey(pkcs8(t, elsewhere))), "KEY_ALGORITHM")
	wantCode(t, errOf(k.ReadPublicKey(must[[]byte](t)(x509.MarshalPKIXPublicKey(&elsewhere.PublicKey)))), "KEY_ALGORITHM")

	key := must[*PrivateKey](t)(NewPrivateKey(seed, nil))
	wantCode(t, errOf(k.WritePrivateKey(key, JWK)), "KEY_JWK")
	for _, form := range []Form{0, 4, 1 << 31} {
		wantCode(t, errOf(k.WritePrivateKey(key, form)), "KEY_FORMAT")
		wantCode(t, errOf(k.WritePublicKey(publicKey, form)), "KEY_FORMAT")
	}
	for _, length := range []int{0, 31, 33} {
		wantCode(t, errOf(k.WritePublicKey(make([]byte, length), PEM)), PublicKeyLength)
	}
	key.Wipe()
	wantCode(t, errOf(k.WritePrivateKey(key, PEM)), NoKey)
	wantCode(t, errOf(k.WritePrivateKey(nil, PEM)), NoKey)
	expect(t, errOf(NewKeys(builtModule(t, "signer-raw"))) != nil && !builtModule(t, "signer-raw").IsKeys() && k.module.IsKeys(), "a signer passes for keys")
}

// What is called, and what it ends in.
func keysCalls(t testing.TB) map[string]func(*Keys) error {
	file := pkcs8(t, oracle(seed))
	key := must[*PrivateKey](t)(NewPrivateKey(seed, publicKey))
	return map[string]func(*Keys) error{
		"ok":             func(k *Keys) error { return errOf(k.ReadPrivateKey(file)) },
		"KEY_IS_PRIVATE": func(k *Keys) error { return errOf(k.ReadPublicKey(file)) },
		"KEY_DER":        func(k *Keys) error { return errOf(k.ReadPrivateKey(append(file, 0))) },
		"ok, of JWK":     func(k *Keys) error { return errOf(k.WritePrivateKey(key, JWK)) },
		"ok, of PEM":     func(k *Keys) error { return errOf(k.WritePrivateKey(key, PEM)) },
		"KEY_FORMAT":     func(k *Keys) error { return errOf(k.WritePrivateKey(key, 0)) },
	}
}

// However a call ends, and wherever it traps or panics, nothing of the key stays in linear memory.
func TestWhateverACallOfKeysEndsIn(t *testing.T) {
	broken := compiled(t, wasmtest.Module{MinPages: 1, Functions: []wasmtest.Function{{Name: "keys_abi_version", Results: []byte{wasmtest.I32}, Body: wasmtest.Unreachable}}})
	for _, fault := range []string{"", "TRAPPED", "panic"} {
		for name, call := range keysCalls(t) {
			expected, _, _ := strings.Cut(name, ",")
			var faults int
			for n := 1; n <= 9; n++ {
				w := &witness{t: t}
				k := must[*Keys](t)(NewKeys(w.seeing(builtModule(t, "keys"))))
				memory, module := k.guest.everything(), k.module
				switch fault {
				case "TRAPPED":
					w.trapAt = n
				case "panic":
					w.panicAt = n
				}
				ended := ending(func() error { return call(k) })
				w.trapAt, w.panicAt = 0, 0
				what := fmt.Sprintf("%s, %s at %d: %s", name, fault, n, ended)
				expect(t, ended == expected || ended == fault, "%s", what)
				found := ""
				for at := range SeedLen - runLen {
					if bytes.Contains(memory, seed[at:][:runLen]) || bytes.Contains(memory, []byte(base64.RawURLEncoding.EncodeToString(seed[at:]))[:runLen]) {
						found = "the seed"
					}
				}
				expect(t, found == "", "%s: there is still %s", what, found)
				switch {
				case ended == "panic":
					expected = "CLOSED"
				case ended == "TRAPPED":
					expect(t, len(w.instances) == 2 && w.instances[0].IsClosed(), "%s: there are %d instances", what, len(w.instances))
				}
				want(t, ending(func() error { return call(k) }), expected, "again, after "+what)
				expected, _, _ = strings.Cut(name, ",")
				if ended == fault {
					faults++
					k = must[*Keys](t)(NewKeys(module))
					k.module = broken
					w.trapAt = n
					want(t, ending(func() error { return call(k) }), "TRAPPED", what)
					want(t, ending(func() error { return call(k) }), "CLOSED", what)
					w.trapAt = 0
				}
				noError(t, k.Close())
			}
			expect(t, faults >= 3 || fault == "", "%s: %d faults: the test shows nothing", name, faults)
		}
	}
}

func TestKeysHaveOneOwnerUntilTheyAreClosed(t *testing.T) {
	k := testKeys(t)
	for name, call := range keysCalls(t) {
		noError(t, k.enter())
		wantCode(t, call(k), InUse)
		wantCode(t, k.Close(), InUse)
		k.leave()
		expected, _, _ := strings.Cut(name, ",")
		want(t, ending(func() error { return call(k) }), expected, "after a call that was turned away")
	}
	noError(t, k.Close())
	noError(t, k.Close())
	for _, call := range keysCalls(t) {
		wantCode(t, call(k), Closed)
		wantCode(t, call(new(Keys)), Closed)
	}
}
