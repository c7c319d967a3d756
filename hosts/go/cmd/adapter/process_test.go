package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"everyhost/hosts/go/internal/protocol"
	"everyhost/hosts/go/internal/wasmtest"
)

// The adapter as the runner starts it.

func TestItAnswersEachLineBeforeTheNextAndEndsWithItsInput(t *testing.T) {
	path := wasmtest.Built(t, "signer-raw")
	wasm, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(wasm)
	key := ed25519.NewKeyFromSeed(must(hex.DecodeString(wasmtest.Seed)))
	for _, engine := range []string{"compiler", "interpreter"} {
		t.Run(engine, func(t *testing.T) {
			var arguments []string
			if engine == "interpreter" {
				arguments = []string{"--interpreter"}
			}
			adapter := wasmtest.Start(t, arguments...)
			greeting := adapter.Ask(hello(map[string]string{"signer-raw": path}))
			want(t, greeting, obj{
				"protocol": 1, "host": "go", "version": runtime.Version(), "os": runtime.GOOS + "/" + runtime.GOARCH,
				"runtime": "wazero " + wazeroVersion() + ", " + engine,
				"modules": obj{"signer-raw": obj{"sha256": hex.EncodeToString(sum[:]), "ops": list{
					"public_key", "sign", "sign_many", "verify", "verify_strict", "session",
					"raw", "raw_memory_limit", "raw_deadline", "raw_module",
				}}},
			})
			want(t, adapter.Ask(request(7, "signer-raw", "sign", obj{"keypair": keypairHex, "message": helloHex})),
				obj{"seq": 7, "ok": obj{"signature": wasmtest.HelloSignature}})
			long := bytes.Repeat([]byte("a"), 1<<20)
			want(t, adapter.Ask(request(8, "signer-raw", "sign", obj{"keypair": keypairHex, "message": obj{"repeat": "61", "times": 1 << 20}})),
				obj{"seq": 8, "ok": obj{"signature": hex.EncodeToString(ed25519.Sign(key, long))}})
			want(t, adapter.Ask(request(1<<53, "signer-raw", "session", obj{"keypair": keypairHex, "steps": list{}})),
				obj{"seq": 1 << 53, "ok": obj{"steps": list{}}})
			adapter.End()
		})
	}
}

func TestManyRequestsMayBeSentAhead(t *testing.T) {
	input := wasmtest.Line(hello(map[string]string{"add-raw": wasmtest.Built(t, "add-raw")}))
	for n := range 100 {
		input = append(input, wasmtest.Line(request(n, "add-raw", "add", obj{"a": n, "b": 1}))...)
	}
	output, complaints, exitCode := wasmtest.Converse(t, input)
	if exitCode != 0 || complaints != "" {
		t.Fatalf("exit code %d, %s", exitCode, complaints)
	}
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	for n, line := range lines[1:] {
		if got := string(line); got != fmt.Sprintf(`{"seq":%d,"ok":{"value":%d}}`, n, n+1) {
			t.Errorf("answer %d is %s", n, got)
		}
	}
	if len(lines) != 101 {
		t.Errorf("there are %d answers", len(lines)-1)
	}
}

func TestALineMayHave64MiBAndNoByteMore(t *testing.T) {
	first := wasmtest.Line(hello(map[string]string{"signer-raw": wasmtest.Built(t, "signer-raw")}))
	line := func(length int) []byte {
		empty := wasmtest.Line(request(7, "signer-raw", "public_key", obj{"seed": wasmtest.Seed, "padding": ""}))
		padding := bytes.Repeat([]byte("x"), length-(len(empty)-1))
		return bytes.Replace(empty, []byte(`"padding":"`), append([]byte(`"padding":"`), padding...), 1)
	}
	longest := append(bytes.Clone(first), line(protocol.MaxLineLen)...)
	output, complaints, exitCode := wasmtest.Converse(t, append(longest, line(1000)...))
	if exitCode != 0 || complaints != "" || bytes.Count(output, []byte(`{"seq":7,"ok":{"public_key":"`+wasmtest.PublicKey)) != 2 {
		t.Errorf("64 MiB: exit code %d, %s", exitCode, complaints)
	}
	for _, over := range []int{1, 100} {
		_, complaints, exitCode = wasmtest.Converse(t, append(bytes.Clone(first), line(protocol.MaxLineLen+over)...))
		if exitCode != 1 || complaints != "go adapter: a line of over 67108864 bytes\n" {
			t.Errorf("%d more: exit code %d, %s", over, exitCode, complaints)
		}
	}
}

func TestWhatIsNoRequestEndsItWithOneClearLine(t *testing.T) {
	for line, complaint := range map[string]string{
		"signer-raw": "a line that is no request",
		"[]":         "a line that is no request",
		"":           "a line that is no request",
		`{"cmd":"hello","protocol":2,"modules":{}}`: "protocol 2 is not spoken here, only 1",
		`{"cmd":"stop"}`:        "neither hello nor run",
		`{"cmd":"run","seq":1}`: "neither hello nor run",
		`{"cmd":"hello","protocol":1,"modules":{"m":{"path":"/nowhere/m.wasm"}}}`: "module m: open /nowhere/m.wasm",
	} {
		output, complaints, exitCode := wasmtest.Converse(t, []byte(line+"\n"))
		if exitCode != 1 || len(output) != 0 {
			t.Errorf("%s: exit code %d, %s", line, exitCode, output)
		}
		if !strings.HasPrefix(complaints, "go adapter: ") || !strings.Contains(complaints, complaint) || strings.Count(complaints, "\n") != 1 {
			t.Errorf("%s: it says %q", line, complaints)
		}
	}
}

func TestModulesThatCannotBeLoadedAreRefusedAndTheOthersAreNotConcerned(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, wasm []byte) string {
		path := folder + "/" + name
		if err := os.WriteFile(path, wasm, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	reasons := map[string]string{
		"text":    "not a Wasm module",
		"garbage": "wazero cannot compile this module",
		"imports": "the module needs imports, which this host does not give; the first is env.now",
		"glue":    "JavaScript",
	}
	greeting := hello(map[string]string{
		"text":    file("text", []byte("hello, world")),
		"garbage": file("garbage", []byte("\x00asm\x01\x00\x00\x00garbage")),
		"imports": file("imports", wasmtest.Module{Import: "now"}.Bytes()),
		"fine":    file("fine", wasmtest.Probe().Bytes()),
	})
	greeting["modules"].(obj)["glue"] = obj{"path": file("glue", wasmtest.Probe().Bytes()), "glue": "/a.js"}
	adapter := wasmtest.Start(t)
	modules := adapter.Ask(greeting)["modules"].(obj)
	for name, reason := range reasons {
		module := modules[name].(obj)
		wasm, _ := os.ReadFile(folder + "/" + name)
		sum := sha256.Sum256(wasm)
		if len(module["ops"].(list)) != 0 || module["sha256"] != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %v", name, module)
		}
		if why, _ := module["refused"].(string); !strings.Contains(why, reason) {
			t.Errorf("%s: refused, because %q", name, why)
		}
		answer := adapter.Ask(request(1, name, "raw", obj{"steps": list{}}))
		if why, _ := answer["unsupported"].(string); !strings.Contains(why, name) {
			t.Errorf("%s: %v", name, answer)
		}
	}
	fine := modules["fine"].(obj)
	if _, ok := fine["refused"]; ok || len(fine["ops"].(list)) != 5 {
		t.Errorf("the other one is concerned: %v", fine)
	}
	want(t, adapter.Ask(request(2, "fine", "raw", obj{"steps": list{obj{"do": "pages"}}})),
		obj{"seq": 2, "ok": obj{"steps": list{ok(obj{"pages": 1})}}})
	adapter.End()
}

func TestASecondGreetingReplacesTheModules(t *testing.T) {
	adapter := wasmtest.Start(t)
	path := wasmtest.Built(t, "add-raw")
	adapter.Ask(hello(map[string]string{"add-raw": path}))
	sum := obj{"a": 2, "b": 3}
	want(t, adapter.Ask(request(1, "add-raw", "add", sum)), obj{"seq": 1, "ok": obj{"value": 5}})

	// The same name with other bytes: it answers from those.
	changed := wasmtest.Module{}
	for _, name := range []string{"add_numbers", "divide_numbers"} {
		changed.Functions = append(changed.Functions, wasmtest.Function{
			Name: name, Params: []byte{wasmtest.I32, wasmtest.I32}, Results: []byte{wasmtest.I32}, Body: wasmtest.I32Const(77),
		})
	}
	adapter.Ask(hello(map[string]string{"add-raw": written(t, changed)}))
	want(t, adapter.Ask(request(2, "add-raw", "add", sum)), obj{"seq": 2, "ok": obj{"value": 77}})

	adapter.Ask(hello(nil))
	if answer := adapter.Ask(request(3, "add-raw", "add", sum)); answer["unsupported"] == nil {
		t.Errorf("a module of before answers: %v", answer)
	}
	adapter.End()
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
