package everyhost

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
)

// Lengths in bytes, and the most messages that the module signs at once; SignMany splits what is more.
const (
	SeedLen       = 32
	PublicKeyLen  = 32
	KeypairLen    = 64
	SignatureLen  = 64
	MaxBatchCount = 4096
)

// What this wrapper calls of every signer. Those made for batches do not verify, and the small ones have no batches.
var signerExports = map[string]string{
	"abi_version":         "()->(i32)",
	"max_message_len":     "()->(i32)",
	"get_signing_key_ptr": "()->(i32)",
	"get_signature_ptr":   "()->(i32)",
	"get_public_key_ptr":  "()->(i32)",
	"allocate_message":    "(i32)->(i32)",
	"sign":                "()->()",
	"derive_public_key":   "()->(i32)",
	"load_key":            "()->(i32)",
	"sign_loaded":         "()->(i32)",
	"wipe":                "()->()",
}

// What a batch module is called for, beside what every signer has.
var batchExports = map[string]string{
	"allocate_batch":           "(i32 i32)->(i32)",
	"sign_batch":               "()->(i32)",
	"get_batch_signatures_ptr": "()->(i32)",
}

// A Signer holds one key inside an instance of its own and signs with it. Close it when it is not needed any more.
//
// Messages are bytes; a Go string of text is UTF-8 already, so []byte(text) is what to sign. What is refused is an *Error
// with a stable Code. After Trapped the signer can be used on: its instance was replaced, and the held key loaded again. If that
// was not possible, it is closed.
//
// While a call is in progress, any other, from whichever goroutine, is InUse and changes nothing: give each its own signer, and
// share the Module. Its calls take no context, because a signature takes microseconds. A Signer must not be copied.
//
// The key is in linear memory (expanded), and in this process once more, to be loaded again after a trap. Wipe and Close
// clear both, and so does the garbage collector, sooner or later, if you forget to; the keypair that you passed is yours to clear.
// The stack that wazero runs a module on is out of reach.
type Signer struct {
	owned
	maxMessageLen int
	// Allocated, so that it has one place: Go moves what is on a goroutine's stack, and leaves copies. Nil without a key.
	held  *[KeypairLen]byte
	batch preferred[*Signer]
}

// An Option changes how a signer is made.
type Option func(*Signer)

// WithBatchModules gives SignMany further modules for two messages or more, in order of preference, such as
// signer-lanes-relaxed and signer-lanes. One that fails its self-test on this host is passed over, and so is nil, which is
// what Compile gives where wazero cannot compile a module; where none is left, the main module signs.
//
//	relaxed, _ := everyhost.Compile(ctx, relaxedWasm)
//	lanes, _ := everyhost.Compile(ctx, lanesWasm)
//	signer, err := everyhost.NewSigner(module, keypair, everyhost.WithBatchModules(relaxed, lanes))
func WithBatchModules(modules ...*Module) Option {
	return func(s *Signer) { s.batch.modules, s.batch.make = modules, newBatchSigner }
}

func newBatchSigner(module *Module) (*Signer, error) {
	if err := module.require("a batch", batchExports); err != nil {
		return nil, err
	}
	return NewSignerWithoutKey(module)
}

// NewSigner makes a signer that holds keypair: the secret seed of 32 bytes, then its public key of 32.
//
// Errors: KeyLength, KeyPairMismatch, SelfTestFailed, Trapped; and one without a Code if the module is no signer.
func NewSigner(module *Module, keypair []byte, options ...Option) (*Signer, error) {
	s, err := NewSignerWithoutKey(module, options...)
	if err != nil {
		return nil, err
	}
	if err := s.LoadKey(keypair); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// NewSignerWithoutKey makes a signer that verifies, derives public keys, and takes a key later.
//
// Errors: Trapped; and one without a Code if the module is no signer.
func NewSignerWithoutKey(module *Module, options ...Option) (*Signer, error) {
	if err := module.require("a signer", signerExports); err != nil {
		return nil, err
	}
	if name := module.MemoryName(); name != "memory" {
		return nil, errors.New("not a signer module: it does not export memory")
	}
	s := &Signer{owned: owned{module: module}}
	for _, option := range options {
		option(s)
	}
	if err := s.revive(); err != nil {
		return nil, trapped(err)
	}
	// Nobody calls it any more then. Its memory is cleared from outside: the Module may be closed already.
	runtime.SetFinalizer(s, (*Signer).discard)
	return s, nil
}

// PublicKey is the public key of the held key. Errors: NoKey, Closed, InUse.
func (s *Signer) PublicKey() (publicKey []byte, err error) {
	err = s.run(func(*guest) error {
		if err := s.requireKey(); err != nil {
			return err
		}
		publicKey = append(publicKey, s.held[SeedLen:]...)
		return nil
	})
	return publicKey, err
}

// BatchModule is the place in the list of WithBatchModules of the module that SignMany uses. -1 where that is the main
// module, and before the first batch of two messages or more, for which the choice is made. It may be asked at any time.
func (s *Signer) BatchModule() int { return s.batch.index() }

// Sign signs a message with the held key: 64 bytes, the same for the same message every time.
//
// Errors: NoKey, MessageTooLarge, OutOfMemory, Trapped, Closed, InUse.
func (s *Signer) Sign(message []byte) (signature []byte, err error) {
	err = s.run(func(g *guest) error {
		if err := s.requireKey(); err != nil {
			return err
		}
		if _, err := s.putMessage(g, message); err != nil { // where there is no room, sign_loaded says so
			return err
		}
		if err := g.status("sign_loaded"); err != nil {
			return err
		}
		signature, err = g.readAt("get_signature_ptr", SignatureLen)
		return err
	})
	return signature, err
}

// SignMany signs any number of messages with the held key, faster than one by one; the signatures are the same. Two
// messages or more go to the first batch module that can be used here, if there is one.
//
// Errors: as Sign, and NoExport; then there is no signature at all, even if only one message was at fault.
func (s *Signer) SignMany(messages [][]byte) (signatures [][]byte, err error) {
	err = s.run(func(g *guest) error {
		if err := s.requireKey(); err != nil {
			return err
		}
		for _, message := range messages {
			if err := s.checkLen(message); err != nil {
				return err
			}
		}
		if len(messages) > 1 {
			ok, err := s.batch.use(func(b *Signer) (err error) {
				if b.held == nil {
					err = b.LoadKey(s.held[:])
				}
				if err == nil {
					signatures, err = b.SignMany(messages)
				}
				return err
			})
			if ok {
				return err
			}
		}
		signed := make([][]byte, 0, len(messages))
		for rest := messages; len(rest) > 0; {
			count := batchCount(rest, func(message []byte) int { return len(message) }, s.maxMessageLen)
			batch, err := s.signBatch(g, rest[:count])
			if err != nil {
				return err
			}
			signed = append(signed, batch...)
			rest = rest[count:]
		}
		signatures = signed
		return nil
	})
	return signatures, err
}

// SignWith signs once with a key that is passed for this call alone, through the module's four oldest exports. The held
// key stays as it is. A keypair whose halves do not belong together makes the module trap; LoadKey answers without a trap.
//
// Errors: KeyLength, MessageTooLarge, OutOfMemory, Trapped, Closed, InUse.
func (s *Signer) SignWith(keypair, message []byte) (signature []byte, err error) {
	err = s.run(func(g *guest) error {
		if len(keypair) != KeypairLen {
			return wrongLength(KeyLength, len(keypair))
		}
		if there, err := s.putMessage(g, message); err != nil {
			return err
		} else if !there {
			return refuse(OutOfMemory)
		}
		err := withKeyInBuffer(g, keypair, func() error {
			_, err := g.call("sign")
			return err
		})
		if err != nil {
			return s.cleansed(g, err)
		}
		signature, err = g.readAt("get_signature_ptr", SignatureLen)
		return err
	})
	return signature, err
}

// Verify says whether the signature is right, as most libraries see it. It needs no key. A signature that is not 64 bytes
// long is not right, nor is any by a public key of 32 bytes that is no point.
//
// Errors: PublicKeyLength, MessageTooLarge, OutOfMemory, Trapped, Closed, NoExport, InUse.
func (s *Signer) Verify(publicKey, message, signature []byte) (bool, error) {
	return s.verifyBy("verify", publicKey, message, signature)
}

// VerifyStrict is Verify, but refuses an R that is no point, and an R or a public key of small order.
func (s *Signer) VerifyStrict(publicKey, message, signature []byte) (bool, error) {
	return s.verifyBy("verify_strict", publicKey, message, signature)
}

// DerivePublicKey is the public key of a seed of 32 bytes. The held key is not concerned.
//
// Errors: KeyLength, SelfTestFailed, Trapped, Closed, InUse.
func (s *Signer) DerivePublicKey(seed []byte) (publicKey []byte, err error) {
	err = s.run(func(g *guest) error {
		if len(seed) != SeedLen {
			return wrongLength(KeyLength, len(seed))
		}
		err := withKeyInBuffer(g, seed, func() error { return g.status("derive_public_key") })
		if err != nil {
			return s.cleansed(g, err)
		}
		publicKey, err = g.readAt("get_public_key_ptr", PublicKeyLen)
		return err
	})
	return publicKey, err
}

// LoadKey replaces the held key. After any failure except InUse no key is held.
//
// Errors: KeyLength, KeyPairMismatch, SelfTestFailed, Trapped, Closed, InUse.
func (s *Signer) LoadKey(keypair []byte) error {
	return s.run(func(g *guest) error {
		s.forget()
		err := s.batch.useMade((*Signer).Wipe)
		if err == nil && len(keypair) != KeypairLen {
			err = wrongLength(KeyLength, len(keypair))
		}
		if err == nil {
			s.held = new([KeypairLen]byte)
			copy(s.held[:], keypair)
			if err = loadKey(g, s.held[:]); err != nil {
				s.forget()
			}
		}
		if err != nil {
			return s.cleansed(g, err)
		}
		return nil
	})
}

// Wipe clears every secret, in linear memory and in this process. No key is held afterwards. Errors: Trapped, Closed, InUse.
func (s *Signer) Wipe() error {
	return s.run(func(g *guest) error {
		s.forget()
		batchWiped := s.batch.useMade((*Signer).Wipe)
		if _, err := g.call("wipe"); err != nil {
			return err
		}
		return batchWiped
	})
}

// Close clears every secret and ends the signer. Every later call is Closed; closing again does nothing. Errors: InUse; the signer
// is as it was then.
func (s *Signer) Close() error { return s.close(s) }

// String shows no secret.
func (s *Signer) String() string {
	if s.enter() != nil {
		return "Signer(in use)"
	}
	defer s.leave()
	switch {
	case s.guest == nil:
		return "Signer(closed)"
	case s.held == nil:
		return "Signer(no key)"
	}
	return fmt.Sprintf("Signer(public key %x)", s.held[SeedLen:])
}

// Format is String, whatever the signer is printed with: a verb that is wrong for a struct would show what its pointers point to.
func (s *Signer) Format(to fmt.State, _ rune) { _, _ = fmt.Fprint(to, s.String()) }

func (s *Signer) verifyBy(export string, publicKey, message, signature []byte) (valid bool, err error) {
	err = s.run(func(g *guest) error {
		if !s.module.Has(map[string]string{export: "()->(i32)"}) {
			return refuse(NoExport)
		}
		if len(publicKey) != PublicKeyLen {
			return wrongLength(PublicKeyLength, len(publicKey))
		}
		if err := s.checkLen(message); err != nil {
			return err
		}
		if len(signature) != SignatureLen {
			return nil
		}
		if _, err := s.putMessage(g, message); err != nil {
			return err
		}
		if err := g.writeAt("get_public_key_ptr", publicKey); err != nil {
			return err
		}
		if err := g.writeAt("get_signature_ptr", signature); err != nil {
			return err
		}
		err := g.status(export)
		valid = err == nil
		if errors.Is(err, SignatureInvalid) {
			return nil
		}
		return err
	})
	return valid, err
}

func (s *Signer) run(work func(*guest) error) error { return s.owned.run(s, work) }

func (s *Signer) discard() {
	s.owned.discard()
	s.forget()
	s.batch.discard()
}

// revive makes an instance, asks it for its limits, and loads the key if there is one.
func (s *Signer) revive() (err error) {
	s.guest, err = s.module.start("abi_version", func(g *guest) error {
		maxLen, err := g.call("max_message_len")
		s.maxMessageLen = int(maxLen)
		return err
	})
	if err == nil && s.held != nil {
		err = loadKey(s.guest, s.held[:])
	}
	return err
}

func (s *Signer) requireKey() error {
	if s.guest == nil {
		return refuse(Closed)
	}
	if s.held == nil {
		return refuse(NoKey)
	}
	return nil
}

func (s *Signer) checkLen(message []byte) error {
	if len(message) > s.maxMessageLen {
		return wrongLength(MessageTooLarge, len(message))
	}
	return nil
}

// putMessage copies a message to linear memory; false where there is no room for it.
func (s *Signer) putMessage(g *guest, message []byte) (bool, error) {
	if err := s.checkLen(message); err != nil {
		return false, err
	}
	ptr, err := g.call("allocate_message", uint64(len(message)))
	if err != nil || ptr == 0 {
		return false, err
	}
	return true, g.write(ptr, message)
}

// batchCount is how many of the first items one batch takes: so many of them, and so many bytes of messages together. It is at
// least one, because no message is too long by itself.
func batchCount[T any](items []T, length func(T) int, maxLen int) int {
	total := 0
	for n, item := range items {
		total += length(item)
		if n == MaxBatchCount || total > maxLen {
			return n
		}
	}
	return len(items)
}

// forget clears this process's copy of the key, in place.
func (s *Signer) forget() {
	if s.held != nil {
		clear(s.held[:])
		s.held = nil
	}
}

func loadKey(g *guest, keypair []byte) error {
	return withKeyInBuffer(g, keypair, func() error { return g.status("load_key") })
}

// withKeyInBuffer lends a key to exports that take it from the key buffer, and clears the buffer after them. If they trap, the whole
// memory will be cleared.
func withKeyInBuffer(g *guest, key []byte, work func() error) error {
	ptr, err := g.call("get_signing_key_ptr")
	if err != nil {
		return err
	}
	if err := g.write(ptr, key); err != nil {
		return err
	}
	err = work()
	if isTrap(err) {
		return err
	}
	if cleared := g.write(ptr, make([]byte, len(key))); err == nil {
		err = cleared
	}
	return err
}

// cleansed wipes what a call that failed may have left of its key, on the module's stack too. The wipe takes the held key as well, so
// that is loaded again. It gives the call's error, unless the signer had to be closed.
func (s *Signer) cleansed(g *guest, err error) error {
	if isTrap(err) { // the whole memory will be cleared
		return err
	}
	_, wiped := g.call("wipe")
	if wiped == nil && s.held != nil {
		wiped = loadKey(g, s.held[:])
	}
	if wiped != nil {
		if trap := s.replace(s, wiped); s.guest == nil {
			return trap
		}
	}
	return err
}

func (s *Signer) signBatch(g *guest, messages [][]byte) ([][]byte, error) {
	if !s.module.Has(batchExports) {
		return nil, refuse(NoExport)
	}
	lengths := make([]byte, 0, 4*len(messages))
	total := 0
	for _, message := range messages {
		lengths = binary.LittleEndian.AppendUint32(lengths, uint32(len(message)))
		total += len(message)
	}
	ptr, err := g.call("allocate_batch", uint64(len(messages)), uint64(total))
	if err != nil {
		return nil, err
	}
	if ptr != 0 { // otherwise sign_batch says why
		for _, data := range append([][]byte{lengths}, messages...) {
			if err := g.write(ptr, data); err != nil {
				return nil, err
			}
			ptr += uint32(len(data))
		}
	}
	if err := g.status("sign_batch"); err != nil {
		return nil, err
	}
	joined, err := g.readAt("get_batch_signatures_ptr", uint32(SignatureLen*len(messages)))
	if err != nil {
		return nil, err
	}
	signatures := make([][]byte, len(messages))
	for n := range signatures {
		signatures[n] = joined[n*SignatureLen:][:SignatureLen:SignatureLen]
	}
	return signatures, nil
}
