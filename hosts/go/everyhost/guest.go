package everyhost

import (
	"bytes"
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// A guest is one instance, with checked access to its linear memory. It belongs to one goroutine at a time.
type guest struct {
	instance  api.Module
	memory    *Memory
	functions map[string]api.Function
}

// A trapError is what the runtime said of a trap. The instance is finished: discard it, and call nothing else.
type trapError struct{ err error }

func (t *trapError) Error() string { return t.err.Error() }
func (t *trapError) Unwrap() error { return t.err }

// isTrap says whether err is a trap that nothing has been done about yet.
func isTrap(err error) bool {
	_, ok := err.(*trapError)
	return ok
}

// trapped is how a trap is reported where there was no instance to replace.
func trapped(err error) error {
	if isTrap(err) {
		return &Error{Code: Trapped, Err: err}
	}
	return err
}

// instantiate makes a guest whose memory leaves no copy of itself behind when it grows.
func (m *Module) instantiate() (*guest, error) {
	if err := m.CheckImports(); err != nil {
		return nil, err
	}
	ctx, memory := WithClearedMemory(context.Background())
	instance, err := m.Instantiate(ctx)
	if err != nil {
		return nil, &trapError{err}
	}
	return &guest{instance, memory, make(map[string]api.Function)}, nil
}

const abiVersion = 1

// start makes a guest of the ABI's right version, which has answered.
func (m *Module) start(versionExport string, ask func(*guest) error) (*guest, error) {
	g, err := m.instantiate()
	if err != nil {
		return nil, err
	}
	version, err := g.call(versionExport)
	if err == nil && version != abiVersion {
		err = fmt.Errorf("the module's ABI has version %d, this wrapper is for version %d", version, abiVersion)
	}
	if err == nil {
		err = ask(g)
	}
	if err != nil {
		g.close()
		return nil, err
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

// read copies length bytes at ptr. A window is not enough: after linear memory has grown, it may show memory that is
// no longer used.
func (g *guest) read(ptr, length uint32) ([]byte, error) {
	window, ok := g.memory.Window(ptr, length)
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
	window, ok := g.memory.Window(ptr, uint32(len(data)))
	if !ok {
		return outOfBounds(ptr, len(data))
	}
	copy(window, data)
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
	clear(g.memory.bytes)
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

// WithClearedMemory is a context to Instantiate one instance with, and the linear memory that this instance gets. It leaves no copy
// of itself behind when it grows. It also grows faster: wazero by itself writes zeros to all that is added, which for 2 GiB
// takes seconds.
func WithClearedMemory(ctx context.Context) (context.Context, *Memory) {
	memory := new(Memory)
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(memory.allocate)), memory
}

// A Memory is a linear memory, which may be full: wazero's own says that one of 4 GiB has 0 bytes, and panics at the last of them.
//
// Where wazero by itself copies to a larger slice when memory grows, and leaves the old one with the key in it to the garbage
// collector, this one clears it.
type Memory struct{ bytes []byte }

// Len is how many bytes there are now.
func (m *Memory) Len() uint64 { return uint64(len(m.bytes)) }

// Bytes are all that there are now, without a copy. When memory grows, they may be what is no longer used.
func (m *Memory) Bytes() []byte { return m.bytes }

// Window is length bytes at ptr, likewise, and false if they are not all in memory.
func (m *Memory) Window(ptr, length uint32) ([]byte, bool) {
	from, to := uint64(ptr), uint64(ptr)+uint64(length)
	if to > m.Len() {
		return nil, false
	}
	return m.bytes[from:to:to], true
}

// allocate has some room to grow, because most instances do by a page or two, and copying a megabyte for that takes longer than
// all the rest of making a signer.
func (m *Memory) allocate(capacity, maxLen uint64) experimental.LinearMemory {
	const room = 4 * pageLen
	m.bytes = make([]byte, 0, min(capacity+room, maxLen))
	return m
}

// Reallocate is what wazero calls when memory grows.
func (m *Memory) Reallocate(size uint64) []byte {
	if size > uint64(cap(m.bytes)) {
		larger := make([]byte, size)
		copy(larger, m.bytes)
		clear(m.bytes)
		m.bytes = larger
	}
	m.bytes = m.bytes[:size]
	return m.bytes
}

// Free is what wazero calls when the instance is closed. The bytes stay until the Memory is dropped, so that they can still be cleared.
func (m *Memory) Free() {}
