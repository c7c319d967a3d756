package everyhost

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"everyhost/hosts/go/tests/wasmtest"
)

// passedOver are modules that cannot be used here: wazero refuses the first, and the second refuses every key.
func passedOver(t *testing.T) []*Module {
	t.Helper()
	garbage, err := Compile(context.Background(), []byte("\x00asm\x01\x00\x00\x00garbage"))
	if err == nil {
		t.Fatal("wazero compiles garbage")
	}
	return []*Module{garbage, fakeSigner(t, map[string][]byte{"load_key": wasmtest.I32Const(8)})}
}

func signerWith(t *testing.T, modules ...*Module) *Signer {
	t.Helper()
	s := must[*Signer](t)(NewSigner(builtModule(t, "signer-raw"), keypair, WithBatchModules(modules...)))
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func wantMany(t *testing.T, s *Signer, place int) {
	t.Helper()
	signed := must[[][]byte](t)(s.SignMany(secretMessages))
	for n, message := range secretMessages {
		expect(t, bytes.Equal(signed[n], oracleSign(seed, message)), "message %d has the signature %x", n, signed[n])
	}
	expect(t, s.BatchModule() == place, "it is the module at %d that signs, not the one at %d", s.BatchModule(), place)
}

func TestTheFirstBatchModuleThatCanBeUsedSigns(t *testing.T) {
	fast, fake := builtModule(t, "signer-raw-simd"), fakeSigner(t, nil)
	for _, over := range [][]*Module{nil, passedOver(t)[:1], passedOver(t)[1:], passedOver(t)} {
		s := signerWith(t, append(slices.Clone(over), fast, fake)...)
		expect(t, s.BatchModule() == -1 && s.batch.made == nil, "it was made before it is needed")
		wantMany(t, s, len(over))
	}
}

func TestAModuleWithAFeatureThatTheHostLacksIsPassedOver(t *testing.T) {
	wasm := wasmtest.Built(t, "signer-raw-simd")
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 &^ api.CoreFeatureSIMD)
	refused, err := CompileWithConfig(context.Background(), wasm, config)
	if err == nil {
		t.Fatal("without SIMD it still compiles")
	}
	wantMany(t, signerWith(t, refused, builtModule(t, "signer-raw")), 1)
}

func TestTheModuleMadeForBatchesSigns(t *testing.T) {
	wasm := wasmtest.Built(t, "signer-lanes-relaxed")
	relaxed, _ := Compile(context.Background(), wasm) // nil: wazero has no relaxed SIMD
	s := signerWith(t, relaxed, builtModule(t, "signer-lanes"))
	wantMany(t, s, 1)
	messages := make([][]byte, 301)
	for n := range messages {
		messages[n] = bytes.Repeat([]byte{byte(n)}, n%70)
	}
	for n, signature := range must[[][]byte](t)(s.SignMany(messages)) {
		expect(t, bytes.Equal(signature, oracleSign(seed, messages[n])), "message %d has the signature %x", n, signature)
	}
}

func TestWhereNoBatchModuleCanBeUsedTheMainOneSigns(t *testing.T) {
	s := signerWith(t, passedOver(t)...)
	wantMany(t, s, -1)
	wantMany(t, s, -1)
}

func TestTwoMessagesGoToTheBatchModuleAndAllElseToTheMainOne(t *testing.T) {
	s := signerWith(t, fakeSigner(t, nil))
	one := func() {
		t.Helper()
		expect(t, bytes.Equal(must[[][]byte](t)(s.SignMany([][]byte{hello}))[0], helloSignature), "a batch of one is not signed by the main module")
	}
	one()
	_ = must[[][]byte](t)(s.SignMany(nil))
	expect(t, s.BatchModule() == -1, "a batch of one went to the batch module")
	wantBytes(t, must[[][]byte](t)(s.SignMany([][]byte{hello, hello}))[0], make([]byte, SignatureLen), "the batch module's signature")
	one()
}

func TestASelfTestThatFailsIsToldWhereItIsTheMainModule(t *testing.T) {
	wantCode(t, errOf(NewSigner(passedOver(t)[1], keypair)), SelfTestFailed)
}

func TestAModuleWithoutBatchesIsNoBatchModule(t *testing.T) {
	expect(t, errOf(signerWith(t, builtModule(t, "add-raw")).SignMany(secretMessages)) != nil, "an adder signs")
}

// Wipes, other keys and the end clear both instances, at once.
func TestNoSecretStaysInEitherInstance(t *testing.T) {
	for what, end := range map[string]func(*Signer) error{
		"Wipe":               (*Signer).Wipe,
		"Close":              (*Signer).Close,
		"LoadKey":            func(s *Signer) error { return s.LoadKey(otherKeypair()) },
		"LoadKey, too short": func(s *Signer) error { wantCode(t, s.LoadKey(nil), KeyLength); return nil },
		"LoadKey, refused": func(s *Signer) error {
			wantCode(t, s.LoadKey(append(bytes.Clone(otherSeed), publicKey...)), KeyPairMismatch)
			return nil
		},
	} {
		s := signerWith(t, builtModule(t, "signer-raw-simd"))
		wantMany(t, s, 0)
		memories := [][]byte{s.guest.everything(), s.batch.made.guest.everything()}
		for _, memory := range memories {
			if len(foundIn(memory, seed)) == 0 {
				t.Fatal("the scan does not find the held key")
			}
		}
		noError(t, end(s))
		for n, memory := range memories { // windows: they show what is there now
			wantClean(t, memory, fmt.Sprintf("after %s, instance %d", what, n), seed)
		}
		if what != "Close" {
			noError(t, s.LoadKey(keypair))
			wantMany(t, s, 0)
		}
	}
}

func TestATrapInOneInstanceIsToldAndTheOtherGoesOn(t *testing.T) {
	s := signerWith(t, fakeSigner(t, map[string][]byte{"max_message_len": wasmtest.I32Const(16 * mib), "sign_batch": wasmtest.Unreachable}))
	for range 2 {
		wantTrap(t, errOf(s.SignMany(secretMessages)))
		wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "the main module signs wrong after a trap of the other")
	}
	s.batch.made.module = builtModule(t, "signer-raw-simd") // what comes up after the next trap
	wantTrap(t, errOf(s.SignMany(secretMessages)))
	wantMany(t, s, 0)
	wantTrap(t, errOf(s.SignWith(mismatched, hello)))
	wantMany(t, s, 0)
}

func TestAWipeThatTrapsInTheBatchModuleWipesTheMainOne(t *testing.T) {
	for _, call := range []func(*Signer) error{(*Signer).Wipe, func(s *Signer) error { return s.LoadKey(otherKeypair()) }} {
		s := signerWith(t, fakeSigner(t, map[string][]byte{"wipe": wasmtest.Unreachable}))
		_ = must[[][]byte](t)(s.SignMany([][]byte{hello, hello}))
		main := s.guest
		wantTrap(t, call(s))
		expect(t, s.guest == main, "the main instance was replaced, which did not trap")
		wantClean(t, s.guest.everything(), "after a trap", seed)
		expect(t, s.held == nil, "the key is held")
		wantCode(t, errOf(s.Sign(hello)), NoKey)
	}
}
