package main

import (
	"testing"

	"everyhost/hosts/go/internal/wasmtest"
)

func TestItAnswersAsTheWrapperDoes(t *testing.T) {
	a := signerAdapter(t)
	tooLong := obj{"repeat": "00", "times": 16*1024*1024 + 1}
	for _, one := range []struct {
		op     string
		in     obj
		answer obj
	}{
		{"public_key", obj{"seed": wasmtest.Seed}, ok(obj{"public_key": wasmtest.PublicKey})},
		{"public_key", obj{"seed": "00"}, refused("KEY_LENGTH")},
		{"sign", obj{"keypair": keypairHex, "message": helloHex}, ok(obj{"signature": wasmtest.HelloSignature})},
		{"sign", obj{"keypair": "", "message": helloHex}, refused("KEY_LENGTH")},
		{"sign", obj{"keypair": mismatchedHex, "message": helloHex}, refused("KEY_PAIR_MISMATCH")},
		{"sign", obj{"keypair": keypairHex, "message": tooLong}, refused("MESSAGE_TOO_LARGE")},
		{"sign", obj{"keypair": mismatchedHex, "message": tooLong}, refused("KEY_PAIR_MISMATCH")},
		{"sign_many", obj{"keypair": keypairHex, "messages": list{helloHex, obj{"repeat": helloHex, "times": 1}}},
			ok(obj{"signatures": list{wasmtest.HelloSignature, wasmtest.HelloSignature}})},
		{"sign_many", obj{"keypair": keypairHex, "messages": list{}}, ok(obj{"signatures": list{}})},
		{"session", obj{"keypair": mismatchedHex, "steps": list{}}, refused("KEY_PAIR_MISMATCH")},
	} {
		want(t, ask(t, a, "signer-raw", one.op, one.in), one.answer)
	}
	for _, op := range []string{"verify", "verify_strict"} {
		for _, one := range []struct {
			key, message, signature string
			answer                  obj
		}{
			{wasmtest.PublicKey, helloHex, wasmtest.HelloSignature, ok(obj{"valid": true})},
			{wasmtest.PublicKey, "", wasmtest.HelloSignature, ok(obj{"valid": false})},
			{wasmtest.PublicKey, helloHex, "", ok(obj{"valid": false})},
			{"", helloHex, wasmtest.HelloSignature, refused("PUBLIC_KEY_LENGTH")},
		} {
			in := obj{"public_key": one.key, "message": one.message, "signature": one.signature}
			want(t, ask(t, a, "signer-raw", op, in), one.answer)
		}
	}
}

func TestASessionAnswersEachStep(t *testing.T) {
	signed := ok(obj{"signature": wasmtest.HelloSignature})
	message := obj{"message": helloHex}
	verify := obj{"public_key": wasmtest.PublicKey, "message": helloHex, "signature": wasmtest.HelloSignature}
	script := []struct {
		op     string
		in     any
		answer obj
	}{
		{"public_key", nil, ok(obj{"public_key": wasmtest.PublicKey})},
		{"sign", message, signed},
		{"sign_with", obj{"keypair": keypairHex, "message": helloHex}, signed},
		{"sign_with", obj{"keypair": mismatchedHex, "message": helloHex}, trap},
		{"sign", message, signed},
		{"sign_many", obj{"messages": list{helloHex}}, ok(obj{"signatures": list{wasmtest.HelloSignature}})},
		{"load_key", obj{"keypair": ""}, refused("KEY_LENGTH")},
		{"sign", message, refused("NO_KEY")},
		{"load_key", obj{"keypair": keypairHex}, ok(obj{"public_key": wasmtest.PublicKey})},
		{"sign", message, signed},
		{"wipe", obj{}, ok(obj{})},
		{"public_key", obj{}, refused("NO_KEY")},
		{"verify", verify, ok(obj{"valid": true})},
		{"verify_strict", verify, ok(obj{"valid": true})},
		{"close", obj{}, ok(obj{})},
		{"close", obj{}, ok(obj{})},
		{"wipe", obj{}, refused("CLOSED")},
		{"sign", message, refused("CLOSED")},
	}
	var asked, answers list
	for _, step := range script {
		written := obj{"op": step.op}
		if step.in != nil {
			written["in"] = step.in
		}
		asked, answers = append(asked, written), append(answers, step.answer)
	}
	want(t, ask(t, signerAdapter(t), "signer-raw", "session", obj{"keypair": keypairHex, "steps": asked}), steps(answers...))
}

func TestTheAddersOperations(t *testing.T) {
	a := signerAdapter(t)
	want(t, ask(t, a, "add-raw", "add", obj{"a": 2147483647, "b": 1}), ok(obj{"value": -2147483648}))
	want(t, ask(t, a, "add-raw", "divide", obj{"a": -7, "b": 2}), ok(obj{"value": -3}))
	want(t, ask(t, a, "add-raw", "divide", obj{"a": 1, "b": 0}), trap)
}

func TestWhatItCannotDoIsSaidAndItGoesOn(t *testing.T) {
	a := signerAdapter(t)
	for _, one := range []struct {
		op string
		in any
	}{
		{"add", obj{"a": 1, "b": 2}},
		{"fly", obj{}},
		{"kept_view", obj{"ptr": 0, "value": 1}},
		{"sign", nil},
		{"sign", "text"},
		{"sign", obj{"keypair": "0g", "message": ""}},
		{"sign", obj{"keypair": "AB", "message": ""}},
		{"sign", obj{"keypair": "abc", "message": ""}},
		{"sign", obj{"keypair": 5, "message": ""}},
		{"sign", obj{"keypair": nil, "message": ""}},
		{"sign", obj{"keypair": keypairHex, "message": obj{"repeat": "00", "times": 1 << 40}}},
		{"sign", obj{"keypair": keypairHex, "message": obj{"repeat": "0000", "times": 1<<32 - 1}}},
		{"sign", obj{"keypair": keypairHex, "message": obj{"repeat": "00"}}},
		{"sign", obj{"keypair": keypairHex, "message": obj{"times": 1}}},
		{"sign", obj{"keypair": keypairHex}},
		{"sign_many", obj{"keypair": keypairHex, "messages": list{"zz"}}},
		{"session", obj{"keypair": keypairHex, "steps": list{obj{"op": "fly", "in": obj{}}}}},
		{"session", obj{"keypair": keypairHex, "steps": list{obj{"op": "sign", "in": obj{}}}}},
		{"session", obj{"keypair": keypairHex, "steps": list{5}}},
	} {
		answer := ask(t, a, "signer-raw", one.op, one.in)
		if why, _ := answer["unsupported"].(string); why == "" || len(answer) != 1 {
			t.Errorf("%s of %v: %v", one.op, one.in, answer)
		}
		want(t, ask(t, a, "signer-raw", "public_key", obj{"seed": wasmtest.Seed}), ok(obj{"public_key": wasmtest.PublicKey}))
	}
}

func TestAVerifierThatATrapEndedDoesNotAnswerForTheNextCase(t *testing.T) {
	bodies := map[string][]byte{"verify": wasmtest.Unreachable}
	a := asked(t, false, map[string]string{"signer-raw": written(t, wasmtest.FakeSigner(bodies))})
	in := obj{"public_key": wasmtest.PublicKey, "message": "", "signature": wasmtest.HelloSignature}
	for range 2 {
		want(t, ask(t, a, "signer-raw", "verify", in), trap)
		if a.modules["signer-raw"].verifier != nil {
			t.Error("the one that trapped is kept")
		}
	}
}

func TestItAnswersFromTheModuleThatItWasGiven(t *testing.T) {
	a := asked(t, false, map[string]string{"signer-raw": written(t, wasmtest.FakeSigner(nil))})
	zeros := make([]byte, 64)
	want(t, ask(t, a, "signer-raw", "sign", obj{"keypair": keypairHex, "message": helloHex}), ok(obj{"signature": hexOf(zeros)}))
	want(t, ask(t, a, "signer-raw", "verify", obj{"public_key": hexOf(zeros[:32]), "message": "", "signature": hexOf(zeros)}),
		ok(obj{"valid": true}))
}
