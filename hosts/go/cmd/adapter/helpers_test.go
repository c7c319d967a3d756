package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"everyhost/hosts/go/internal/protocol"
	"everyhost/hosts/go/internal/wasmtest"
)

func TestMain(m *testing.M) { wasmtest.RunMain(m, main) }

// obj is a JSON object.
type obj = map[string]any

type list = []any

const (
	keypairHex    = wasmtest.Seed + wasmtest.PublicKey
	mismatchedHex = wasmtest.Seed + "0000000000000000000000000000000000000000000000000000000000000000"
	helloHex      = "68656c6c6f"
)

func hello(modules map[string]string) obj {
	files := obj{}
	for name, path := range modules {
		files[name] = obj{"path": path, "sha256": "not looked at"}
	}
	return obj{"cmd": "hello", "protocol": 1, "modules": files}
}

func request(seq int, module, op string, in any) obj {
	return obj{"cmd": "run", "seq": seq, "module": module, "op": op, "in": in, "fields of tomorrow": list{1}}
}

// asked is an adapter in this process, which has loaded the modules.
func asked(t *testing.T, interpreter bool, paths map[string]string) *adapter {
	t.Helper()
	a := newAdapter(interpreter)
	files := make(map[string]protocol.ModuleFile)
	for name, path := range paths {
		files[name] = protocol.ModuleFile{Path: path}
	}
	if _, err := a.Hello(files); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, module := range a.modules {
			module.close()
		}
	})
	return a
}

var builtAdapter = sync.OnceValue(func() *adapter { return newAdapter(false) })

// signerAdapter has the built modules, compiled once for all the tests.
func signerAdapter(t *testing.T) *adapter {
	t.Helper()
	a := builtAdapter()
	if a.modules == nil {
		_, err := a.Hello(map[string]protocol.ModuleFile{
			"signer-raw": {Path: wasmtest.Built(t, "signer-raw")}, "add-raw": {Path: wasmtest.Built(t, "add-raw")},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// written is a module in a file.
func written(t *testing.T, module wasmtest.Module) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "module.wasm")
	if err := os.WriteFile(path, module.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ask asks the adapter, and gives the answer as it is written, without the words of a trap.
func ask(t *testing.T, a *adapter, module, op string, in any) obj {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return roundTrip(t, a.Run(module, op, text))
}

func roundTrip(t *testing.T, answer any) obj {
	t.Helper()
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var decoded obj
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	withoutDetail(decoded)
	return decoded
}

func withoutDetail(value any) {
	switch value := value.(type) {
	case obj:
		delete(value, "detail")
		for _, inner := range value {
			withoutDetail(inner)
		}
	case list:
		for _, inner := range value {
			withoutDetail(inner)
		}
	}
}

// want compares answers as JSON.
func want(t *testing.T, got obj, expected any) {
	t.Helper()
	if wanted := roundTrip(t, expected); !reflect.DeepEqual(got, wanted) {
		t.Errorf("the answer is %s, not %s", wasmtest.Line(got), wasmtest.Line(wanted))
	}
}

func ok(fields obj) obj { return obj{"ok": fields} }

func refused(code string) obj { return obj{"error": code} }

func steps(answers ...any) obj {
	if answers == nil {
		answers = list{}
	}
	return ok(obj{"steps": answers})
}

var trap = obj{"trap": true}
