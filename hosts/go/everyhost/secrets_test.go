package everyhost

import (
	"bytes"
	"crypto/sha512"
	"math/big"
	"slices"
	"testing"
)

// A secret is found by this many bytes in a row.
const runLen = 8

var (
	secretMessages = [][]byte{[]byte("hello"), nil, bytes.Repeat([]byte("a"), 5000)}
	otherSeed      = bytes.Repeat([]byte{7, 1, 9, 2}, 8)
)

// secretsOf has the seed, and all that RFC 8032, section 5.1.6, makes of it that must stay secret.
func secretsOf(seed []byte) map[string][]byte {
	order, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	order.Add(order, new(big.Int).Lsh(big.NewInt(1), 252))
	reduced := func(littleEndian []byte) []byte {
		bigEndian := bytes.Clone(littleEndian)
		slices.Reverse(bigEndian)
		number := new(big.Int).SetBytes(bigEndian)
		bytes := number.Mod(number, order).FillBytes(make([]byte, 32))
		slices.Reverse(bytes)
		return bytes
	}
	digest := sha512.Sum512(seed)
	scalar := bytes.Clone(digest[:32])
	scalar[0] &= 0xf8
	scalar[31] = scalar[31]&0x7f | 0x40
	secrets := map[string][]byte{
		"seed": seed, "hashed seed": digest[:32], "scalar": scalar, "scalar mod L": reduced(scalar), "prefix": digest[32:],
	}
	for _, message := range secretMessages {
		nonce := sha512.Sum512(append(bytes.Clone(digest[32:]), message...))
		secrets["hashed nonce of "+string(message[:min(5, len(message))])] = nonce[:]
		secrets["nonce of "+string(message[:min(5, len(message))])] = reduced(nonce[:])
	}
	return secrets
}

func foundIn(memory []byte, seeds ...[]byte) []string {
	var found []string
	for _, seed := range seeds {
		for name, secret := range secretsOf(seed) {
			for at := 0; at+runLen <= len(secret); at++ {
				if bytes.Contains(memory, secret[at:at+runLen]) {
					found = append(found, name)
					break
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// everything is a window of all linear memory.
func (g *guest) everything() []byte { return g.memory.bytes }

func TestAWipeLeavesNoSecret(t *testing.T) {
	for path, use := range map[string]func(*Signer) error{
		"load_key": func(s *Signer) error { _, err := s.PublicKey(); return err },
		"sign": func(s *Signer) error {
			for _, message := range secretMessages {
				if _, err := s.Sign(message); err != nil {
					return err
				}
			}
			return nil
		},
		"sign_many": func(s *Signer) error { _, err := s.SignMany(secretMessages); return err },
		"sign_with": func(s *Signer) error {
			for _, message := range secretMessages {
				if _, err := s.SignWith(keypair, message); err != nil {
					return err
				}
			}
			return nil
		},
		"derive_public_key": func(s *Signer) error { _, err := s.DerivePublicKey(seed); return err },
		"replaced key":      func(s *Signer) error { return s.LoadKey(oracle(otherSeed)) },
		"growth":            func(s *Signer) error { _, err := s.Sign(make([]byte, 3*mib)); return err },
		"reload after a trap": func(s *Signer) error {
			wantCode(t, errOf(s.SignWith(mismatched, hello)), Trapped)
			return nil
		},
	} {
		s := testSigner(t)
		noError(t, use(s))
		if found := foundIn(s.guest.everything(), seed, otherSeed); !slices.Contains(found, "prefix") {
			t.Fatalf("%s: the scan does not find the held key before the wipe, but %q", path, found)
		}
		noError(t, s.Wipe())
		if found := foundIn(s.guest.everything(), seed, otherSeed); len(found) > 0 {
			t.Errorf("%s: after a wipe there is still: %q", path, found)
		}
	}
}

func TestARefusedKeyLeavesNoSecret(t *testing.T) {
	s := testSigner(t)
	wantCode(t, s.LoadKey(mismatched), KeyPairMismatch)
	if found := foundIn(s.guest.everything(), seed); len(found) > 0 {
		t.Errorf("there is still: %q", found)
	}
}

func TestTheKeyBufferIsEmptyAfterEveryCall(t *testing.T) {
	s := testSigner(t)
	for name, call := range map[string]func() error{
		"SignWith":        func() error { _, err := s.SignWith(keypair, hello); return err },
		"DerivePublicKey": func() error { _, err := s.DerivePublicKey(seed); return err },
		"LoadKey":         func() error { return s.LoadKey(keypair) },
		"a refused LoadKey": func() error {
			wantCode(t, s.LoadKey(mismatched), KeyPairMismatch)
			return nil
		},
	} {
		noError(t, call())
		if buffer := must[[]byte](t)(s.guest.readAt("get_signing_key_ptr", KeypairLen)); !bytes.Equal(buffer, make([]byte, KeypairLen)) {
			t.Errorf("after %s it has %x", name, buffer)
		}
	}
}

func TestTheScanFindsEveryKindOfSecret(t *testing.T) {
	for name, secret := range secretsOf(seed) {
		g := must[*guest](t)(builtModule(t, "signer-raw").instantiate())
		if found := foundIn(g.everything(), seed); len(found) > 0 {
			t.Fatalf("a fresh instance has %q", found)
		}
		ptr := must[uint32](t)(g.call("allocate_message", 24))
		noError(t, g.write(ptr+3, secret[len(secret)-runLen:]))
		expect(t, slices.Contains(foundIn(g.everything(), seed), name), "it does not find the %s", name)
		g.close()
	}
}

func TestClosingWipesBeforeMemoryIsGivenBack(t *testing.T) {
	s := testSigner(t)
	_ = must[[][]byte](t)(s.SignMany(secretMessages))
	memory := s.guest.everything()
	if len(foundIn(memory, seed)) == 0 {
		t.Fatal("the scan does not find the held key")
	}
	_ = s.Close()
	if found := foundIn(memory, seed); len(found) > 0 {
		t.Errorf("there is still: %q", found)
	}
}

func TestTheProcesssOwnCopyOfTheKeyIsClearedInPlace(t *testing.T) {
	for name, call := range map[string]func(*Signer) error{
		"Wipe":           (*Signer).Wipe,
		"Close":          (*Signer).Close,
		"LoadKey":        func(s *Signer) error { return s.LoadKey(otherKeypair()) },
		"a wrong length": func(s *Signer) error { wantCode(t, s.LoadKey(nil), KeyLength); return nil },
		"a mismatch":     func(s *Signer) error { wantCode(t, s.LoadKey(mismatched), KeyPairMismatch); return nil },
	} {
		s := testSigner(t)
		held := s.held
		if !bytes.Equal(held[:], keypair) {
			t.Fatal("it holds another key")
		}
		noError(t, call(s))
		expect(t, bytes.Equal(held[:], make([]byte, KeypairLen)), "%s leaves it", name)
	}
}
