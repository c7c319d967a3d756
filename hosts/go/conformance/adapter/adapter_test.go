package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/tests/wasmtest"
)

// What only this adapter can get wrong: hosts/adapters.mjs checks the rest, and everyhost run all of its answers.

func TestAVerifierThatATrapEndedDoesNotAnswerForTheNextCase(t *testing.T) {
	one := map[string]any{"public_key": wasmtest.PublicKey, "message": "", "signature": wasmtest.HelloSignature}
	many := map[string]any{"items": []any{one}}
	traps := map[string][]byte{"verify": wasmtest.Unreachable, "verify_strict": wasmtest.Unreachable, "verify_batch_strict": wasmtest.Unreachable}
	for _, ask := range []struct {
		module wasmtest.Module
		op     string
		in     any
	}{
		{wasmtest.FakeSigner(traps), "verify", one},
		{wasmtest.FakeSigner(traps), "verify_many_strict", many},
		{wasmtest.FakeVerifier(traps), "verify_strict", one},
		{wasmtest.FakeVerifier(traps), "verify_many_strict", many},
	} {
		a := withModule(t, false, ask.module.Bytes())
		for range 2 {
			if answer := a.Run("m", ask.op, written(t, ask.in)); !answer.Trap {
				t.Errorf("%s: the answer is %+v", ask.op, answer)
			}
			if a.modules["m"].signer != nil || a.modules["m"].verifier != nil {
				t.Error("the one that trapped is kept")
			}
		}
	}
}

func TestItemsThatAreNotThereAreNotSupported(t *testing.T) {
	a := withModule(t, false, wasmtest.FakeVerifier(nil).Bytes())
	want := []string{"verify", "verify_strict", "verify_many", "verify_many_strict"}
	if ops := a.modules["m"].ops; !slices.Equal(ops[:len(want)], want) || ops[len(want)] != "raw" {
		t.Errorf("its operations are %v", ops)
	}
	one := map[string]any{"public_key": wasmtest.PublicKey, "message": "", "signature": wasmtest.HelloSignature}
	for _, in := range []map[string]any{
		{"items": []any{one}, "order": []int{0, 1}},
		{"items": []any{one}, "order": []int{-1}},
		{"items": []any{one}, "order": 0},
		{"items": []any{one, map[string]any{"public_key": "", "message": ""}}},
		{"order": []int{}},
	} {
		if answer := a.Run("m", "verify_many", written(t, in)); answer.Unsupported == "" {
			t.Errorf("%v: the answer is %+v", in, answer)
		}
	}
}

func written(t *testing.T, in any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return text
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
