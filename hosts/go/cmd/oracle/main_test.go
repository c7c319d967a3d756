package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"testing"

	"everyhost/hosts/go/internal/wasmtest"
)

func TestMain(m *testing.M) { wasmtest.RunMain(m, main) }

type obj = map[string]any

const keypair = wasmtest.Seed + wasmtest.PublicKey

func TestItAnswersByGosOwnEd25519(t *testing.T) {
	oracle := wasmtest.Start(t)
	greeting := oracle.Ask(obj{"cmd": "hello", "protocol": 1, "modules": obj{"native": obj{"path": "", "sha256": ""}}})
	native := greeting["modules"].(obj)["native"].(obj)
	if ops := native["ops"]; !reflect.DeepEqual(ops, []any{"public_key", "sign", "sign_many", "verify"}) {
		t.Errorf("it claims %v", ops)
	}
	if hash := native["sha256"].(string); len(hash) != 64 {
		t.Errorf("its hash is %q", hash)
	}

	mismatched := wasmtest.Seed + wasmtest.Seed
	tooLong := obj{"repeat": "00", "times": 16*1024*1024 + 1}
	longest := make([]byte, 16*1024*1024)
	seed, _ := hex.DecodeString(wasmtest.Seed)
	signedLongest := hex.EncodeToString(ed25519.Sign(ed25519.NewKeyFromSeed(seed), longest))
	verify := func(key, message, signature any) obj {
		return obj{"public_key": key, "message": message, "signature": signature}
	}
	for seq, one := range []struct {
		op     string
		in     obj
		answer obj
	}{
		{"public_key", obj{"seed": wasmtest.Seed}, obj{"ok": obj{"public_key": wasmtest.PublicKey}}},
		{"public_key", obj{"seed": ""}, obj{"error": "KEY_LENGTH"}},
		{"sign", obj{"keypair": keypair, "message": "68656c6c6f"}, obj{"ok": obj{"signature": wasmtest.HelloSignature}}},
		{"sign", obj{"keypair": keypair, "message": obj{"repeat": "00", "times": len(longest)}}, obj{"ok": obj{"signature": signedLongest}}},
		{"sign", obj{"keypair": keypair[2:], "message": tooLong}, obj{"error": "KEY_LENGTH"}},
		{"sign", obj{"keypair": mismatched, "message": tooLong}, obj{"error": "KEY_PAIR_MISMATCH"}},
		{"sign", obj{"keypair": keypair, "message": tooLong}, obj{"error": "MESSAGE_TOO_LARGE"}},
		{"sign_many", obj{"keypair": keypair, "messages": []any{}}, obj{"ok": obj{"signatures": []any{}}}},
		{"sign_many", obj{"keypair": keypair, "messages": []any{"68656c6c6f"}}, obj{"ok": obj{"signatures": []any{wasmtest.HelloSignature}}}},
		{"sign_many", obj{"keypair": keypair, "messages": []any{"", tooLong}}, obj{"error": "MESSAGE_TOO_LARGE"}},
		{"verify", verify(wasmtest.PublicKey, "68656c6c6f", wasmtest.HelloSignature), obj{"ok": obj{"valid": true}}},
		{"verify", verify(wasmtest.PublicKey, "", wasmtest.HelloSignature), obj{"ok": obj{"valid": false}}},
		{"verify", verify(wasmtest.PublicKey, "68656c6c6f", ""), obj{"ok": obj{"valid": false}}},
		{"verify", verify("", tooLong, ""), obj{"error": "PUBLIC_KEY_LENGTH"}},
		{"verify", verify(wasmtest.PublicKey, tooLong, ""), obj{"error": "MESSAGE_TOO_LARGE"}},
	} {
		one.answer["seq"] = seq
		text, _ := json.Marshal(one.answer)
		var wanted obj
		if err := json.Unmarshal(text, &wanted); err != nil {
			t.Fatal(err)
		}
		got := oracle.Ask(obj{"cmd": "run", "seq": seq, "module": "native", "op": one.op, "in": one.in})
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("%s: the answer is %v, not %v", one.op, got, wanted)
		}
	}
	for _, op := range []string{"verify_strict", "session", "raw", "add"} {
		if answer := oracle.Ask(obj{"cmd": "run", "seq": 1, "module": "native", "op": op, "in": obj{}}); answer["unsupported"] == nil {
			t.Errorf("%s: %v", op, answer)
		}
	}
	if answer := oracle.Ask(obj{"cmd": "run", "seq": 1, "module": "native", "op": "sign", "in": obj{}}); answer["unsupported"] == nil {
		t.Errorf("sign of nothing: %v", answer)
	}
	oracle.End()
}
