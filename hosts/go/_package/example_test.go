package everyhost_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"example.org/everyhost"
	"example.org/everyhost/modules"
)

// A key that everyone knows: for examples only.
var keypair = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func Example() {
	signer := must(everyhost.NewSigner(must(modules.Signer()), keypair))
	defer signer.Close()
	message := []byte("hello")
	signature := must(signer.Sign(message))
	fmt.Println(ed25519.Verify(keypair.Public().(ed25519.PublicKey), message, signature))
	// Output: true
}

func ExampleNewSigner() {
	_, err := everyhost.NewSigner(must(modules.Signer()), make([]byte, everyhost.KeypairLen))
	fmt.Println(errors.Is(err, everyhost.KeyPairMismatch))
	// Output: true
}

func ExampleNewSignerFromPrivateKey() {
	key := everyhost.GeneratePrivateKey()
	defer key.Wipe()
	signer := must(everyhost.NewSignerFromPrivateKey(must(modules.Signer()), key))
	defer signer.Close()
	fmt.Println(key, len(must(signer.PublicKey())))
	// Output: PrivateKey 32
}

func ExampleKeys_ReadPrivateKey() {
	keys := must(everyhost.NewKeys(must(modules.Keys())))
	defer keys.Close()
	// As openssl genpkey -algorithm ed25519 writes it. This one is RFC 8410's.
	key := must(keys.ReadPrivateKey([]byte(`-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`)))
	defer key.Wipe()
	signer := must(everyhost.NewSignerFromPrivateKey(must(modules.Signer()), key))
	defer signer.Close()
	fmt.Printf("%s", must(keys.WritePublicKey(must(signer.PublicKey()), everyhost.PEM)))
	// Output:
	// -----BEGIN PUBLIC KEY-----
	// MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
	// -----END PUBLIC KEY-----
}

func ExampleSigner_SignMany() {
	signer := must(everyhost.NewSigner(must(modules.Signer()), keypair, everyhost.WithBatchModules(modules.SignerBatches()...)))
	defer signer.Close()
	signatures := must(signer.SignMany([][]byte{[]byte("one"), []byte("two")}))
	fmt.Println(len(signatures))
	// Output: 2
}

func ExampleSigner_SignToken() {
	signer := must(everyhost.NewSigner(must(modules.Signer()), keypair))
	defer signer.Close()
	token := must(signer.SignToken(map[string]any{"sub": "me"}, everyhost.WithKid("2026-11")))
	fmt.Println(token[:68])
	// Output: eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6IjIwMjYtMTEifQ.eyJzdWIiO
}

func ExampleVerifier_VerifyMany() {
	verifier := must(everyhost.NewVerifier(modules.Verifier()...))
	defer verifier.Close()
	publicKey, message := keypair.Public().(ed25519.PublicKey), []byte("hello")
	fmt.Println(must(verifier.VerifyMany([]everyhost.Signed{
		{PublicKey: publicKey, Message: message, Signature: ed25519.Sign(keypair, message)},
		{PublicKey: publicKey, Message: message, Signature: make([]byte, everyhost.SignatureLen)},
	})))
	// Output: [true false]
}

func ExampleVerifier_VerifyTokens() {
	signer := must(everyhost.NewSigner(must(modules.Signer()), keypair))
	defer signer.Close()
	token := must(signer.SignToken(map[string]any{"sub": "me"}))

	verifier := must(everyhost.NewVerifier(modules.Verifier()...))
	defer verifier.Close()
	keys := []byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"}]}`)
	for _, result := range must(verifier.VerifyTokens([]string{token, token + "A"}, keys)) {
		fmt.Println(result.Claims["sub"], result.Err)
	}
	// Output:
	// me <nil>
	// <nil> SIGNATURE_INVALID: the signature is not by the key that fits
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
