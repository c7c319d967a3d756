package main

import (
	"context"
	"errors"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

// What kept_view calls.
var viewExports = map[string]string{"grow": "(i32)->(i32)", "store": "(i32 i32)->()"}

func hasViewExports(module *everyhost.Module) bool {
	return module.Has(viewExports) && module.MemoryName() != ""
}

// keptView reads through a view that was made before memory grew. wazero's view is a Go slice: it stays what it was, of
// memory that the module may have left.
func keptView(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	// With the memory that wazero has by itself: the question is what its users see.
	run := newRun(0)
	defer run.close()
	if err := run.instantiate(context.Background(), module.module, unnamed); err != nil {
		return nil, err
	}
	view, ok := run.instance.ExportedMemory(module.module.MemoryName()).Read(*in.Ptr, 4)
	if !ok {
		return nil, errors.New("the view is not in linear memory")
	}
	for _, step := range []*rawStep{
		{Do: "call", Export: "grow", Args: []value{{I32: new(int32(1))}}},
		{Do: "call", Export: "store", Args: []value{{I32: new(int32(*in.Ptr))}, {I32: in.Value}}},
	} {
		if _, err := run.step(step); err != nil {
			return nil, err
		}
	}
	return protocol.Fields{"bytes": protocol.Hex(view)}, nil
}
