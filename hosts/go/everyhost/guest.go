package everyhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// A guest is one instance, with checked access to its linear memory. It belongs to one goroutine at a time.
type guest struct {
	instance  api.Module
	memory    api.Memory
	functions map[string]api.Function
}

// A trapError is what the runtime said of a trap. The instance is finished: discard it, and call nothing else.
type trapError struct{ err error }

func (t *trapError) Error() string { return t.err.Error() }
func (t *trapError) Unwrap() error { return t.err }

func isTrap(err error) bool {
	var trap *trapError
	return errors.As(err, &trap)
}

// instantiate makes a guest whose memory leaves no copy of itself behind when it grows.
func (m *Module) instantiate() (*guest, error) {
	if err := m.CheckImports(); err != nil {
		return nil, err
	}
	instance, err := m.Instantiate(WithClearedMemory(context.Background()))
	if err != nil {
		return nil, &trapError{err}
	}
	g := &guest{instance: instance, functions: make(map[string]api.Function)}
	if name := m.MemoryName(); name != "" {
		g.memory = instance.ExportedMemory(name)
	}
	return g, nil
}

// call calls an export, which require has seen, and gives its first result (0 where it has none), unsigned.
func (g *guest) call(export string, arguments ...uint64) (uint32, error) {
	function := g.functions[export]
	if function == nil { // made once: each has a stack of its own, of 10 KiB and more
		function = g.instance.ExportedFunction(export)
		g.functions[export] = function
	}
	results, err := function.Call(context.Background(), arguments...)
	if err != nil {
		return 0, &trapError{fmt.Errorf("%s: %w", export, err)}
	}
	if len(results) == 0 {
		return 0, nil
	}
	return uint32(results[0]), nil
}

// status calls an export that returns a status.
func (g *guest) status(export string, arguments ...uint64) error {
	status, err := g.call(export, arguments...)
	if err != nil {
		return err
	}
	return checkStatus(export, status)
}

// ANCHOR: read

// read copies length bytes at ptr. (What wazero gives is a window: writing to it writes to linear memory, and after that
// has grown it may show memory that is no longer used.)
func (g *guest) read(ptr, length uint32) ([]byte, error) {
	window, ok := g.memory.Read(ptr, length)
	if !ok {
		return nil, outOfBounds(ptr, int(length))
	}
	return bytes.Clone(window), nil
}

// ANCHOR_END: read

// readAt reads length bytes where an export says.
func (g *guest) readAt(export string, length uint32) ([]byte, error) {
	ptr, err := g.call(export)
	if err != nil {
		return nil, err
	}
	return g.read(ptr, length)
}

// write copies data to ptr, straight from where it is: no second copy of a secret is made.
func (g *guest) write(ptr uint32, data []byte) error {
	if !g.memory.Write(ptr, data) {
		return outOfBounds(ptr, len(data))
	}
	return nil
}

// writeAt writes data where an export says.
func (g *guest) writeAt(export string, data []byte) error {
	ptr, err := g.call(export)
	if err != nil {
		return err
	}
	return g.write(ptr, data)
}

// discard clears linear memory from outside and ends the instance: for one that trapped and must not run again.
func (g *guest) discard() {
	// By pages, because Size is 0 for a memory of 4 GiB.
	pages, _ := g.memory.Grow(0)
	for page := range pages {
		if window, ok := g.memory.Read(page*pageLen, pageLen); ok {
			clear(window)
		}
	}
	g.close()
}

// close ends the instance. Without it the runtime keeps the instance and its memory.
func (g *guest) close() {
	// There is nothing to fail: the instance has no files, and closing a closed one is no error.
	_ = g.instance.Close(context.Background())
}

func outOfBounds(ptr uint32, length int) error {
	return fmt.Errorf("the module breaks its contract: %d bytes at %d are not in its linear memory", length, ptr)
}

const pageLen = 65536

// WithClearedMemory is a context to Instantiate with, for an instance that leaves no copy of its memory behind when that
// grows. It also grows faster: wazero by itself writes zeros to all that is added, which for 2 GiB takes seconds.
func WithClearedMemory(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(newClearedMemory))
}

// A clearedMemory backs a linear memory. Where wazero by itself copies to a larger slice when memory grows, and leaves
// the old one with the key in it to the garbage collector, this one clears it.
type clearedMemory struct{ bytes []byte }

// newClearedMemory has some room to grow, because most instances do by a page or two, and copying a megabyte for that takes
// longer than all the rest of making a signer.
func newClearedMemory(capacity, maxLen uint64) experimental.LinearMemory {
	const room = 4 * pageLen
	return &clearedMemory{make([]byte, 0, min(capacity+room, maxLen))}
}

func (m *clearedMemory) Reallocate(size uint64) []byte {
	if size > uint64(cap(m.bytes)) {
		larger := make([]byte, size)
		copy(larger, m.bytes)
		clear(m.bytes)
		m.bytes = larger
	}
	m.bytes = m.bytes[:size]
	return m.bytes
}

// Free leaves what is there: close is called after the module's own wipe, or after discard.
func (m *clearedMemory) Free() { m.bytes = nil }
