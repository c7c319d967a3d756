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
	path := filepath.Join(t.TempDir(), "module.wasm")
	wasm := wasmtest.FakeSigner(map[string][]byte{"verify": wasmtest.Unreachable}).Bytes()
	if err := os.WriteFile(path, wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	a := newAdapter(false)
	if _, err := a.Hello(map[string]protocol.ModuleFile{"m": {Path: path}}); err != nil {
		t.Fatal(err)
	}
	defer a.modules["m"].close()
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
