package everyhost

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"testing"
	"time"
)

func TestTheStandardLibrarySignsACertificateWithIt(t *testing.T) {
	key := testSigner(t).CryptoSigner()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "everyhost"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Unix(1<<32, 0),
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	certificate := must[*x509.Certificate](t)(x509.ParseCertificate(der))
	noError(t, certificate.CheckSignature(x509.PureEd25519, certificate.RawTBSCertificate, certificate.Signature))
	expect(t, bytes.Equal(certificate.PublicKey.(ed25519.PublicKey), publicKey), "it is for another key")
}

func TestOnlyPlainEd25519IsSignedForTheStandardLibrary(t *testing.T) {
	s := testSigner(t)
	key := s.CryptoSigner()
	for _, options := range []crypto.SignerOpts{nil, crypto.Hash(0), &ed25519.Options{}} {
		wantBytes(t, must[[]byte](t)(key.Sign(nil, hello, options)), helloSignature, fmt.Sprint(options))
	}
	for _, options := range []crypto.SignerOpts{crypto.SHA512, crypto.SHA256, &ed25519.Options{Hash: crypto.SHA512}, &ed25519.Options{Context: "x"}} {
		expect(t, errOf(key.Sign(nil, make([]byte, 64), options)) != nil, "%v is taken", options)
	}
	_ = s.Wipe()
	expect(t, key.Public() == nil, "it has a public key after a wipe")
	wantCode(t, errOf(key.Sign(nil, hello, crypto.Hash(0))), NoKey)
}
