package everyhost

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
)

// The most bytes of a message, and of the messages of a batch together.
const maxMessageLen = 16 << 20

// What every module has that was made for verifying.
var verifierExports = map[string]string{
	"verifier_abi_version":  "()->(i32)",
	"get_public_key_ptr":    "()->(i32)",
	"hold_key":              "()->(i32)",
	"allocate_verify_batch": "(i32 i32)->(i32)",
	"verify_batch":          "()->(i32)",
	"verify_batch_strict":   "()->(i32)",
	"get_verdicts_ptr":      "()->(i32)",
}

// neverRight takes the place of a signature that is not 64 bytes long: no S is that large.
var neverRight = bytes.Repeat([]byte{0xff}, SignatureLen)

// Signed is a message and its signature, to be verified with a public key of 32 bytes.
type Signed struct{ PublicKey, Message, Signature []byte }

// A Verifier verifies many signatures at once, each by itself: its verdict is that of the single check. The module keeps a table for
// each of the keys that come often, so that their signatures take a fraction of the time.
//
// Errors, goroutines and traps are as of a Signer, but nothing here is secret. A Verifier must not be copied.
type Verifier struct {
	guard
	modules preferred[engine]
}

// NewVerifier makes a verifier of the first module that works here: in order of preference verifier-lanes-relaxed, verifier-lanes,
// and signer-raw, which verifies one by one. One that fails its self-test is passed over, and so is nil, which is what Compile gives
// where wazero cannot compile a module.
//
// Errors: NoExport of a module that does not verify. If no module can be used, the error of the last, such as SelfTestFailed or
// Trapped.
func NewVerifier(modules ...*Module) (*Verifier, error) {
	if len(modules) == 0 {
		return nil, errors.New("a verifier needs a module, such as verifier-lanes or signer-raw; none was given")
	}
	v := new(Verifier)
	v.modules.modules, v.modules.make = modules, newEngine
	if err := v.use(func(engine) error { return nil }); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(v, (*Verifier).discard) // wazero would keep the instance
	return v, nil
}

// ModuleIndex is the place in NewVerifier's list of the module that is used; -1 once the verifier is closed. It may be asked at any
// time.
func (v *Verifier) ModuleIndex() int { return v.modules.index() }

// VerifyMany says of each signature whether it is right, as most libraries see it. A signature that is not 64 bytes long is not
// right, nor is any by a public key of 32 bytes that is no point.
//
// Errors: PublicKeyLength and MessageTooLarge, of an item that they name, before anything is verified; OutOfMemory, Trapped, Closed,
// InUse.
func (v *Verifier) VerifyMany(items []Signed) ([]bool, error) {
	return v.verify(items, false)
}

// VerifyManyStrict is VerifyMany, but refuses an R that is no point, and an R or a public key of small order.
func (v *Verifier) VerifyManyStrict(items []Signed) ([]bool, error) {
	return v.verify(items, true)
}

// Hold builds a key's table now. There is never a need to: the keys that come often are held by themselves. It is false if the key
// is no point, or if the module holds no keys or has no memory for one more. Errors: PublicKeyLength, Trapped, Closed, InUse.
func (v *Verifier) Hold(publicKey []byte) (held bool, err error) {
	err = v.use(func(e engine) (err error) {
		if len(publicKey) != PublicKeyLen {
			return wrongLength(PublicKeyLength, len(publicKey))
		}
		held, err = e.hold(publicKey)
		return err
	})
	return held, err
}

// Close ends the verifier. Every later call is Closed; closing again does nothing. Errors: InUse; the verifier is as it was then.
func (v *Verifier) Close() error {
	return v.guard.run(v.discard, func() error {
		v.discard()
		return nil
	})
}

func (v *Verifier) verify(items []Signed, strict bool) (verdicts []bool, err error) {
	err = v.use(func(e engine) (err error) {
		for n, item := range items {
			if length := len(item.PublicKey); length != PublicKeyLen {
				return &Error{Code: PublicKeyLength, Err: fmt.Errorf("item %d has one of %d bytes", n, length)}
			}
			if length := len(item.Message); length > maxMessageLen {
				return &Error{Code: MessageTooLarge, Err: fmt.Errorf("item %d has one of %d bytes", n, length)}
			}
		}
		verdicts, err = e.verify(items, strict)
		return err
	})
	return verdicts, err
}

// use lends the engine to one call at a time.
func (v *Verifier) use(call func(engine) error) error {
	return v.guard.run(v.discard, func() error {
		ok, err := v.modules.use(call)
		if !ok {
			return v.modules.why
		}
		return err
	})
}

func (v *Verifier) discard() { v.modules.discard() }

// An engine is one module's way to verify.
type engine interface {
	verify(items []Signed, strict bool) ([]bool, error)
	hold(publicKey []byte) (bool, error)
	isClosed() bool
	discard()
}

func newEngine(module *Module) (engine, error) {
	exports := module.Exports()
	if exports["verify_batch"] != nil {
		return newByBatch(module)
	}
	if exports["verify"] == nil {
		return nil, refuse(NoExport)
	}
	s, err := NewSignerWithoutKey(module)
	return oneByOne{s}, err
}

// oneByOne verifies by a signer, which needs no key for it.
type oneByOne struct{ *Signer }

func (o oneByOne) verify(items []Signed, strict bool) ([]bool, error) {
	verify := o.Verify
	if strict {
		verify = o.VerifyStrict
	}
	verdicts := make([]bool, len(items))
	for n, item := range items {
		var err error
		if verdicts[n], err = verify(item.PublicKey, item.Message, item.Signature); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

func (oneByOne) hold([]byte) (bool, error) { return false, nil }

// byBatch verifies by an instance of a module made for it.
type byBatch struct{ owned }

func newByBatch(module *Module) (engine, error) {
	if err := module.require("a verifier", verifierExports); err != nil {
		return nil, err
	}
	b := &byBatch{owned{module: module}}
	if err := b.revive(); err != nil {
		return nil, trapped(err)
	}
	return b, nil
}

// revive makes an instance. The first batch, which is empty, is when the module tests itself.
func (b *byBatch) revive() (err error) {
	b.guest, err = b.module.start("verifier_abi_version", func(g *guest) error {
		_, err := verifyBatch(g, "verify_batch", nil)
		return err
	})
	return err
}

func (b *byBatch) verify(items []Signed, strict bool) ([]bool, error) {
	export := "verify_batch"
	if strict {
		export = "verify_batch_strict"
	}
	verdicts := make([]bool, 0, len(items))
	for len(items) > 0 {
		count := batchCount(items, func(item Signed) int { return len(item.Message) }, maxMessageLen)
		batch, err := verifyBatch(b.guest, export, items[:count])
		if err != nil {
			return nil, b.restored(err)
		}
		verdicts = append(verdicts, batch...)
		items = items[count:]
	}
	return verdicts, nil
}

func (b *byBatch) hold(publicKey []byte) (bool, error) {
	err := b.guest.writeAt("get_public_key_ptr", publicKey)
	var number uint32
	if err == nil {
		number, err = b.guest.call("hold_key")
	}
	return number != 0, b.restored(err)
}

func (b *byBatch) restored(err error) error {
	if isTrap(err) {
		return b.replace(b, err)
	}
	return err
}

func verifyBatch(g *guest, export string, items []Signed) ([]bool, error) {
	var batch, messages []byte
	for _, item := range items {
		signature := item.Signature
		if len(signature) != SignatureLen {
			signature = neverRight
		}
		batch = append(append(batch, item.PublicKey...), signature...)
		batch = binary.LittleEndian.AppendUint32(batch, uint32(len(item.Message)))
		messages = append(messages, item.Message...)
	}
	ptr, err := g.call("allocate_verify_batch", uint64(len(items)), uint64(len(messages)))
	if err == nil && ptr != 0 { // otherwise the next call says why
		err = g.write(ptr, append(batch, messages...))
	}
	if err == nil {
		err = g.status(export)
	}
	if err != nil {
		return nil, err
	}
	if ptr, err = g.call("get_verdicts_ptr"); err != nil {
		return nil, err
	}
	if ptr == 0 {
		return nil, fmt.Errorf("the module breaks its contract: %s succeeded, and there are no verdicts", export)
	}
	bytes, err := g.read(ptr, uint32(len(items)))
	if err != nil {
		return nil, err
	}
	verdicts := make([]bool, len(bytes))
	for n, verdict := range bytes {
		verdicts[n] = verdict == 1
	}
	return verdicts, nil
}
