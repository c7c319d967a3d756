package everyhost

import (
	"errors"
	"runtime"
)

var keysExports = map[string]string{
	"keys_abi_version":   "()->(i32)",
	"max_file_len":       "()->(i32)",
	"get_file_ptr":       "()->(i32)",
	"file_len":           "()->(i32)",
	"get_seed_ptr":       "()->(i32)",
	"get_public_key_ptr": "()->(i32)",
	"has_public_key":     "()->(i32)",
	"read_private_key":   "(i32)->(i32)",
	"read_public_key":    "(i32)->(i32)",
	"write_private_key":  "(i32 i32)->(i32)",
	"write_public_key":   "(i32)->(i32)",
	"wipe":               "()->()",
}

// A Form is how a key is written in a file.
type Form uint32

// The forms.
const (
	PEM Form = 1 + iota // PKCS#8 or SubjectPublicKeyInfo (RFC 8410) as text
	DER                 // the same as bytes
	JWK                 // a JSON Web Key (RFC 8037), as text
)

// Keys reads and writes files that hold a key, by the module keys. It computes nothing: whether a public key belongs to its seed is
// for NewSignerFromPrivateKey to say. After every call the module is wiped.
//
// Errors, goroutines and traps are as of a Signer. Keys must not be copied.
type Keys struct {
	owned
	maxFileLen int
}

// NewKeys makes one. Errors: Trapped; and one without a Code if the module is not keys.
func NewKeys(module *Module) (*Keys, error) {
	if err := module.require("a keys", keysExports); err != nil {
		return nil, err
	}
	k := &Keys{owned: owned{module: module}}
	if err := k.revive(); err != nil {
		return nil, trapped(err)
	}
	runtime.SetFinalizer(k, (*Keys).discard) // wazero would keep the instance
	return k, nil
}

// ReadPrivateKey reads PKCS#8 as PEM or DER, or a JWK: it sees which it is. The file is yours to clear.
//
// Errors: KeyFormat, KeyPem, KeyDer, KeyJwk, KeyAlgorithm, KeyEncrypted, KeyIsPublic, KeyTooLarge, KeyLength, PublicKeyLength; Trapped,
// Closed, InUse.
func (k *Keys) ReadPrivateKey(file []byte) (key *PrivateKey, err error) {
	err = k.use(func(g *guest) error {
		if err := k.read(g, "read_private_key", file); err != nil {
			return err
		}
		seed, err := g.readAt("get_seed_ptr", SeedLen)
		if err != nil {
			return err
		}
		defer clear(seed)
		hasPublicKey, err := g.call("has_public_key")
		if err != nil {
			return err
		}
		var publicKey []byte
		if hasPublicKey != 0 {
			if publicKey, err = g.readAt("get_public_key_ptr", PublicKeyLen); err != nil {
				return err
			}
		}
		key, err = NewPrivateKey(seed, publicKey)
		return err
	})
	if err != nil {
		key.Wipe()
		return nil, err
	}
	return key, nil
}

// ReadPublicKey reads the 32 bytes of a public key from SubjectPublicKeyInfo as PEM or DER, or from a JWK.
//
// Errors: as ReadPrivateKey, with KeyIsPrivate instead of KeyIsPublic: nobody should hand a private key on by mistake.
func (k *Keys) ReadPublicKey(file []byte) (publicKey []byte, err error) {
	err = k.use(func(g *guest) (err error) {
		if err = k.read(g, "read_public_key", file); err == nil {
			publicKey, err = g.readAt("get_public_key_ptr", PublicKeyLen)
		}
		return err
	})
	return publicKey, err
}

// WritePrivateKey writes a private key, and its public key if there is one; a JWK must have it. The file is yours to clear.
//
// Errors: KeyFormat of a form that there is not, KeyJwk, NoKey if key is wiped, Trapped, Closed, InUse.
func (k *Keys) WritePrivateKey(key *PrivateKey, form Form) (file []byte, err error) {
	err = k.use(func(g *guest) error {
		if key.isWiped() {
			return refuse(NoKey)
		}
		if form == JWK && key.publicKey == nil {
			return &Error{Code: KeyJwk, Err: errors.New("this private key has no public key beside it; Signer.PublicKey has one for NewPrivateKey")}
		}
		withPublicKey := uint64(0)
		if key.publicKey != nil {
			withPublicKey = 1
			if err := g.writeAt("get_public_key_ptr", key.publicKey); err != nil {
				return err
			}
		}
		if err := g.writeAt("get_seed_ptr", key.seed[:]); err != nil {
			return err
		}
		file, err = written(g, "write_private_key", uint64(form), withPublicKey)
		return err
	})
	runtime.KeepAlive(key) // it is not cleared by the garbage collector before
	if err != nil {
		clear(file)
		return nil, err
	}
	return file, nil
}

// WritePublicKey writes a public key of 32 bytes. Errors: KeyFormat, PublicKeyLength, Trapped, Closed, InUse.
func (k *Keys) WritePublicKey(publicKey []byte, form Form) (file []byte, err error) {
	err = k.use(func(g *guest) error {
		if len(publicKey) != PublicKeyLen {
			return wrongLength(PublicKeyLength, len(publicKey))
		}
		if err := g.writeAt("get_public_key_ptr", publicKey); err != nil {
			return err
		}
		file, err = written(g, "write_public_key", uint64(form))
		return err
	})
	return file, err
}

// Close ends it. Every later call is Closed; closing again does nothing. Errors: InUse.
func (k *Keys) Close() error { return k.close(k) }

// use lends the instance to one call at a time, and wipes it after each.
func (k *Keys) use(work func(*guest) error) error {
	return k.run(k, func(g *guest) error {
		err := work(g)
		if isTrap(err) { // the whole memory will be cleared
			return err
		}
		if _, wiped := g.call("wipe"); wiped != nil {
			return wiped
		}
		return err
	})
}

func (k *Keys) read(g *guest, export string, file []byte) error {
	if len(file) > k.maxFileLen {
		return wrongLength(KeyTooLarge, len(file))
	}
	if err := g.writeAt("get_file_ptr", file); err != nil {
		return err
	}
	return g.status(export, uint64(len(file)))
}

func written(g *guest, export string, arguments ...uint64) ([]byte, error) {
	if err := g.status(export, arguments...); err != nil {
		return nil, err
	}
	length, err := g.call("file_len")
	if err != nil {
		return nil, err
	}
	return g.readAt("get_file_ptr", length)
}

func (k *Keys) revive() (err error) {
	k.guest, err = k.module.start("keys_abi_version", func(g *guest) error {
		maxLen, err := g.call("max_file_len")
		k.maxFileLen = int(maxLen)
		return err
	})
	return err
}
