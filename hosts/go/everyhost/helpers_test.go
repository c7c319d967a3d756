package everyhost

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"

	"everyhost/hosts/go/tests/wasmtest"
)

var (
	seed           = unhex(wasmtest.Seed)
	publicKey      = unhex(wasmtest.PublicKey)
	keypair        = append(unhex(wasmtest.Seed), publicKey...)
	mismatched     = append(unhex(wasmtest.Seed), make([]byte, 32)...)
	helloSignature = unhex(wasmtest.HelloSignature)
	hello          = []byte("hello")
)

func unhex(digits string) []byte {
	data, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	return data
}

// Compiled once for all the tests.
var built = struct {
	sync.Mutex
	modules map[string]*Module
}{modules: make(map[string]*Module)}

func builtModule(t testing.TB, name string) *Module {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.modules[name] == nil {
		built.modules[name] = must[*Module](t)(Compile(context.Background(), wasmtest.Built(t, name)))
	}
	return built.modules[name]
}

// engines compiles the module for the compiler and for the interpreter.
func engines(t *testing.T, wasm []byte) map[string]*Module {
	t.Helper()
	modules := make(map[string]*Module)
	for name, config := range map[string]wazero.RuntimeConfig{
		"compiler":    wazero.NewRuntimeConfigCompiler(),
		"interpreter": wazero.NewRuntimeConfigInterpreter(),
	} {
		module := must[*Module](t)(CompileWithConfig(context.Background(), wasm, config))
		t.Cleanup(func() { _ = module.Close(context.Background()) })
		modules[name] = module
	}
	return modules
}

func compiled(t testing.TB, module wasmtest.Module) *Module {
	t.Helper()
	m := must[*Module](t)(Compile(context.Background(), module.Bytes()))
	t.Cleanup(func() { _ = m.Close(context.Background()) })
	return m
}

func newSigner(t testing.TB, module *Module, key []byte) *Signer {
	t.Helper()
	s := must[*Signer](t)(NewSigner(module, key))
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func testSigner(t testing.TB) *Signer {
	t.Helper()
	return newSigner(t, builtModule(t, "signer-raw"), keypair)
}

func fakeSigner(t testing.TB, bodies map[string][]byte) *Module {
	t.Helper()
	return compiled(t, wasmtest.FakeSigner(bodies))
}

// wantCode fails the test where err is not an *Error of that code.
func wantCode(t testing.TB, err error, code Code) {
	t.Helper()
	var coded *Error
	expect(t, errors.As(err, &coded) && coded.Code == code, "the error is %v, not %s", err, code)
}

// only is the error of a call that has a result too, for wantCode. The result must be empty then.
func only[T any](t testing.TB, isEmpty func(T) bool) func(T, error) error {
	return func(result T, err error) error {
		t.Helper()
		expect(t, isEmpty(result), "beside the error %v there is a result: %v", err, result)
		return err
	}
}

// errOf is the error of a call that has a result too.
func errOf[T any](_ T, err error) error { return err }

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t testing.TB, holds bool, format string, arguments ...any) {
	t.Helper()
	if !holds {
		t.Errorf(format, arguments...)
	}
}

func want[T comparable](t testing.TB, got, wanted T, what string) {
	t.Helper()
	expect(t, got == wanted, "%s: %v, not %v", what, got, wanted)
}

// wantClean finds no secret of the seeds in memory.
func wantClean(t testing.TB, memory []byte, what string, seeds ...[]byte) {
	t.Helper()
	found := foundIn(memory, seeds...)
	expect(t, len(found) == 0, "%s: there is still %q", what, found)
}

func wantBytes(t testing.TB, got, want []byte, what string) {
	t.Helper()
	expect(t, bytes.Equal(got, want), "%s: %.100x, not %.100x", what, got, want)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(result T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

func oracle(key []byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(key[:SeedLen]) }

func oracleSign(key, message []byte) []byte { return ed25519.Sign(oracle(key), message) }

func otherKeypair() []byte { return ed25519.NewKeyFromSeed(make([]byte, SeedLen)) }
