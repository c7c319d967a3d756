package everyhost

import "errors"

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
}

// index is the place in the list of the module that is used; -1 while there is none.
func (b *batch) index() int {
	if b.signer == nil {
		return -1
	}
	return b.at
}

// signerOf is a signer that holds the key, or nil where no module of the list can be used.
func (b *batch) signerOf(keypair []byte) (*Signer, error) {
	for ; b.at < len(b.modules); b.at++ {
		if module := b.modules[b.at]; module != nil {
			err := b.ready(module, keypair)
			if err == nil {
				return b.signer, nil
			}
			if !errors.Is(err, SelfTestFailed) {
				return nil, err
			}
		}
		b.close()
	}
	return nil, nil
}

// ready makes the signer, if there is none yet, and gives it the key, if it has none.
func (b *batch) ready(module *Module, keypair []byte) error {
	if b.signer == nil || b.signer.guest == nil { // the latter where no new instance came up after a trap
		if err := module.require("a batch", batchExports); err != nil {
			return err
		}
		signer, err := NewSignerWithoutKey(module)
		if err != nil {
			return err
		}
		b.signer = signer
	}
	if b.signer.held != nil {
		return nil
	}
	return b.signer.LoadKey(keypair)
}

// wipe clears every secret.
func (b *batch) wipe() error {
	if b.signer == nil || b.signer.guest == nil {
		return nil
	}
	return b.signer.Wipe()
}

// close clears every secret and drops the instance.
func (b *batch) close() {
	if b.signer != nil {
		_ = b.signer.Close()
		b.signer = nil
	}
}
