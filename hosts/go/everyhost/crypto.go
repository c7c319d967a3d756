package everyhost

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"io"
)

// CryptoSigner is the signer as Go's standard library and most others take one: for tokens, certificates, TLS.
func (s *Signer) CryptoSigner() crypto.Signer { return cryptoSigner{s} }

type cryptoSigner struct{ signer *Signer }

// Public is an ed25519.PublicKey, or nil where no key is held.
func (c cryptoSigner) Public() crypto.PublicKey {
	key, err := c.signer.PublicKey()
	if err != nil {
		return nil
	}
	return ed25519.PublicKey(key)
}

// Sign signs a whole message: Ed25519 hashes by itself, and needs no randomness.
func (c cryptoSigner) Sign(_ io.Reader, message []byte, options crypto.SignerOpts) ([]byte, error) {
	if options != nil && options.HashFunc() != 0 {
		return nil, errors.New("only plain Ed25519 is signed here: pass the message itself, and crypto.Hash(0)")
	}
	if options, ok := options.(*ed25519.Options); ok && options.Context != "" {
		return nil, errors.New("only plain Ed25519 is signed here: a context is for Ed25519ctx")
	}
	return c.signer.Sign(message)
}
