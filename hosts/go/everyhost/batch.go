package everyhost

import (
	"errors"
	"sync/atomic"
)

// What a batch module is called for, beside what every signer has.
var batchExports = map[string]string{
	"allocate_batch":           "(i32 i32)->(i32)",
	"sign_batch":               "()->(i32)",
	"get_batch_signatures_ptr": "()->(i32)",
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
	return func(s *Signer) { s.batch.modules = modules }
}

// A batch finds, in a list in order of preference, the first module that signs rightly here, and holds a signer of it.
// Nothing is made before a key is first asked for: the table of such a module takes some milliseconds and 250 KB.
type batch struct {
	modules []*Module
	at      int // the place in the list of the module that is used, or tried next
	signer  *Signer
	used    atomic.Int64 // the place of the module that is used, plus 1
}

// index is the place in the list of the module that is used; -1 while there is none. It may be asked at any time.
func (b *batch) index() int { return int(b.used.Load()) - 1 }

// signMany signs with the first module of the list that can be used; ok is false if none can.
func (b *batch) signMany(keypair []byte, messages [][]byte) (signatures [][]byte, ok bool, err error) {
	for b.at < len(b.modules) {
		err := b.ready(keypair)
		if err == nil {
			signatures, err = b.signer.SignMany(messages)
			b.dropClosed()
			return signatures, true, err
		}
		if !errors.Is(err, SelfTestFailed) {
			b.dropClosed()
			return nil, true, err
		}
		b.passOver()
	}
	return nil, false, nil
}

// ready makes the signer, if there is none yet, and gives it the key, if it has none.
func (b *batch) ready(keypair []byte) error {
	if b.signer == nil {
		module := b.modules[b.at]
		if module == nil { // wazero could not compile it
			return SelfTestFailed
		}
		if err := module.require("a batch", batchExports); err != nil {
			return err
		}
		signer, err := NewSignerWithoutKey(module)
		if err != nil {
			if errors.Is(err, Trapped) {
				b.passOver()
			}
			return err
		}
		b.signer = signer
		b.used.Store(int64(b.at) + 1)
	}
	if b.signer.held != nil {
		return nil
	}
	return b.signer.LoadKey(keypair)
}

// wipe clears every secret.
func (b *batch) wipe() error {
	if b.signer == nil {
		return nil
	}
	err := b.signer.Wipe()
	b.dropClosed()
	return err
}

// dropClosed passes over a module whose signer could not be restored after a trap.
func (b *batch) dropClosed() {
	if b.signer != nil && b.signer.guest == nil {
		b.passOver()
	}
}

func (b *batch) passOver() {
	b.discard()
	b.at++
}

// discard clears every secret and drops the instance.
func (b *batch) discard() {
	if b.signer != nil {
		b.signer.discard()
		b.signer = nil
		b.used.Store(0)
	}
}
