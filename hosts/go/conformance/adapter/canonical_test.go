package main

import (
	"os"
	"strings"
	"testing"

	"everyhost/hosts/go/conformance/protocol"
)

const seed = "0000000000000000000000000000000000000000000000000000000000000000"

func TestACoreModuleOfAComponentAnswersThroughTheCanonicalABI(t *testing.T) {
	const path = "../../../../target/modules/signer-component-core.wasm"
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v; run `make modules` first", err)
	}
	a := newAdapter(false)
	greeting, err := a.Hello(map[string]protocol.ModuleFile{"core": {Path: path}})
	if err != nil {
		t.Fatal(err)
	}
	if ops := strings.Join(greeting.Modules["core"].Ops, " "); !strings.HasPrefix(ops, "public_key sign sign_many verify verify_strict raw ") {
		t.Fatalf("it claims %s", ops)
	}
	run := func(op, in string) protocol.Answer { return a.Run("core", op, []byte(in)) }
	ok := func(op, in string) protocol.Fields {
		fields, isOk := run(op, in).Ok.(protocol.Fields)
		if !isOk {
			t.Fatalf("%s fails", op)
		}
		return fields
	}
	publicKey := ok("public_key", `{"seed":"`+seed+`"}`)["public_key"].(string)
	keypair := seed + publicKey
	signature := ok("sign", `{"keypair":"`+keypair+`","message":"61"}`)["signature"].(string)
	many := ok("sign_many", `{"keypair":"`+keypair+`","messages":["61",""]}`)["signatures"].([]string)
	if len(many) != 2 || many[0] != signature {
		t.Errorf("a batch signs otherwise: %v, not %s", many, signature)
	}
	verified := func(message string) any {
		return ok("verify_strict", `{"public_key":"`+publicKey+`","message":"`+message+`","signature":"`+signature+`"}`)["valid"]
	}
	if verified("61") != true || verified("62") != false {
		t.Errorf("verify_strict: %v for the message, %v for another", verified("61"), verified("62"))
	}
	for in, code := range map[string]string{
		`{"keypair":"00","message":"61"}`:                                          "KEY_LENGTH",
		`{"keypair":"` + seed + seed + `","message":"61"}`:                         "KEY_PAIR_MISMATCH",
		`{"keypair":"` + keypair + `","message":{"repeat":"61","times":16777217}}`: "MESSAGE_TOO_LARGE",
	} {
		if answer := run("sign", in); answer.Error != code {
			t.Errorf("expected %s: %+v", code, answer)
		}
	}
	if answer := run("session", `{"keypair":"`+keypair+`","steps":[]}`); answer.Unsupported == "" {
		t.Errorf("it holds no key, and answers a session: %+v", answer)
	}
}
