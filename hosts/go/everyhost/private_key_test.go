package everyhost

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestAPrivateKeyIsSignedWith(t *testing.T) {
	module := builtModule(t, "signer-raw")
	for what, public := range map[string][]byte{"a seed alone": nil, "with its public key": publicKey} {
		key := must[*PrivateKey](t)(NewPrivateKey(seed, public))
		s := must[*Signer](t)(NewSignerFromPrivateKey(module, key, WithBatchModules(builtModule(t, "signer-lanes"))))
		wantBytes(t, key.Seed(), seed, "the signer changes the seed")
		key.Wipe() // which does not concern the signer
		wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, what)
		wantBytes(t, must[[][]byte](t)(s.SignMany([][]byte{hello, hello}))[1], helloSignature, what)
		wantBytes(t, must[[]byte](t)(s.PublicKey()), publicKey, what)
		noError(t, s.Close())
	}
	one, two := GeneratePrivateKey(), GeneratePrivateKey()
	expect(t, !bytes.Equal(one.Seed(), two.Seed()) && one.PublicKey() == nil, "%x, then %x", one.Seed(), two.Seed())
	s := must[*Signer](t)(NewSignerFromPrivateKey(module, one))
	wantBytes(t, must[[]byte](t)(s.Sign(hello)), oracleSign(one.Seed(), hello), "with a key that was generated")
	noError(t, s.Close())
}

func TestAPrivateKeyThatIsWrongMakesNoSigner(t *testing.T) {
	w := &witness{t: t}
	good := must[*PrivateKey](t)(NewPrivateKey(seed, publicKey))
	wiped := must[*PrivateKey](t)(NewPrivateKey(seed, publicKey))
	held := wiped.seed
	wiped.Wipe()
	wiped.Wipe()
	expect(t, *held == [SeedLen]byte{} && wiped.Seed() == nil, "a wipe leaves the seed")
	for _, key := range []*PrivateKey{nil, new(PrivateKey), wiped} {
		wantCode(t, errOf(NewSignerFromPrivateKey(w.faulty("", 0), key)), NoKey)
	}
	for n := 1; n <= 8; n++ { // it derives, and loads
		if s, err := NewSignerFromPrivateKey(w.faulty("TRAP-AT:", n), must[*PrivateKey](t)(NewPrivateKey(seed, nil))); err == nil {
			noError(t, s.Close())
		} else {
			wantCode(t, err, Trapped)
		}
	}
	w.verify("NewSignerFromPrivateKey")
	other := must[*PrivateKey](t)(NewPrivateKey(otherSeed, publicKey))
	wantCode(t, errOf(NewSignerFromPrivateKey(builtModule(t, "signer-raw"), other)), KeyPairMismatch)
	expect(t, errOf(NewSignerFromPrivateKey(builtModule(t, "add-raw"), good)) != nil, "an adder holds a key")

	for _, length := range []int{0, 31, 33, 64} {
		wantCode(t, errOf(NewPrivateKey(make([]byte, length), nil)), KeyLength)
		wantCode(t, errOf(NewPrivateKey(seed, make([]byte, length))), PublicKeyLength)
	}
}

func TestAPrivateKeyIsNotShown(t *testing.T) {
	key := must[*PrivateKey](t)(NewPrivateKey(seed, publicKey))
	written := string(must[[]byte](t)(json.Marshal([]any{key})))
	for _, verb := range strings.Split("%v %+v %#v %s %q %x %X %d %b %o %t %U %p", " ") {
		for _, shown := range []any{key, *key, []*PrivateKey{key}, struct{ Key *PrivateKey }{key}} {
			written += fmt.Sprintf(verb, shown)
		}
	}
	for at := range SeedLen - 3 {
		part := seed[at:][:4]
		for _, form := range []string{fmt.Sprintf("%x", part), fmt.Sprintf("%X", part), strings.Trim(fmt.Sprint(part), "[]"), strings.Trim(fmt.Sprintf("%#v", part), "[]byte{}"), base64.StdEncoding.EncodeToString(seed[at:])[:5], string(part)} {
			expect(t, !strings.Contains(written, form), "the seed is shown: %s", form)
		}
	}
	want(t, fmt.Sprint(key), fmt.Sprintf("PrivateKey(public key %x)", publicKey), "its text")
}

func TestAPrivateKeyThatIsDroppedIsCleared(t *testing.T) {
	key := must[*PrivateKey](t)(NewPrivateKey(seed, nil))
	held := key.seed
	wantBytes(t, held[:], seed, "there is no seed to clear")
	runtime.KeepAlive(key)
	for until := time.Now().Add(30 * time.Second); *held != [SeedLen]byte{}; time.Sleep(10 * time.Millisecond) {
		if runtime.GC(); time.Now().After(until) {
			t.Fatal("the seed is left")
		}
	}
}
