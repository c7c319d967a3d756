// Package wasmtest writes little modules for the tests, so that they need no assembler.
package wasmtest

import "slices"

// Value types.
const (
	I32       = 0x7f
	I64       = 0x7e
	F32       = 0x7d
	F64       = 0x7c
	V128      = 0x7b
	ExternRef = 0x6f
)

// A Module is what to write.
type Module struct {
	// In pages. There is no memory where both are 0, and no maximum where MaxPages is.
	MinPages, MaxPages uint32
	// By what name the memory is exported; "memory" unless told.
	MemoryName  string
	HidesMemory bool   // it is not exported
	Data        []byte // written to address 0
	// A function of this name, without parameters and results, is wanted from the module env.
	Import string
	// A global i32 of this name is wanted from the module env.
	ImportGlobal string
	Functions    []Function
	// Name of the function that runs at the start, if there is one.
	Start string
}

// A Function is exported by its name. Its body is instructions, without the final end.
type Function struct {
	Name            string
	Params, Results []byte
	Locals          []byte
	Body            []byte
}

// Instructions that tests use.
var (
	Unreachable = []byte{0x00}
	Forever     = []byte{0x03, 0x40, 0x0c, 0x00, 0x0b} // loop br 0 end
	Drop        = []byte{0x1a}
	MemoryGrow  = []byte{0x40, 0x00}
	I32Load     = []byte{0x28, 0x02, 0x00}
	I32Store    = []byte{0x36, 0x02, 0x00}
	I32Add      = []byte{0x6a}
)

// LocalGet pushes a parameter or local.
func LocalGet(index byte) []byte { return []byte{0x20, index} }

// Call calls the function at that place in the list, of a module without imports.
func Call(index byte) []byte { return []byte{0x10, index} }

// I32Const pushes a number.
func I32Const(value int32) []byte { return append([]byte{0x41}, signed(int64(value))...) }

// Code joins instructions.
func Code(parts ...[]byte) []byte { return slices.Concat(parts...) }

// Bytes writes the module in the binary format.
func (m Module) Bytes() []byte {
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, items ...[]byte) {
		if len(items) > 0 {
			content := append(unsigned(uint32(len(items))), slices.Concat(items...)...)
			wasm = append(append(append(wasm, id), unsigned(uint32(len(content)))...), content...)
		}
	}

	var types, imports, functions, exports, bodies [][]byte
	types = append(types, []byte{0x60, 0, 0})
	first := uint32(0)
	if m.Import != "" {
		imports = append(imports, slices.Concat(name("env"), name(m.Import), []byte{0, 0}))
		first = 1
	}
	if m.ImportGlobal != "" {
		imports = append(imports, slices.Concat(name("env"), name(m.ImportGlobal), []byte{3, I32, 0}))
	}
	start := -1
	for n, function := range m.Functions {
		index := first + uint32(n)
		types = append(types, slices.Concat([]byte{0x60}, vector(function.Params), vector(function.Results)))
		functions = append(functions, unsigned(uint32(n+1)))
		exports = append(exports, slices.Concat(name(function.Name), []byte{0}, unsigned(index)))
		locals := []byte{byte(len(function.Locals))}
		for _, local := range function.Locals {
			locals = append(locals, 1, local)
		}
		bodies = append(bodies, vector(slices.Concat(locals, function.Body, []byte{0x0b})))
		if m.Start != "" && function.Name == m.Start {
			start = int(index)
		}
	}
	var memories, data [][]byte
	if m.MinPages > 0 || m.MaxPages > 0 {
		limits := append([]byte{0}, unsigned(m.MinPages)...)
		if m.MaxPages > 0 {
			limits = slices.Concat([]byte{1}, unsigned(m.MinPages), unsigned(m.MaxPages))
		}
		memories = append(memories, limits)
		exported := m.MemoryName
		if exported == "" {
			exported = "memory"
		}
		if !m.HidesMemory {
			exports = append(exports, append(name(exported), 2, 0))
		}
	}
	if len(m.Data) > 0 {
		data = append(data, slices.Concat([]byte{0}, I32Const(0), []byte{0x0b}, vector(m.Data)))
	}

	section(1, types...)
	section(2, imports...)
	section(3, functions...)
	section(5, memories...)
	section(7, exports...)
	if start >= 0 {
		index := unsigned(uint32(start))
		wasm = append(append(wasm, 8, byte(len(index))), index...)
	}
	section(10, bodies...)
	section(11, data...)
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
