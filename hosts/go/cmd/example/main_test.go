package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"everyhost/hosts/go/internal/wasmtest"
)

func TestMain(m *testing.M) { wasmtest.RunMain(m, main) }

func example(t *testing.T, arguments ...string) (output, complaints string, exitCode int) {
	t.Helper()
	built := []string{"--module", wasmtest.Built(t, "signer-raw")}
	text, complaints, exitCode := wasmtest.Converse(t, nil, append(built, arguments...)...)
	return string(text), complaints, exitCode
}

func TestTheReadmeShowsWhatTheExamplePrints(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```console\n\\$ hosts/go/bin/example\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no block for the example")
	}
	output, complaints, exitCode := example(t)
	if exitCode != 0 || output != string(block[1]) {
		t.Errorf("it prints %s%s", output, complaints)
	}
}

func TestAnyMessageAndKeyCanBeGiven(t *testing.T) {
	key := ed25519.NewKeyFromSeed([]byte("a seed that is nobody's, I think"))
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const message = "grüß <dich> & \"mich\""
	output, complaints, exitCode := example(t, "--message", message, "--key-file", file)
	if exitCode != 0 {
		t.Fatal(complaints)
	}
	lines := make(map[string]string)
	for line := range strings.Lines(output) {
		name, value, _ := strings.Cut(line, "  ")
		lines[name] = strings.TrimSpace(value)
	}
	publicKey := key.Public().(ed25519.PublicKey)
	if lines["public key"] != hex.EncodeToString(publicKey) {
		t.Errorf("the public key is %s", lines["public key"])
	}
	if lines["signature"] != hex.EncodeToString(ed25519.Sign(key, []byte(message))) {
		t.Errorf("the signature is %s", lines["signature"])
	}
	if err := verifyToken(lines["JWT"], publicKey, message); err != nil {
		t.Error(err)
	}
	// What verifies everything shows nothing.
	if err := verifyToken(lines["JWT"], publicKey, "another"); err == nil {
		t.Error("other claims are taken")
	}
	otherKey := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	if err := verifyToken(lines["JWT"], otherKey, message); err == nil {
		t.Error("another key is taken")
	}
}

func TestWhatIsWrongIsToldInOneLine(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, one := range []struct {
		arguments []string
		complaint string
	}{
		{[]string{"--key-file", folder + "/none"}, "cannot read a key: open"},
		{[]string{"--key-file", file("letters", "xyz")}, "cannot read 128 hex digits from it"},
		{[]string{"--key-file", file("short", "00")}, "KEY_LENGTH: a keypair must be 64 bytes long"},
		{[]string{"--key-file", file("zeros", strings.Repeat("00", 64))}, "KEY_PAIR_MISMATCH"},
		{[]string{"--module", folder + "/none.wasm"}, "none.wasm is not there; build it with: make modules"},
		{[]string{"--module", file("text.wasm", "hello")}, "text.wasm: not a Wasm module"},
		{[]string{"--module", file("empty.wasm", string(wasmtest.Module{}.Bytes()))}, "not a signer module"},
		{[]string{"hello"}, "\"hello\" is not an option"},
	} {
		output, complaints, exitCode := example(t, one.arguments...)
		if exitCode != 1 || output != "" || !strings.HasPrefix(complaints, "example: ") || strings.Count(complaints, "\n") != 1 {
			t.Errorf("%q: exit code %d, %s%s", one.arguments, exitCode, output, complaints)
		}
		if !strings.Contains(complaints, one.complaint) {
			t.Errorf("%q: it says %s", one.arguments, complaints)
		}
	}
}
