package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/tests/wasmtest"
)

// What only this adapter can get wrong: hosts/adapters.mjs checks the rest, and everyhost run all of its answers.

func TestAVerifierThatATrapEndedDoesNotAnswerForTheNextCase(t *testing.T) {
	a := withModule(t, false, wasmtest.FakeSigner(map[string][]byte{"verify": wasmtest.Unreachable}).Bytes())
	in, err := json.Marshal(map[string]string{
		"public_key": wasmtest.PublicKey, "message": "", "signature": wasmtest.HelloSignature,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if answer := a.Run("m", "verify", in); !answer.Trap {
			t.Errorf("the answer is %+v", answer)
		}
		if a.modules["m"].verifier != nil {
			t.Error("the one that trapped is kept")
		}
	}
}

// withModule is an adapter that has one module, called m.
func withModule(t *testing.T, interpreter bool, wasm []byte) *adapter {
	t.Helper()
	path := filepath.Join(t.TempDir(), "module.wasm")
	if err := os.WriteFile(path, wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	a := newAdapter(interpreter)
	if _, err := a.Hello(map[string]protocol.ModuleFile{"m": {Path: path}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = a.Hello(nil) })
	return a
}
