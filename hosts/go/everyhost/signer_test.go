package everyhost

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"testing"

	"everyhost/hosts/go/tests/wasmtest"
)

const mib = 1024 * 1024

var tooLong = make([]byte, 16*mib+1)

func isNil(b []byte) bool { return b == nil }

func TestTheChaptersKeySignsHello(t *testing.T) {
	for _, name := range []string{"signer-raw", "signer-raw-simd"} {
		wasm := wasmtest.Built(t, name)
		for engine, module := range engines(t, wasm) {
			t.Run(name+"/"+engine, func(t *testing.T) {
				s := newSigner(t, module, keypair)
				for what, signature := range map[string][]byte{
					"Sign":     must[[]byte](t)(s.Sign(hello)),
					"SignMany": must[[][]byte](t)(s.SignMany([][]byte{hello}))[0],
					"SignWith": must[[]byte](t)(s.SignWith(keypair, hello)),
				} {
					expect(t, bytes.Equal(signature, helloSignature), "%s gives %x", what, signature)
				}
				wantBytes(t, must[[]byte](t)(s.PublicKey()), publicKey, "the public key")
				wantBytes(t, must[[]byte](t)(s.DerivePublicKey(seed)), publicKey, "the derived public key")
				for _, verify := range []func(_, _, _ []byte) (bool, error){s.Verify, s.VerifyStrict} {
					expect(t, must[bool](t)(verify(publicKey, hello, helloSignature)), "it does not verify its signature")
				}
			})
		}
	}
}

func TestTextIsSignedAsUTF8(t *testing.T) {
	s := testSigner(t)
	for _, text := range []string{"", "grüß dich", "\u65e5\u672c\u8a9e", "\U0001f511", "e\u0301"} {
		wantBytes(t, must[[]byte](t)(s.Sign([]byte(text))), oracleSign(seed, []byte(text)), text)
	}
}

func TestWrongLengthsAreRefused(t *testing.T) {
	s := testSigner(t)
	refused := only(t, isNil)
	for _, length := range []int{0, 1, 32, 63, 65, 128} {
		wrong := bytes.Repeat(keypair, 2)[:length]
		_, err := NewSigner(s.module, wrong)
		wantCode(t, err, KeyLength)
		expect(t, strings.Contains(err.Error(), fmt.Sprintf("(%d bytes were given)", length)), "%q does not say how many bytes", err)
		wantCode(t, refused(s.SignWith(wrong, hello)), KeyLength)
	}
	for _, length := range []int{0, 31, 33, 64} {
		wrong := make([]byte, length)
		wantCode(t, refused(s.DerivePublicKey(wrong)), KeyLength)
		for _, verify := range []func(_, _, _ []byte) (bool, error){s.Verify, s.VerifyStrict} {
			wantCode(t, errOf(verify(wrong, hello, helloSignature)), PublicKeyLength)
		}
	}
	for _, length := range []int{0, 63, 65} {
		wrong := bytes.Repeat(helloSignature, 2)[:length]
		expect(t, !must[bool](t)(s.Verify(publicKey, hello, wrong)) && !must[bool](t)(s.VerifyStrict(publicKey, hello, wrong)), "a signature of %d bytes verifies", length)
	}
	wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "a refusal changed the held key")
}

func TestHalvesThatDoNotBelongTogetherAreRefused(t *testing.T) {
	wantCode(t, errOf(NewSigner(builtModule(t, "signer-raw"), mismatched)), KeyPairMismatch)
}

func TestAMessageMayHave16MiBAndNoByteMore(t *testing.T) {
	s := testSigner(t)
	longest := tooLong[1:]
	expected := oracleSign(seed, longest)
	wantBytes(t, must[[]byte](t)(s.Sign(longest)), expected, "16 MiB are signed wrong")
	wantBytes(t, must[[]byte](t)(s.SignWith(keypair, longest)), expected, "16 MiB are signed wrong with a key of their own")
	refused := only(t, isNil)
	wantCode(t, refused(s.Sign(tooLong)), MessageTooLarge)
	wantCode(t, refused(s.SignWith(keypair, tooLong)), MessageTooLarge)
	wantCode(t, only(t, func(all [][]byte) bool { return all == nil })(s.SignMany([][]byte{nil, tooLong})), MessageTooLarge)
	wantCode(t, errOf(s.Verify(publicKey, tooLong, helloSignature)), MessageTooLarge)
}

func TestTheKeyIsLookedAtFirstThenTheMessageThenTheSignature(t *testing.T) {
	s := testSigner(t)
	refused := only(t, isNil)
	wantCode(t, refused(s.SignWith(nil, tooLong)), KeyLength)
	wantCode(t, errOf(s.Verify(nil, tooLong, nil)), PublicKeyLength)
	wantCode(t, errOf(s.Verify(publicKey, tooLong, nil)), MessageTooLarge)
	noError(t, s.Wipe())
	wantCode(t, refused(s.Sign(tooLong)), NoKey)
	wantCode(t, errOf(s.SignMany([][]byte{tooLong})), NoKey)
}

func TestManyAreSignedAsOneByOne(t *testing.T) {
	s := testSigner(t)
	key := oracle(keypair)
	for _, count := range []int{0, 1, 2, 1000, 4096, 4097, 8193} {
		messages := make([][]byte, count)
		for n := range messages {
			messages[n] = []byte(fmt.Sprint(n))
		}
		checkMany(t, s, key, messages)
	}
}

func TestBatchesOver16MiBAreSplit(t *testing.T) {
	var messages [][]byte
	for n, length := range []int{9 * mib, 9 * mib, 7 * mib, 1, 16 * mib, 0, 1} {
		messages = append(messages, bytes.Repeat([]byte{byte(n)}, length))
	}
	checkMany(t, testSigner(t), oracle(keypair), messages)
}

func checkMany(t *testing.T, s *Signer, key ed25519.PrivateKey, messages [][]byte) {
	t.Helper()
	signatures := must[[][]byte](t)(s.SignMany(messages))
	if len(signatures) != len(messages) {
		t.Fatalf("%d signatures of %d messages", len(signatures), len(messages))
	}
	for n, message := range messages {
		if !bytes.Equal(signatures[n], ed25519.Sign(key, message)) {
			t.Fatalf("of %d messages, number %d is signed wrong", len(messages), n)
		}
	}
}

func TestASignatureIsTheCallersOwn(t *testing.T) {
	// wazero's own Read gives a window: writing to it writes to linear memory, and the next call changes it.
	s := testSigner(t)
	first := must[[]byte](t)(s.Sign(hello))
	many := must[[][]byte](t)(s.SignMany([][]byte{hello, []byte("other")}))
	_ = must[[]byte](t)(s.Sign([]byte("other")))
	_ = append(many[0], 0xff) // must not reach into the next one
	expect(t, bytes.Equal(first, helloSignature) && bytes.Equal(many[1], oracleSign(seed, []byte("other"))), "a later call changed a signature")
	clear(first)
	key := must[[]byte](t)(s.PublicKey())
	clear(key)
	wantBytes(t, must[[]byte](t)(s.PublicKey()), publicKey, "the caller changed the held key")
}

func TestVerifiesWhatWasSignedAndNothingElse(t *testing.T) {
	s := testSigner(t)
	flipped := bytes.Clone(helloSignature)
	flipped[0] ^= 1
	noPoint := append([]byte{2}, make([]byte, 31)...)
	for _, verify := range []func(_, _, _ []byte) (bool, error){s.Verify, s.VerifyStrict} {
		for what, valid := range map[string]bool{
			"another message":     must[bool](t)(verify(publicKey, []byte("hellp"), helloSignature)),
			"a flipped bit":       must[bool](t)(verify(publicKey, hello, flipped)),
			"a key, no point":     must[bool](t)(verify(noPoint, hello, helloSignature)),
			"somebody else's":     must[bool](t)(verify(otherKeypair()[SeedLen:], hello, helloSignature)),
			"of an empty message": must[bool](t)(verify(publicKey, nil, helloSignature)),
		} {
			expect(t, !valid, "verifies: %s", what)
		}
	}
}

func TestStrictRefusesAKeyOfSmallOrderThatVerifyTakes(t *testing.T) {
	s := testSigner(t)
	identity := append([]byte{1}, make([]byte, 31)...)
	signature := append(bytes.Clone(identity), make([]byte, 32)...) // R is the identity and S is 0: right for every message
	expect(t, must[bool](t)(s.Verify(identity, hello, signature)), "Verify refuses it")
	expect(t, !must[bool](t)(s.VerifyStrict(identity, hello, signature)), "VerifyStrict takes it")
}

func TestWithoutAKeyItVerifiesAndDerives(t *testing.T) {
	s := must[*Signer](t)(NewSignerWithoutKey(builtModule(t, "signer-raw")))
	defer func() { _ = s.Close() }()
	expect(t, must[bool](t)(s.Verify(publicKey, hello, helloSignature)), "it does not verify")
	wantBytes(t, must[[]byte](t)(s.DerivePublicKey(seed)), publicKey, "it derives wrong")
	expect(t, bytes.Equal(must[[]byte](t)(s.SignWith(keypair, hello)), helloSignature), "it signs wrong")
	refused := only(t, isNil)
	wantCode(t, refused(s.Sign(hello)), NoKey)
	wantCode(t, refused(s.PublicKey()), NoKey)
	wantCode(t, errOf(s.SignMany(nil)), NoKey)
	noError(t, s.LoadKey(keypair))
	wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "it signs wrong with a key that was loaded later")
}

func TestAnExportThatTheModuleLacksIsSaid(t *testing.T) {
	for _, name := range []string{"signer-lanes", "signer-small", "signer-small-sign"} {
		s := newSigner(t, builtModule(t, name), keypair)
		before := s.guest
		want(t, len(must[[][]byte](t)(s.SignMany(nil))), 0, name+": the signatures of no messages")
		lacking := 0
		for export, call := range map[string]func() error{
			"sign_batch":    func() error { _, err := s.SignMany([][]byte{hello}); return err },
			"verify":        func() error { _, err := s.Verify(publicKey, hello, helloSignature); return err },
			"verify_strict": func() error { _, err := s.VerifyStrict(publicKey, hello, helloSignature); return err },
		} {
			if _, ok := s.module.Exports()[export]; !ok {
				lacking++
				wantCode(t, call(), NoExport)
			}
		}
		expect(t, lacking != 0 && s.guest == before && bytes.Equal(must[[]byte](t)(s.Sign(hello)), helloSignature), "%s: %d exports are lacking, and it does not go on", name, lacking)
	}
}

func TestALoadedKeyReplacesTheHeldOne(t *testing.T) {
	s := testSigner(t)
	noError(t, s.LoadKey(otherKeypair()))
	wantBytes(t, must[[]byte](t)(s.PublicKey()), otherKeypair()[SeedLen:], "the public key is the old one")
	expect(t, bytes.Equal(must[[]byte](t)(s.Sign(hello)), oracleSign(otherKeypair(), hello)), "it signs with the old key")
}

func TestAfterARefusedKeyNoneIsHeld(t *testing.T) {
	for _, bad := range []struct {
		key  []byte
		code Code
	}{{nil, KeyLength}, {keypair[:63], KeyLength}, {mismatched, KeyPairMismatch}} {
		s := testSigner(t)
		wantCode(t, s.LoadKey(bad.key), bad.code)
		refused := only(t, isNil)
		wantCode(t, refused(s.Sign(hello)), NoKey)
		wantCode(t, refused(s.PublicKey()), NoKey)
		_ = must[uint32](t)(s.guest.call("allocate_message", 0))
		want(t, codeOfStatus[must[uint32](t)(s.guest.call("sign_loaded"))], NoKey, "the module itself says")
	}
}

func TestOtherCallsLeaveTheHeldKey(t *testing.T) {
	s := testSigner(t)
	_ = must[[]byte](t)(s.SignWith(otherKeypair(), hello))
	_ = must[[]byte](t)(s.DerivePublicKey(make([]byte, SeedLen)))
	_ = must[bool](t)(s.Verify(otherKeypair()[SeedLen:], hello, helloSignature))
	wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "it signs with another key")
}

func TestAClosedSignerRefusesEverythingButClosing(t *testing.T) {
	s := testSigner(t)
	for range 2 {
		noError(t, s.Close())
	}
	refused := only(t, isNil)
	_, many := s.SignMany(nil)
	_, verify := s.Verify(publicKey, hello, helloSignature)
	_, strict := s.VerifyStrict(publicKey, hello, helloSignature)
	for _, err := range []error{
		refused(s.PublicKey()), refused(s.Sign(hello)), many, refused(s.SignWith(keypair, hello)), verify, strict,
		refused(s.DerivePublicKey(seed)), s.LoadKey(keypair), s.Wipe(),
	} {
		wantCode(t, err, Closed)
	}
}

func TestItsTextShowsNoSecret(t *testing.T) {
	s := testSigner(t)
	with := fmt.Sprintf("Signer(public key %x)", publicKey)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%t"} {
		want(t, fmt.Sprintf(verb, s), with, verb)
	}
	_ = s.Wipe()
	want(t, s.String(), "Signer(no key)", "its text")
	_ = s.Close()
	want(t, s.String(), "Signer(closed)", "its text")
}

func TestErrorsAreAskedTheGoWay(t *testing.T) {
	_, err := NewSigner(builtModule(t, "signer-raw"), make([]byte, 63))
	wrapped := fmt.Errorf("at start-up: %w", err)
	expect(t, errors.Is(wrapped, KeyLength) && !errors.Is(wrapped, NoKey), "errors.Is does not see the code of %v", wrapped)
	var coded *Error
	expect(t, errors.As(wrapped, &coded) && coded.Code == KeyLength, "errors.As does not see the *Error in %v", wrapped)
	text := "KEY_LENGTH: a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32" +
		" (63 bytes were given)"
	want(t, err.Error(), text, "it says")
	want(t, refuse(Closed).Error(), "CLOSED: this object was closed; make a new one", "it says")
	for status, code := range codeOfStatus {
		expect(t, errors.Is(checkStatus("sign_loaded", status), code) && code.Meaning() != Code("?").Meaning(), "status %d is not the error %s", status, code)
	}
}

func TestWhatIsNoSignerIsRefusedWithTheReason(t *testing.T) {
	for reason, wasm := range map[string][]byte{
		"not a Wasm module":                 []byte("(module)"),
		"wazero cannot compile this module": []byte("\x00asm\x01\x00\x00\x00garbage"),
		"it does not export abi_version":    wasmtest.Module{}.Bytes(),
		"max_message_len()->(i32) (it has (f32)->())": func() []byte {
			module := wasmtest.FakeSigner(nil)
			for n := range module.Functions {
				if function := &module.Functions[n]; function.Name == "max_message_len" {
					*function = wasmtest.Function{Name: function.Name, Params: []byte{wasmtest.F32}}
				}
			}
			return module.Bytes()
		}(),
		"does not export memory": func() []byte {
			module := wasmtest.FakeSigner(nil)
			module.MemoryName = "mem"
			return module.Bytes()
		}(),
		"needs imports, which this host does not give; the first is env.now": func() []byte {
			module := wasmtest.FakeSigner(nil)
			module.Import = "now"
			return module.Bytes()
		}(),
		"the first is env.g": func() []byte {
			module := wasmtest.FakeSigner(nil)
			module.ImportGlobal = "g"
			return module.Bytes()
		}(),
		"ABI has version 2, this wrapper is for version 1": wasmtest.FakeSigner(map[string][]byte{"abi_version": wasmtest.I32Const(2)}).Bytes(),
	} {
		module, err := Compile(context.Background(), wasm)
		if err == nil {
			_, err = NewSigner(module, keypair)
			_ = module.Close(context.Background())
		}
		expect(t, err != nil && strings.Contains(err.Error(), reason), "the error is %v, without %q", err, reason)
		coded := new(Error)
		expect(t, !errors.As(err, &coded), "%v has a code", err)
	}
}

func TestAModuleThatBreaksItsContractIsNotBelieved(t *testing.T) {
	for reason, bodies := range map[string]map[string][]byte{
		"sign_loaded returned the unknown status 99":         {"sign_loaded": wasmtest.I32Const(99)},
		"64 bytes at 65500 are not in its linear memory":     {"get_signature_ptr": wasmtest.I32Const(65500)},
		"5 bytes at 4294967295 are not in its linear memory": {"allocate_message": wasmtest.I32Const(-1)},
	} {
		_, err := newSigner(t, fakeSigner(t, bodies), keypair).Sign(hello)
		expect(t, err != nil && strings.Contains(err.Error(), reason), "the error is %v, without %q", err, reason)
	}
	// allocate_message says that there is no room: nothing is written, and the status says why.
	noRoom := newSigner(t, fakeSigner(t, map[string][]byte{
		"allocate_message": wasmtest.I32Const(0), "allocate_batch": wasmtest.I32Const(0),
		"sign_loaded": wasmtest.I32Const(6), "sign_batch": wasmtest.I32Const(6), "verify": wasmtest.I32Const(6),
	}), keypair)
	refused := only(t, isNil)
	wantCode(t, refused(noRoom.Sign(hello)), OutOfMemory)
	wantCode(t, refused(noRoom.SignWith(keypair, hello)), OutOfMemory)
	wantCode(t, errOf(noRoom.SignMany([][]byte{hello})), OutOfMemory)
	wantCode(t, errOf(noRoom.Verify(publicKey, hello, helloSignature)), OutOfMemory)
}
