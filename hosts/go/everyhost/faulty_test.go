package everyhost

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"everyhost/hosts/go/tests/wasmtest"
)

// A signer that fails at its n-th call: however a call ends, what is documented holds, and no secret stays.

const maxFault = 40

// Where the fixture has what; its text says so.
const (
	faultyKeyBuffer = 0x100
	faultyHeld      = 0x200
	faultyStack     = 0x240
	faultyLoadedAt  = 4 // an instance has loaded its key with this call
)

var faultySignature = bytes.Repeat([]byte{0x55}, SignatureLen)

var faultyCalls = map[string]func(*Signer) error{
	"PublicKey":             func(s *Signer) error { _, err := s.PublicKey(); return err },
	"Sign":                  func(s *Signer) error { _, err := s.Sign(hello); return err },
	"SignMany":              func(s *Signer) error { _, err := s.SignMany([][]byte{hello, hello}); return err },
	"SignWith":              func(s *Signer) error { _, err := s.SignWith(faultyOther(), hello); return err },
	"Verify":                func(s *Signer) error { _, err := s.Verify(publicKey, hello, faultySignature); return err },
	"VerifyStrict":          func(s *Signer) error { _, err := s.VerifyStrict(publicKey, hello, faultySignature); return err },
	"DerivePublicKey":       func(s *Signer) error { _, err := s.DerivePublicKey(otherSeed); return err },
	"LoadKey":               func(s *Signer) error { return s.LoadKey(faultyOther()) },
	"LoadKey, wrong length": func(s *Signer) error { return s.LoadKey(faultyOther()[:63]) },
	"LoadKey, nil":          func(s *Signer) error { return s.LoadKey(nil) },
	"Wipe":                  (*Signer).Wipe,
	"Close":                 (*Signer).Close,
}

func faultyOther() []byte { return oracle(otherSeed) }

// A witness sees every instance of its modules, and can trap instead of the n-th call of one, or panic after it.
type witness struct {
	t               *testing.T
	instances       []*seenInstance
	trapAt, panicAt int
}

type seenRuntime struct {
	wazero.Runtime
	by *witness
}

// A seen instance must not be called after it trapped, and must be closed in the end.
type seenInstance struct {
	api.Module
	by        *witness
	memory    []byte // it outlives the instance
	isTrapped bool
}

type seenFunction struct {
	api.Function
	of *seenInstance
}

func (r seenRuntime) InstantiateModule(ctx context.Context, module wazero.CompiledModule, config wazero.ModuleConfig) (api.Module, error) {
	instance, err := r.Runtime.InstantiateModule(ctx, module, config)
	if err != nil {
		return nil, err
	}
	memory, _ := instance.ExportedMemory("memory").Read(0, pageLen)
	seen := &seenInstance{instance, r.by, memory, false}
	r.by.instances = append(r.by.instances, seen)
	return seen, nil
}

func (s *seenInstance) ExportedFunction(name string) api.Function {
	return seenFunction{s.Module.ExportedFunction(name), s}
}

func (f seenFunction) Call(ctx context.Context, arguments ...uint64) ([]uint64, error) {
	expect(f.of.by.t, !f.of.isTrapped, "an instance is called after a trap")
	if f.of.by.trapAt--; f.of.by.trapAt == 0 {
		f.of.isTrapped = true
		return nil, errors.New("a trap")
	}
	results, err := f.Function.Call(ctx, arguments...)
	f.of.isTrapped = err != nil
	if f.of.by.panicAt--; f.of.by.panicAt == 0 {
		panic("halfway")
	}
	return results, err
}

var faultyModules = make(map[string]*Module)

// faulty is the fixture with a number after the marker.
func (w *witness) faulty(marker string, n int) *Module {
	w.t.Helper()
	name := fmt.Sprint(marker, n)
	if faultyModules[name] == nil {
		wasm := wasmtest.Fixture(w.t, "signer-faulty")
		if marker != "" {
			binary.LittleEndian.PutUint32(wasm[bytes.Index(wasm, []byte(marker))+len(marker):], uint32(n))
		}
		faultyModules[name] = must[*Module](w.t)(Compile(context.Background(), wasm))
	}
	return w.seeing(faultyModules[name])
}

func (w *witness) seeing(module *Module) *Module {
	seen := *module
	seen.runtime = seenRuntime{seen.runtime, w}
	return &seen
}

// broken takes the place of a module that trapped, and cannot.
func (w *witness) broken(what string) *Module {
	if what == "no key" {
		return w.faulty("FAIL-AT:", faultyLoadedAt)
	}
	return w.faulty("TRAP-AT:", 1)
}

// verify makes sure that nothing is left of any instance.
func (w *witness) verify(what string) {
	w.t.Helper()
	for n, seen := range w.instances {
		expect(w.t, seen.IsClosed(), "%s: instance %d of %d is open", what, n, len(w.instances))
		found := seedsIn(seen.memory)
		expect(w.t, found == "", "%s: instance %d of %d has %s", what, n, len(w.instances), found)
	}
	w.instances = nil
}

func seedsIn(memory []byte) string {
	for name, secret := range map[string][]byte{"the seed": seed, "the other seed": otherSeed} {
		for at := range len(secret) - runLen + 1 {
			if bytes.Contains(memory[:0x400], secret[at:at+runLen]) { // beyond are messages and signatures
				return name
			}
		}
	}
	return ""
}

// ending is the code of the call's error, "ok" or "panic".
func ending(call func() error) (ended string) {
	defer func() {
		if recover() != nil {
			ended = "panic"
		}
	}()
	err := call()
	if err == nil {
		return "ok"
	}
	var coded *Error
	if errors.As(err, &coded) {
		return string(coded.Code)
	}
	return err.Error()
}

// wantDocumented is what may be said of a signer that held a key after this call of it, which ended so.
func wantDocumented(t *testing.T, s *Signer, name, ended string) {
	t.Helper()
	if s.guest == nil {
		expect(t, ended == "TRAPPED" || ended == "panic" || name == "Close", "it is closed after %s", ended)
		wantCode(t, errOf(s.Sign(hello)), Closed)
		expect(t, s.held == nil, "it is closed, and holds a key")
		return
	}
	held := keypair
	switch {
	case name == "LoadKey" && ended == "ok":
		held = faultyOther()
	case strings.HasPrefix(name, "LoadKey"), name == "Wipe":
		held = nil
	}
	expect(t, (s.held == nil) == (held == nil) && (held == nil || bytes.Equal(s.held[:], held)), "after %s it holds another key", ended)
	memory := s.guest.everything()
	if held == nil {
		held = make([]byte, KeypairLen)
	}
	expect(t, bytes.Equal(memory[faultyHeld:][:KeypairLen], held), "after %s the module holds another key", ended)
	nothing := make([]byte, KeypairLen)
	expect(t, bytes.Equal(memory[faultyKeyBuffer:][:KeypairLen], nothing) && bytes.Equal(memory[faultyStack:][:KeypairLen], nothing), "after %s a key is in its buffer, or on the stack", ended)
}

func TestWhateverACallEndsIn(t *testing.T) {
	endings := map[string][]string{
		"":         {"ok", "KEY_LENGTH"},
		"TRAP-AT:": {"ok", "KEY_LENGTH", "TRAPPED"},
		"FAIL-AT:": {"ok", "KEY_LENGTH", "TRAPPED", "SELF_TEST_FAILED", "OUT_OF_MEMORY"},
		"panic":    {"ok", "KEY_LENGTH", "panic"},
	}
	loading := map[string]string{"TRAP-AT:": "TRAPPED", "FAIL-AT:": "SELF_TEST_FAILED"}
	for marker, documented := range endings {
		for name, call := range faultyCalls {
			w := &witness{t: t}
			for n := 1; n <= maxFault; n++ {
				what := fmt.Sprintf("%s, %s %d", name, marker, n)
				module := w.faulty(strings.Replace(marker, "panic", "", 1), n)
				s, err := NewSigner(module, keypair)
				if n <= faultyLoadedAt && loading[marker] != "" {
					wantCode(t, err, Code(loading[marker]))
					w.verify(what)
					continue
				}
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				before := s.held
				if marker == "panic" {
					w.panicAt = n
				}
				ended := ending(func() error { return call(s) })
				after := s.held
				w.panicAt = 0
				expect(t, slices.Contains(documented, ended), "%s: %s", what, ended)
				wantDocumented(t, s, name, ended)
				_ = s.Close()
				for _, copy := range []*[KeypairLen]byte{before, after} {
					expect(t, copy == nil || *copy == [KeypairLen]byte{}, "%s: a copy of the key is left", what)
				}
				w.verify(what)
			}
		}
	}
}

// The main module, which has no fault, goes on.
func TestWhateverABatchModuleDoes(t *testing.T) {
	for _, marker := range []string{"TRAP-AT:", "FAIL-AT:"} {
		for name, call := range faultyCalls {
			w := &witness{t: t}
			for n := 1; n <= maxFault; n++ {
				s := must[*Signer](t)(NewSigner(w.faulty("", 0), keypair, WithBatchModules(w.faulty(marker, n))))
				_, _ = s.SignMany([][]byte{hello, hello})
				main := s.guest
				wantDocumented(t, s, name, ending(func() error { return call(s) }))
				expect(t, s.guest == main || name == "Close", "%s: the main instance was replaced, which did not trap", name)
				expect(t, s.held == nil || bytes.Equal(must[[]byte](t)(s.Sign(hello)), faultySignature), "%s: the main module signs wrong", name)
				_ = s.Close()
				w.verify(fmt.Sprintf("%s, %s %d", name, marker, n))
			}
		}
	}
}

func TestASignerThatCannotBeRestoredIsClosedForGood(t *testing.T) {
	for _, what := range []string{"no instance", "no key"} {
		for name, call := range faultyCalls {
			w := &witness{t: t}
			hasTrapped := false
			for n := faultyLoadedAt + 1; n <= maxFault; n++ {
				s := must[*Signer](t)(NewSigner(w.faulty("TRAP-AT:", n), keypair))
				s.module = w.broken(what)
				ended := ending(func() error { return call(s) })
				wantDocumented(t, s, name, ended)
				if ended == "TRAPPED" {
					hasTrapped = true
					// Without a key to load again, only the lack of an instance closes it.
					hasNoKey := name == "Wipe" || strings.HasPrefix(name, "LoadKey")
					want(t, s.guest == nil, what == "no instance" || !hasNoKey, name+", "+what+": it is closed")
				}
				_ = s.Close()
				w.verify(fmt.Sprintf("%s, %s %d", name, what, n))
			}
			expect(t, hasTrapped || name == "PublicKey" || name == "Close" || strings.Contains(name, ", "), "%s never traps: the test shows nothing", name)
		}
	}
}

// The main module signs from then on.
func TestABatchModuleThatCannotBeRestoredIsDropped(t *testing.T) {
	for _, what := range []string{"no instance", "no key"} {
		w := &witness{t: t}
		for n := faultyLoadedAt + 1; n <= maxFault; n++ {
			s := must[*Signer](t)(NewSigner(w.faulty("", 0), keypair, WithBatchModules(w.faulty("TRAP-AT:", n))))
			sign := func() string {
				return ending(func() error { _, err := s.SignMany([][]byte{hello, hello}); return err })
			}
			_ = sign() // this one may be restored
			batch, traps := s.batch.made, 0
			batch.module = w.broken(what)
			for range 20 {
				if sign() == "TRAPPED" {
					traps++
				}
			}
			expect(t, traps == 1 && s.BatchModule() == -1 && batch.guest == nil && batch.held == nil, "%s %d: it trapped %d times, and the place is %d", what, n, traps, s.BatchModule())
			expect(t, bytes.Equal(must[[][]byte](t)(s.SignMany([][]byte{hello, hello}))[1], faultySignature), "the main module does not sign")
			_ = s.Close()
			w.verify(fmt.Sprintf("%s %d", what, n))
		}
	}
}
