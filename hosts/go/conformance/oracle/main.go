// Command oracle answers the same questions by Go's own crypto/ed25519, which shares no code with the modules. Hosts that
// all run one module cannot reveal its errors; this can. It has no verify_strict and no session.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

func main() {
	if err := protocol.Serve(os.Stdin, os.Stdout, oracle{}); err != nil {
		fmt.Fprintf(os.Stderr, "go oracle: %v\n", err)
		os.Exit(1)
	}
}

type oracle struct{}

const native = "native"

var ops = []string{"public_key", "sign", "sign_many", "verify"}

// Hello knows one module, which is no file: the hash is this program's.
func (oracle) Hello(files map[string]protocol.ModuleFile) (protocol.Greeting, error) {
	answers := make(map[string]protocol.Loaded)
	if _, ok := files[native]; ok {
		path, err := os.Executable()
		if err != nil {
			return protocol.Greeting{}, err
		}
		program, err := os.ReadFile(path)
		if err != nil {
			return protocol.Greeting{}, err
		}
		sum := sha256.Sum256(program)
		answers[native] = protocol.Loaded{SHA256: hex.EncodeToString(sum[:]), Ops: ops}
	}
	return protocol.NewGreeting("crypto/ed25519 of Go's standard library", answers), nil
}

// Run does one operation.
func (oracle) Run(module, op string, in json.RawMessage) protocol.Answer {
	operation, ok := operations[op]
	if !ok || module != native {
		return protocol.Unsupported("%s is not an operation of %s here", op, module)
	}
	input, err := protocol.ReadInput(in, operation.needs...)
	if err != nil {
		return protocol.Unsupported("%s: %v", op, err)
	}
	fields, code := operation.do(input)
	if code != "" {
		return protocol.Answer{Error: string(code)}
	}
	return protocol.Answer{Ok: fields}
}

// An operation gives a result, or the code of a refusal. The codes are those of the wrappers; crypto/ed25519 itself panics
// at a wrong length, checks no pair, and takes a message of any length.
type operation struct {
	needs []string
	do    func(*protocol.Input) (protocol.Fields, everyhost.Code)
}

var operations = map[string]operation{
	"public_key": {[]string{"seed"}, publicKey},
	"sign":       {[]string{"keypair", "message"}, sign},
	"sign_many":  {[]string{"keypair", "messages"}, signMany},
	"verify":     {[]string{"public_key", "message", "signature"}, verify},
}

const maxMessageLen = 16 * 1024 * 1024

func publicKey(in *protocol.Input) (protocol.Fields, everyhost.Code) {
	if len(in.Seed) != ed25519.SeedSize {
		return nil, everyhost.KeyLength
	}
	key := ed25519.NewKeyFromSeed(in.Seed)
	return protocol.Fields{"public_key": protocol.Hex(key[ed25519.SeedSize:])}, ""
}

func sign(in *protocol.Input) (protocol.Fields, everyhost.Code) {
	signatures, code := signAll(in.Keypair, in.Message)
	if code != "" {
		return nil, code
	}
	return protocol.Fields{"signature": protocol.Hex(signatures[0])}, ""
}

func signMany(in *protocol.Input) (protocol.Fields, everyhost.Code) {
	signatures, code := signAll(in.Keypair, in.MessageBytes()...)
	return protocol.Fields{"signatures": protocol.Hexes(signatures)}, code
}

func signAll(keypair []byte, messages ...[]byte) ([][]byte, everyhost.Code) {
	if len(keypair) != ed25519.PrivateKeySize {
		return nil, everyhost.KeyLength
	}
	// Go's private key is the same 64 bytes as our keypair.
	key := ed25519.NewKeyFromSeed(keypair[:ed25519.SeedSize])
	if !bytes.Equal(key, keypair) {
		return nil, everyhost.KeyPairMismatch
	}
	signatures := make([][]byte, len(messages))
	for n, message := range messages {
		if len(message) > maxMessageLen {
			return nil, everyhost.MessageTooLarge
		}
		signatures[n] = ed25519.Sign(key, message)
	}
	return signatures, ""
}

func verify(in *protocol.Input) (protocol.Fields, everyhost.Code) {
	switch {
	case len(in.PublicKey) != ed25519.PublicKeySize:
		return nil, everyhost.PublicKeyLength
	case len(in.Message) > maxMessageLen:
		return nil, everyhost.MessageTooLarge
	}
	// A signature of another length than 64 bytes does not verify, here either.
	return protocol.Fields{"valid": ed25519.Verify(ed25519.PublicKey(in.PublicKey), in.Message, in.Signature)}, ""
}
