package wasmtest

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// FakeSigner has all exports of a signer, with bodies of the test's choice: a module that is bad on purpose.
func FakeSigner(bodies map[string][]byte) Module {
	defaults := map[string][]byte{
		"abi_version":              I32Const(1),
		"max_message_len":          I32Const(4096),
		"get_signing_key_ptr":      I32Const(0),
		"get_signature_ptr":        I32Const(64),
		"get_public_key_ptr":       I32Const(128),
		"allocate_message":         I32Const(1024),
		"sign":                     nil,
		"derive_public_key":        I32Const(0),
		"load_key":                 I32Const(0),
		"sign_loaded":              I32Const(0),
		"verify":                   I32Const(0),
		"verify_strict":            I32Const(0),
		"allocate_batch":           I32Const(1024),
		"sign_batch":               I32Const(0),
		"get_batch_signatures_ptr": I32Const(2048),
		"wipe":                     nil,
	}
	return fake(defaults, bodies)
}

// FakeVerifier is likewise a verifier. It finds four signatures right.
func FakeVerifier(bodies map[string][]byte) Module {
	store := []byte{0x36, 2, 0}
	return fake(map[string][]byte{
		"verifier_abi_version":  I32Const(1),
		"get_public_key_ptr":    I32Const(128),
		"hold_key":              I32Const(1),
		"allocate_verify_batch": I32Const(1024),
		"verify_batch":          slices.Concat(I32Const(256), I32Const(0x01010101), store, I32Const(0)),
		"verify_batch_strict":   I32Const(0),
		"get_verdicts_ptr":      I32Const(256),
	}, bodies)
}

func fake(defaults, bodies map[string][]byte) Module {
	module := Module{MinPages: 1}
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		function := Function{Name: name, Results: []byte{I32}, Body: defaults[name]}
		switch name {
		case "allocate_message":
			function.Params = []byte{I32}
		case "allocate_batch", "allocate_verify_batch":
			function.Params = []byte{I32, I32}
		case "sign", "wipe":
			function.Results = nil
		}
		if body, ok := bodies[name]; ok {
			function.Body = body
		}
		module.Functions = append(module.Functions, function)
	}
	return module
}

// Published in a book: good for tests, never for anything else.
const (
	Seed           = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
	PublicKey      = "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"
	HelloSignature = "5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3" +
		"d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303"
)

// Fixture is a module that is made for the tests of the wrappers.
func Fixture(t testing.TB, name string) []byte {
	t.Helper()
	return read(t, "", "fixtures", name)
}

// Built is a built module. EVERYHOST_MODULES says where they are, if not in this workspace.
func Built(t testing.TB, name string) []byte {
	t.Helper()
	return read(t, os.Getenv("EVERYHOST_MODULES"), "modules", name)
}

func read(t testing.TB, folder, kind, name string) []byte {
	t.Helper()
	if folder == "" {
		_, here, _, _ := runtime.Caller(0)
		folder = filepath.Join(filepath.Dir(here), "../../../../target", kind)
	}
	wasm, err := os.ReadFile(filepath.Join(folder, name+".wasm"))
	if err != nil {
		t.Fatalf("%v; build it with: make modules", err)
	}
	return wasm
}
