package main

import (
	"context"

	"github.com/tetratelabs/wazero"

	"everyhost/hosts/go/everyhost"
)

// A loaded module is compiled once for everything that asks for no limit. wazero's limits are properties of a runtime, so
// those are compiled when they are asked for, and kept: there are few.
type loaded struct {
	wasm   []byte
	config wazero.RuntimeConfig
	module *everyhost.Module
	ops    []string

	verifier      *everyhost.Signer
	interruptible *everyhost.Module
	limited       map[uint32]*everyhost.Module // by pages
}

// withDeadlines is the module on a runtime that can cut calls off. Its code looks at every turn of a loop whether it
// should go on, which costs time: so nothing else runs on it.
func (l *loaded) withDeadlines() (*everyhost.Module, error) {
	if l.interruptible != nil {
		return l.interruptible, nil
	}
	module, err := everyhost.CompileWithConfig(context.Background(), l.wasm, l.config.WithCloseOnContextDone(true))
	if err != nil {
		return nil, err
	}
	l.interruptible = module
	return module, nil
}

// withMemoryLimit is the module on a runtime where no linear memory has more pages.
func (l *loaded) withMemoryLimit(pages uint32) (*everyhost.Module, error) {
	if module := l.limited[pages]; module != nil {
		return module, nil
	}
	module, err := everyhost.CompileWithConfig(context.Background(), l.wasm, l.config.WithMemoryLimitPages(pages))
	if err != nil {
		return nil, err
	}
	if l.limited == nil {
		l.limited = make(map[uint32]*everyhost.Module)
	}
	l.limited[pages] = module
	return module, nil
}

func (l *loaded) close() {
	all := []*everyhost.Module{l.module, l.interruptible}
	for _, module := range l.limited {
		all = append(all, module)
	}
	for _, module := range all {
		if module != nil {
			_ = module.Close(context.Background()) // nothing runs: the operations have all been answered
		}
	}
}
