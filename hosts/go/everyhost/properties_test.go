package everyhost

import (
	"bytes"
	"crypto/ed25519"
	"sync"
	"testing"
	"testing/quick"
)

// Random keys and messages against Go's own Ed25519, which has nothing in common with the module.

type randomSeed [SeedLen]byte

var examples = &quick.Config{MaxCount: 100}

func forAll(t *testing.T, property any) {
	t.Helper()
	noError(t, quick.Check(property, examples))
}

func TestSignaturesAreTheOracles(t *testing.T) {
	forAll(t, func(random randomSeed, message []byte) bool {
		key := ed25519.NewKeyFromSeed(random[:])
		want := ed25519.Sign(key, message)
		s := newSigner(t, builtModule(t, "signer-raw"), key)
		defer func() { _ = s.Close() }()
		return bytes.Equal(must[[]byte](t)(s.DerivePublicKey(random[:])), key[SeedLen:]) &&
			bytes.Equal(must[[]byte](t)(s.Sign(message)), want) &&
			bytes.Equal(must[[]byte](t)(s.SignWith(key, message)), want) &&
			must[bool](t)(s.Verify(key[SeedLen:], message, want)) &&
			must[bool](t)(s.VerifyStrict(key[SeedLen:], message, want))
	})
}

func TestBatchesAreTheOracles(t *testing.T) {
	forAll(t, func(random randomSeed, messages [][]byte) bool {
		key := ed25519.NewKeyFromSeed(random[:])
		s := newSigner(t, builtModule(t, "signer-raw-simd"), key)
		defer func() { _ = s.Close() }()
		checkMany(t, s, key, messages)
		return true
	})
}

func TestAFlippedBitIsNoticed(t *testing.T) {
	s := testSigner(t)
	forAll(t, func(random randomSeed, message []byte, bit uint16) bool {
		key := ed25519.NewKeyFromSeed(random[:])
		signature := ed25519.Sign(key, message)
		flip(signature, bit)
		return !must[bool](t)(s.Verify(key[SeedLen:], message, signature)) &&
			!must[bool](t)(s.VerifyStrict(key[SeedLen:], message, signature))
	})
	forAll(t, func(random randomSeed, message []byte, bit uint16) bool {
		key := ed25519.NewKeyFromSeed(random[:])
		signature := ed25519.Sign(key, append(message, 0))
		message = append(message, 0)
		flip(message, bit)
		return !must[bool](t)(s.Verify(key[SeedLen:], message, signature))
	})
	forAll(t, func(random randomSeed, bit uint16) bool {
		key := ed25519.NewKeyFromSeed(random[:])
		flip(key[SeedLen:], bit)
		wantCode(t, errOf(NewSigner(s.module, key)), KeyPairMismatch)
		return true
	})
}

func TestRandomSignaturesAreJudgedAsByTheOracle(t *testing.T) {
	s := testSigner(t)
	forAll(t, func(key randomSeed, message []byte, signature [SignatureLen]byte) bool {
		return must[bool](t)(s.Verify(key[:], message, signature[:])) == ed25519.Verify(key[:], message, signature[:])
	})
}

func TestSignersInSeveralGoroutinesShareAModule(t *testing.T) {
	module := builtModule(t, "signer-raw")
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(worker)}, SeedLen))
			for n := range 20 {
				s, err := NewSigner(module, key)
				if err != nil {
					t.Error(err)
					return
				}
				signature, err := s.Sign([]byte{byte(n)})
				expect(t, err == nil && bytes.Equal(signature, ed25519.Sign(key, []byte{byte(n)})), "worker %d: %x, %v", worker, signature, err)
				_ = s.Close()
			}
		})
	}
	group.Wait()
}

func flip(data []byte, bit uint16) {
	at := int(bit) % (8 * len(data))
	data[at/8] ^= 1 << (at % 8)
}
