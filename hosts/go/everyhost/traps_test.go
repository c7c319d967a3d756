package everyhost

import (
	"bytes"
	"errors"
	"testing"

	"everyhost/hosts/go/tests/wasmtest"
)

func wantTrap(t *testing.T, err error) {
	t.Helper()
	wantCode(t, err, Trapped)
	if trap := new(trapError); !errors.As(err, &trap) {
		t.Errorf("%v does not tell what the runtime said", err)
	}
}

func TestTheModulesOwnSignTrapsWithoutAValidPairOrAMessage(t *testing.T) {
	for what, prepare := range map[string]func(*guest) error{
		"no pair":    func(g *guest) error { _, err := g.call("allocate_message", 5); return err },
		"no message": func(g *guest) error { return g.writeAt("get_signing_key_ptr", keypair) },
	} {
		g := must[*guest](t)(builtModule(t, "signer-raw").instantiate())
		noError(t, prepare(g))
		if _, err := g.call("sign"); !isTrap(err) {
			t.Errorf("%s: %v", what, err)
		}
		g.discard()
	}
}

func TestAfterATrapTheSignerHasANewInstanceAndItsKey(t *testing.T) {
	s := testSigner(t)
	for range 3 {
		before := s.guest
		wantTrap(t, errOf(s.SignWith(mismatched, hello)))
		if s.guest == before {
			t.Fatal("the trapped instance is still in use")
		}
		wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "it signs wrong after a trap")
		if many := must[[][]byte](t)(s.SignMany([][]byte{hello, hello})); !bytes.Equal(many[1], helloSignature) {
			t.Error("it signs many wrong after a trap")
		}
		wantBytes(t, must[[]byte](t)(s.PublicKey()), publicKey, "it has another public key after a trap")
	}
}

func TestATrapWithoutAHeldKeyLeavesNone(t *testing.T) {
	s := must[*Signer](t)(NewSignerWithoutKey(builtModule(t, "signer-raw")))
	defer func() { _ = s.Close() }()
	wantTrap(t, errOf(s.SignWith(mismatched, hello)))
	wantCode(t, errOf(s.Sign(hello)), NoKey)
	wantBytes(t, must[[]byte](t)(s.SignWith(keypair, hello)), helloSignature, "it signs wrong after a trap")
}

func TestATrappedInstanceIsClearedAndNeverCalledAgain(t *testing.T) {
	s := testSigner(t)
	trapped := s.guest
	view := trapped.everything() // it outlives the instance
	wantTrap(t, errOf(s.SignWith(mismatched, hello)))
	expect(t, len(view) > pageLen && bytes.Equal(view, make([]byte, len(view))), "something is left in its memory")
	if !trapped.instance.IsClosed() {
		t.Error("it was not closed")
	}
}

func TestATrapAnywhereIsReportedAndSurvived(t *testing.T) {
	for export, call := range map[string]func(*Signer) error{
		"sign_loaded":       func(s *Signer) error { _, err := s.Sign(hello); return err },
		"allocate_message":  func(s *Signer) error { _, err := s.Sign(hello); return err },
		"get_signature_ptr": func(s *Signer) error { _, err := s.Sign(hello); return err },
		"sign_batch":        func(s *Signer) error { _, err := s.SignMany([][]byte{hello}); return err },
		"allocate_batch":    func(s *Signer) error { _, err := s.SignMany([][]byte{hello}); return err },
		"verify":            func(s *Signer) error { _, err := s.Verify(publicKey, hello, helloSignature); return err },
		"verify_strict":     func(s *Signer) error { _, err := s.VerifyStrict(publicKey, hello, helloSignature); return err },
		"derive_public_key": func(s *Signer) error { _, err := s.DerivePublicKey(seed); return err },
		"sign":              func(s *Signer) error { _, err := s.SignWith(keypair, hello); return err },
		"wipe":              (*Signer).Wipe,
	} {
		s := newSigner(t, fakeSigner(t, map[string][]byte{export: wasmtest.Unreachable}), keypair)
		wantTrap(t, call(s))
		if held := s.held != nil; held != (export != "wipe") {
			t.Errorf("after a trap in %s, a key is held: %t", export, held)
		}
		expect(t, s.guest != nil && !s.guest.instance.IsClosed(), "after a trap in %s there is no new instance", export)
	}
}

func TestClosingSucceedsEvenWhereTheWipeTraps(t *testing.T) {
	s := newSigner(t, fakeSigner(t, map[string][]byte{"wipe": wasmtest.Unreachable}), keypair)
	held := s.held
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	expect(t, bytes.Equal(held[:], make([]byte, KeypairLen)), "the key is left")
}

func TestALoadKeyThatTrapsLeavesNoKey(t *testing.T) {
	module := fakeSigner(t, map[string][]byte{"load_key": wasmtest.Unreachable})
	wantTrap(t, errOf(NewSigner(module, keypair)))
	s := must[*Signer](t)(NewSignerWithoutKey(module))
	wantTrap(t, s.LoadKey(keypair))
	wantCode(t, errOf(s.Sign(hello)), NoKey)
}

func TestANewInstanceThatRefusesTheKeyEndsTheSigner(t *testing.T) {
	for _, refusal := range [][]byte{wasmtest.Unreachable, wasmtest.I32Const(3)} {
		s := newSigner(t, fakeSigner(t, map[string][]byte{"sign_loaded": wasmtest.Unreachable}), keypair)
		s.module = fakeSigner(t, map[string][]byte{"load_key": refusal})
		_, err := s.Sign(hello)
		wantTrap(t, err)
		expect(t, !errors.Is(err, KeyPairMismatch), "the trap looks like a refusal of the caller's key")
		wantCode(t, errOf(s.Sign(hello)), Closed)
	}
}

func TestWhereNoNewInstanceComesUpTheSignerIsClosed(t *testing.T) {
	s := newSigner(t, fakeSigner(t, map[string][]byte{"sign_loaded": wasmtest.Unreachable}), keypair)
	held := s.held
	s.module = fakeSigner(t, map[string][]byte{"abi_version": wasmtest.Unreachable})
	wantTrap(t, errOf(s.Sign(hello)))
	wantCode(t, errOf(s.Sign(hello)), Closed)
	expect(t, s.held == nil && bytes.Equal(held[:], make([]byte, KeypairLen)), "the key is left")
}

func TestTheAdder(t *testing.T) {
	module := builtModule(t, "add-raw")
	adder := must[*Adder](t)(NewAdder(module))
	for _, sum := range [][3]int32{{2, 3, 5}, {1<<31 - 1, 1, -1 << 31}, {-1 << 31, -1, 1<<31 - 1}} {
		if got := must[int32](t)(adder.Add(sum[0], sum[1])); got != sum[2] {
			t.Errorf("%d + %d is %d", sum[0], sum[1], got)
		}
	}
	// It traps where C leaves division undefined, and goes on.
	for _, undefined := range [][2]int32{{1, 0}, {0, 0}, {-1 << 31, 0}, {-1 << 31, -1}} {
		wantCode(t, errOf(adder.Divide(undefined[0], undefined[1])), Trapped)
		if got := must[int32](t)(adder.Divide(-7, 2)); got != -3 {
			t.Errorf("-7 / 2 is %d", got)
		}
	}
	for range 2 {
		if err := adder.Close(); err != nil {
			t.Error(err)
		}
	}
	wantCode(t, errOf(adder.Add(2, 3)), Closed)

	if _, err := NewAdder(builtModule(t, "signer-raw")); err == nil {
		t.Error("a signer passes for an adder")
	}
	expect(t, !module.IsSigner() && module.IsAdder() && builtModule(t, "signer-raw").IsSigner(), "signers and adders are not told apart")
}
