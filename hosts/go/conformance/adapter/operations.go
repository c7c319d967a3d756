package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

// An operation needs these fields of in; an error is answered as refusal has it.
type operation[On any] struct {
	needs []string
	do    func(On, *protocol.Input) (protocol.Fields, error)
}

type (
	onLoaded = func(*loaded, *protocol.Input) (protocol.Fields, error)
	// VerifyMany, or its strict one.
	verifyMany = func(*everyhost.Verifier, []everyhost.Signed) ([]bool, error)
	// What a signer does alone, and as a step of a session.
	signerOp = func(*everyhost.Signer, *protocol.Input) (protocol.Fields, error)
)

var operations = map[string]operation[*loaded]{
	"public_key":    {[]string{"seed"}, withoutKey(derivePublicKey)},
	"sign":          {[]string{"keypair", "message"}, withKey(sign)},
	"sign_many":     {[]string{"keypair", "messages"}, withKey(signMany)},
	"verify":        {verified, verifyOne(verify, (*everyhost.Verifier).VerifyMany)},
	"verify_strict": {verified, verifyOne(verifyStrict, (*everyhost.Verifier).VerifyManyStrict)},
	"session":       {[]string{"keypair", "steps"}, withKey(session)},
	"add":           {[]string{"a", "b"}, withAdder((*everyhost.Adder).Add)},
	"divide":        {[]string{"a", "b"}, withAdder((*everyhost.Adder).Divide)},

	"verify_many":        {[]string{"items"}, verifyAll((*everyhost.Verifier).VerifyMany)},
	"verify_many_strict": {[]string{"items"}, verifyAll((*everyhost.Verifier).VerifyManyStrict)},

	"read_key":  {[]string{"kind", "file"}, withKeys(readKey)},
	"write_key": {[]string{"form"}, withKeys(writeKey)},

	"raw":              {[]string{"steps"}, raw},
	"raw_memory_limit": {[]string{"max_pages", "steps"}, rawMemoryLimit},
	"raw_deadline":     {[]string{"deadline_ms", "steps"}, rawDeadline},
	"raw_module":       {[]string{"wasm", "steps"}, raw},
	"raw_imports":      {[]string{"imports", "steps"}, raw},
	"wasi":             {nil, wasi},
	"kept_view":        {[]string{"ptr", "value"}, keptView},
}

var verified = []string{"public_key", "message", "signature"}

// opsOf says what a module can be asked, by what it exports.
func opsOf(module *everyhost.Module) []string {
	var ops []string
	if module.IsSigner() {
		ops = append(ops, "public_key", "sign")
		// The small modules have no batches, and those made for batches do not verify.
		for _, some := range []struct{ op, export string }{
			{"sign_many", "sign_batch"}, {"verify", "verify"}, {"verify_strict", "verify_strict"},
			{"verify_many", "verify"}, {"verify_many_strict", "verify_strict"},
		} {
			if _, ok := module.Exports()[some.export]; ok {
				ops = append(ops, some.op)
			}
		}
		ops = append(ops, "session")
	}
	if module.IsVerifier() {
		ops = append(ops, "verify", "verify_strict", "verify_many", "verify_many_strict")
	}
	if module.IsKeys() {
		ops = append(ops, "read_key", "write_key")
	}
	if module.IsAdder() {
		ops = append(ops, "add", "divide")
	}
	ops = append(ops, canonicalOps(module)...)
	ops = append(ops, "raw", "raw_memory_limit", "raw_deadline", "raw_module", "raw_imports", "wasi")
	if hasViewExports(module) {
		ops = append(ops, "kept_view")
	}
	return ops
}

// On the wrapper

func withKey(do signerOp) onLoaded {
	return withSigner(do, func(module *loaded, in *protocol.Input) (*everyhost.Signer, error) {
		return everyhost.NewSigner(module.module, in.Keypair)
	})
}

func withoutKey(do signerOp) onLoaded {
	return withSigner(do, func(module *loaded, _ *protocol.Input) (*everyhost.Signer, error) {
		return everyhost.NewSignerWithoutKey(module.module)
	})
}

func withSigner(do signerOp, open func(*loaded, *protocol.Input) (*everyhost.Signer, error)) onLoaded {
	return func(module *loaded, in *protocol.Input) (protocol.Fields, error) {
		signer, err := open(module, in)
		if err != nil {
			return nil, err
		}
		defer func() { _ = signer.Close() }()
		return do(signer, in)
	}
}

// verifyOne verifies by a signer or, on a module that has none, by a verifier. Both are kept: they need no key, and a user would not
// make a signer, or build tables, for each signature.
func verifyOne(bySigner signerOp, byVerifier verifyMany) onLoaded {
	return func(module *loaded, in *protocol.Input) (protocol.Fields, error) {
		if module.module.IsVerifier() {
			verdicts, err := module.verdicts(byVerifier, []protocol.Item{{PublicKey: in.PublicKey, Message: in.Message, Signature: in.Signature}})
			return protocol.Fields{"valid": slices.Equal(verdicts, []bool{true})}, err
		}
		if module.signer == nil {
			signer, err := everyhost.NewSignerWithoutKey(module.module)
			if err != nil {
				return nil, err
			}
			module.signer = signer
		}
		fields, err := bySigner(module.signer, in)
		if errors.Is(err, everyhost.Trapped) { // which may have closed it, and the next case is about a fresh one
			_ = module.signer.Close()
			module.signer = nil
		}
		return fields, err
	}
}

func verifyAll(verify verifyMany) onLoaded {
	return func(module *loaded, in *protocol.Input) (protocol.Fields, error) {
		items, err := in.Ordered()
		if err != nil {
			return nil, err
		}
		verdicts, err := module.verdicts(verify, items)
		bytes := make([]byte, len(verdicts))
		for n, isRight := range verdicts {
			if isRight {
				bytes[n] = 1
			}
		}
		return protocol.Fields{"verdicts": protocol.Hex(bytes)}, err
	}
}

func (l *loaded) verdicts(verify verifyMany, items []protocol.Item) ([]bool, error) {
	if l.verifier == nil {
		verifier, err := everyhost.NewVerifier(l.module)
		if err != nil {
			return nil, err
		}
		l.verifier = verifier
	}
	signed := make([]everyhost.Signed, len(items))
	for n, item := range items {
		signed[n] = everyhost.Signed{PublicKey: item.PublicKey, Message: item.Message, Signature: item.Signature}
	}
	verdicts, err := verify(l.verifier, signed)
	if errors.Is(err, everyhost.Trapped) { // as above
		_ = l.verifier.Close()
		l.verifier = nil
	}
	return verdicts, err
}

func withAdder(do func(*everyhost.Adder, int32, int32) (int32, error)) onLoaded {
	return func(module *loaded, in *protocol.Input) (protocol.Fields, error) {
		adder, err := everyhost.NewAdder(module.module)
		if err != nil {
			return nil, err
		}
		defer func() { _ = adder.Close() }()
		value, err := do(adder, *in.A, *in.B)
		return protocol.Fields{"value": value}, err
	}
}

func withKeys(do func(*everyhost.Keys, *protocol.Input) (protocol.Fields, error)) onLoaded {
	return func(module *loaded, in *protocol.Input) (protocol.Fields, error) {
		keys, err := everyhost.NewKeys(module.module)
		if err != nil {
			return nil, err
		}
		defer func() { _ = keys.Close() }()
		return do(keys, in)
	}
}

func readKey(keys *everyhost.Keys, in *protocol.Input) (protocol.Fields, error) {
	switch *in.Kind {
	case "private":
		key, err := keys.ReadPrivateKey(in.File)
		if err != nil {
			return nil, err
		}
		fields := protocol.Fields{"seed": protocol.Hex(key.Seed())}
		if publicKey := key.PublicKey(); publicKey != nil {
			fields["public_key"] = protocol.Hex(publicKey)
		}
		return fields, nil
	case "public":
		return field("public_key", protocol.Hex)(keys.ReadPublicKey(in.File))
	}
	return nil, fmt.Errorf("kind is private or public, not %q", *in.Kind)
}

var forms = map[string]everyhost.Form{"pem": everyhost.PEM, "der": everyhost.DER, "jwk": everyhost.JWK}

func writeKey(keys *everyhost.Keys, in *protocol.Input) (protocol.Fields, error) {
	form, ok := forms[*in.Form]
	if !ok || in.Seed == nil && in.PublicKey == nil {
		return nil, errors.New("form is pem, der or jwk, of a seed, a public_key, or both")
	}
	if in.Seed == nil {
		return field("bytes", protocol.Hex)(keys.WritePublicKey(in.PublicKey, form))
	}
	key, err := everyhost.NewPrivateKey(in.Seed, in.PublicKey)
	if err != nil {
		return nil, err
	}
	return field("bytes", protocol.Hex)(keys.WritePrivateKey(key, form))
}

// field answers with the one result of a call, written so.
func field[T, W any](name string, written func(T) W) func(T, error) (protocol.Fields, error) {
	return func(result T, err error) (protocol.Fields, error) {
		return protocol.Fields{name: written(result)}, err
	}
}

func derivePublicKey(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	return field("public_key", protocol.Hex)(signer.DerivePublicKey(in.Seed))
}

func sign(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	return field("signature", protocol.Hex)(signer.Sign(in.Message))
}

func signMany(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	return field("signatures", protocol.Hexes)(signer.SignMany(in.MessageBytes()))
}

func verify(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	valid, err := signer.Verify(in.PublicKey, in.Message, in.Signature)
	return protocol.Fields{"valid": valid}, err
}

func verifyStrict(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	valid, err := signer.VerifyStrict(in.PublicKey, in.Message, in.Signature)
	return protocol.Fields{"valid": valid}, err
}

// Sessions

var sessionSteps = map[string]operation[*everyhost.Signer]{
	"public_key":    {nil, publicKey},
	"sign":          {[]string{"message"}, sign},
	"sign_many":     {[]string{"messages"}, signMany},
	"sign_with":     {[]string{"keypair", "message"}, signWith},
	"verify":        {verified, verify},
	"verify_strict": {verified, verifyStrict},
	"load_key":      {[]string{"keypair"}, loadKey},
	"wipe": {nil, func(signer *everyhost.Signer, _ *protocol.Input) (protocol.Fields, error) {
		return protocol.Fields{}, signer.Wipe()
	}},
	"close": {nil, func(signer *everyhost.Signer, _ *protocol.Input) (protocol.Fields, error) {
		return protocol.Fields{}, signer.Close()
	}},
}

func session(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	answers := make([]protocol.Answer, 0, len(in.Steps))
	for n, text := range in.Steps {
		answer, err := stepOfSession(signer, text)
		if err != nil {
			return nil, fmt.Errorf("step %d of the session: %w", n, err)
		}
		answers = append(answers, answer)
	}
	return protocol.Fields{"steps": answers}, nil
}

// stepOfSession does one step. The error is that of a step which cannot be understood.
func stepOfSession(signer *everyhost.Signer, text json.RawMessage) (protocol.Answer, error) {
	var written struct {
		Op string          `json:"op"`
		In json.RawMessage `json:"in"`
	}
	if err := json.Unmarshal(text, &written); err != nil {
		return protocol.Answer{}, err
	}
	step, ok := sessionSteps[written.Op]
	if !ok {
		return protocol.Answer{}, fmt.Errorf("there is no step %q", written.Op)
	}
	input, err := protocol.ReadInput(written.In, step.needs...)
	if err != nil {
		return protocol.Answer{}, fmt.Errorf("%s: %w", written.Op, err)
	}
	return answered(step.do(signer, input))
}

// answered is the answer to a step; the error is that of a step which no host could do.
func answered(fields protocol.Fields, err error) (protocol.Answer, error) {
	if err == nil {
		return protocol.Answer{Ok: fields}, nil
	}
	answer := refusal(err)
	if answer.Unsupported != "" {
		return answer, err
	}
	return answer, nil
}

func publicKey(signer *everyhost.Signer, _ *protocol.Input) (protocol.Fields, error) {
	return field("public_key", protocol.Hex)(signer.PublicKey())
}

func signWith(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	return field("signature", protocol.Hex)(signer.SignWith(in.Keypair, in.Message))
}

func loadKey(signer *everyhost.Signer, in *protocol.Input) (protocol.Fields, error) {
	if err := signer.LoadKey(in.Keypair); err != nil {
		return nil, err
	}
	return publicKey(signer, in)
}
