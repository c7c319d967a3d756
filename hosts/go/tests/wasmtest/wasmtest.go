// Package wasmtest writes little modules for the tests, so that they need no assembler.
package wasmtest

import "slices"

// Value types.
const (
	I32 = 0x7f
	F32 = 0x7d
)

// A Module is what to write.
type Module struct {
	// In pages; none if 0.
	MinPages uint32
	// By what name the memory is exported; "memory" unless given.
	MemoryName string
	// A function of this name, without parameters and results, is imported from the module env.
	Import string
	// A global i32 of this name is imported from the module env.
	ImportGlobal string
	Functions    []Function
}

// A Function is exported by its name. Its body is instructions, without the final end.
type Function struct {
	Name            string
	Params, Results []byte
	Body            []byte
}

// Unreachable traps.
var Unreachable = []byte{0x00}

// I32Const pushes a number.
func I32Const(value int32) []byte { return append([]byte{0x41}, signed(int64(value))...) }

// Bytes writes the module in the binary format.
func (m Module) Bytes() []byte {
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, items ...[]byte) {
		if len(items) > 0 {
			content := append(unsigned(uint32(len(items))), slices.Concat(items...)...)
			wasm = append(append(append(wasm, id), unsigned(uint32(len(content)))...), content...)
		}
	}

	var imports, functions, memories, exports, bodies [][]byte
	types := [][]byte{{0x60, 0, 0}}
	if m.Import != "" {
		imports = append(imports, slices.Concat(name("env"), name(m.Import), []byte{0, 0}))
	}
	first := uint32(len(imports))
	if m.ImportGlobal != "" {
		imports = append(imports, slices.Concat(name("env"), name(m.ImportGlobal), []byte{3, I32, 0}))
	}
	for n, function := range m.Functions {
		index := unsigned(first + uint32(n))
		types = append(types, slices.Concat([]byte{0x60}, vector(function.Params), vector(function.Results)))
		functions = append(functions, unsigned(uint32(n+1)))
		exports = append(exports, slices.Concat(name(function.Name), []byte{0}, index))
		bodies = append(bodies, vector(slices.Concat([]byte{0}, function.Body, []byte{0x0b})))
	}
	if m.MinPages > 0 {
		memories = append(memories, append([]byte{0}, unsigned(m.MinPages)...))
		exported := m.MemoryName
		if exported == "" {
			exported = "memory"
		}
		exports = append(exports, append(name(exported), 2, 0))
	}

	section(1, types...)
	section(2, imports...)
	section(3, functions...)
	section(5, memories...)
	section(7, exports...)
	section(10, bodies...)
	return wasm
}

func name(text string) []byte { return vector([]byte(text)) }

func vector(bytes []byte) []byte { return append(unsigned(uint32(len(bytes))), bytes...) }

// unsigned is LEB128.
func unsigned(value uint32) []byte {
	var bytes []byte
	for value >= 0x80 {
		bytes = append(bytes, byte(value)|0x80)
		value >>= 7
	}
	return append(bytes, byte(value))
}

// signed is signed LEB128.
func signed(value int64) []byte {
	var bytes []byte
	for {
		low := byte(value) & 0x7f
		value >>= 7
		if value == 0 && low&0x40 == 0 || value == -1 && low&0x40 != 0 {
			return append(bytes, low)
		}
		bytes = append(bytes, low|0x80)
	}
}
