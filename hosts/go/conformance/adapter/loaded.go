package main

import (
	"context"
	"math"

	"github.com/tetratelabs/wazero"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

// The key of loaded.limited that is no number of pages: there are at most 65536.
const interruptible = math.MaxUint32

// A loaded module is compiled once for everything that asks for no limit. wazero's limits are properties of a runtime, so
// those are compiled on demand, and kept: there are few.
type loaded struct {
	wasm   []byte
	config wazero.RuntimeConfig
	module *everyhost.Module
	ops    []string

	signer   *everyhost.Signer // without a key
	verifier *everyhost.Verifier
	limited  map[uint32]*everyhost.Module // by pages; interruptible has the one that can cut calls off
}

// withDeadlines is the module on a runtime that can cut calls off. Its code looks at every turn of a loop whether it
// should go on, which costs time: so nothing else runs on it.
func (l *loaded) withDeadlines() (*everyhost.Module, error) {
	return l.with(interruptible, l.config.WithCloseOnContextDone(true))
}

// withMemoryLimit is the module on a runtime where no linear memory has more pages.
func (l *loaded) withMemoryLimit(pages uint32) (*everyhost.Module, error) {
	return l.with(pages, l.config.WithMemoryLimitPages(pages))
}

func (l *loaded) with(pages uint32, config wazero.RuntimeConfig) (*everyhost.Module, error) {
	if module := l.limited[pages]; module != nil {
		return module, nil
	}
	module, err := everyhost.CompileWithConfig(context.Background(), l.wasm, config)
	if err != nil {
		return nil, err
	}
	if l.limited == nil {
		l.limited = make(map[uint32]*everyhost.Module)
	}
	l.limited[pages] = module
	return module, nil
}

// given is the module whose bytes come with the request, which is gone when it is closed, or the named one.
func (l *loaded) given(in *protocol.Input) (module *everyhost.Module, closeIt func(), err error) {
	if in.Wasm == nil {
		return l.module, func() {}, nil
	}
	module, err = everyhost.CompileWithConfig(context.Background(), in.Wasm, l.config)
	if err != nil {
		return nil, nil, refused("MODULE_REFUSED", "%w", err)
	}
	return module, func() { _ = module.Close(context.Background()) }, nil
}

func (l *loaded) close() {
	_ = l.module.Close(context.Background()) // nothing runs: the operations have all been answered
	for _, module := range l.limited {
		_ = module.Close(context.Background())
	}
}
