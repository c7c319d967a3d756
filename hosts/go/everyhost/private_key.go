package everyhost

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"runtime"
)

// A PrivateKey is a secret seed of 32 bytes and, if one stood beside it, its public key, which nobody has checked yet:
// NewSignerFromPrivateKey does. However it is printed, the seed is not shown. Wipe it when it is not needed any more; one that you
// forget is cleared by the garbage collector, sooner or later.
type PrivateKey struct {
	// Allocated, so that it has one place: Go moves what is on a goroutine's stack, and leaves copies. Nil once wiped.
	seed      *[SeedLen]byte
	publicKey []byte // nil without one
}

// NewPrivateKey makes a private key of copies of a seed of 32 bytes and its public key, nil if it is not known.
// Errors: KeyLength, PublicKeyLength.
func NewPrivateKey(seed, publicKey []byte) (*PrivateKey, error) {
	if len(seed) != SeedLen {
		return nil, wrongLength(KeyLength, len(seed))
	}
	if publicKey != nil && len(publicKey) != PublicKeyLen {
		return nil, wrongLength(PublicKeyLength, len(publicKey))
	}
	k := newPrivateKey()
	copy(k.seed[:], seed)
	k.publicKey = bytes.Clone(publicKey)
	return k, nil
}

// GeneratePrivateKey makes a new private key by crypto/rand.
func GeneratePrivateKey() *PrivateKey {
	k := newPrivateKey()
	_, _ = rand.Read(k.seed[:]) // it never fails: without randomness it ends the program
	return k
}

func newPrivateKey() *PrivateKey {
	k := &PrivateKey{seed: new([SeedLen]byte)}
	runtime.AddCleanup(k, func(seed *[SeedLen]byte) { clear(seed[:]) }, k.seed)
	return k
}

// Seed is a copy of the secret seed, for you to clear. Nil once the key is wiped.
func (k *PrivateKey) Seed() []byte {
	if k.isWiped() {
		return nil
	}
	return bytes.Clone(k.seed[:])
}

// PublicKey is the public key that stood beside the seed, or nil. Signer.PublicKey is the one that belongs to it.
func (k *PrivateKey) PublicKey() []byte { return bytes.Clone(k.publicKey) }

// Wipe clears the seed. Whatever takes the key from then on is NoKey.
func (k *PrivateKey) Wipe() {
	if !k.isWiped() {
		clear(k.seed[:])
		k.seed = nil
	}
}

func (k *PrivateKey) isWiped() bool { return k == nil || k.seed == nil }

// Format shows no secret, whatever the key is printed with.
func (k PrivateKey) Format(to fmt.State, _ rune) {
	text := "PrivateKey"
	if k.seed == nil {
		text = "PrivateKey(wiped)"
	} else if k.publicKey != nil {
		text = fmt.Sprintf("PrivateKey(public key %x)", k.publicKey)
	}
	_, _ = fmt.Fprint(to, text)
}

// NewSignerFromPrivateKey makes a signer that holds key, with the public key that belongs to it. The private key stays yours to wipe.
//
// Errors: KeyPairMismatch if the public key beside the seed is another's; NoKey if key is wiped; and as NewSigner.
func NewSignerFromPrivateKey(module *Module, key *PrivateKey, options ...Option) (*Signer, error) {
	if key.isWiped() {
		return nil, refuse(NoKey)
	}
	s, err := NewSignerWithoutKey(module, options...)
	if err != nil {
		return nil, err
	}
	publicKey := key.publicKey
	if publicKey == nil {
		publicKey, err = s.DerivePublicKey(key.seed[:])
	}
	if err == nil {
		keypair := append(append(make([]byte, 0, KeypairLen), key.seed[:]...), publicKey...)
		err = s.LoadKey(keypair)
		clear(keypair)
	}
	runtime.KeepAlive(key) // it is not cleared by the garbage collector before
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}
