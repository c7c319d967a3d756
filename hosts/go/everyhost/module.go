// Package everyhost calls the Everyhost modules from Go, on wazero: a Signer for signer-raw, a Verifier for verifier-lanes, Keys for
// keys, an Adder for add-raw.
//
// It needs github.com/tetratelabs/wazero and nothing else, so you can also copy it into your own project.
package everyhost

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

var wasmMagic = []byte("\x00asm")

// A Module is a compiled module. Compiling takes far longer than everything else: compile once, and make as many
// signers of it as needed. Several goroutines may share it.
type Module struct {
	runtime     wazero.Runtime
	compiled    wazero.CompiledModule
	exports     map[string]api.FunctionDefinition
	firstImport string // empty where there is none
}

// Compile compiles the bytes of a .wasm file to machine code, or for wazero's interpreter on a processor that wazero has
// no compiler for. The context is for wazero's compiler alone.
func Compile(ctx context.Context, wasm []byte) (*Module, error) {
	return CompileWithConfig(ctx, wasm, wazero.NewRuntimeConfig())
}

// CompileWithConfig is Compile with a runtime of your choice: another engine, or a limit to linear memory. Beyond that
// limit an allocation is refused, which a Signer reports as OutOfMemory.
func CompileWithConfig(ctx context.Context, wasm []byte, config wazero.RuntimeConfig) (*Module, error) {
	if !bytes.HasPrefix(wasm, wasmMagic) {
		return nil, errors.New("not a Wasm module: a module begins with the bytes 00 61 73 6d")
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := runtime.CompileModule(ctx, wasm)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wazero cannot compile this module: %w", err), runtime.Close(ctx))
	}
	return &Module{
		runtime:     runtime,
		compiled:    compiled,
		exports:     compiled.ExportedFunctions(),
		firstImport: firstImport(wasm),
	}, nil
}

// Close gives back the machine code and ends every instance. Close the signers first: this does not wipe them.
func (m *Module) Close(ctx context.Context) error {
	return m.runtime.Close(ctx)
}

// Exports has the types of the exported functions by name.
func (m *Module) Exports() map[string]api.FunctionDefinition {
	return m.exports
}

// MemoryName is the name of the exported linear memory: "memory" where there is one of that name, and empty where none
// is exported.
func (m *Module) MemoryName() string {
	memories := m.compiled.ExportedMemories()
	if _, ok := memories["memory"]; ok {
		return "memory"
	}
	for name := range memories { // a module of today has one memory, so there is at most one name to be had
		return name
	}
	return ""
}

// Runtime is what the module was compiled for, and Compiled what came of that: for those who give it imports of their own.
func (m *Module) Runtime() wazero.Runtime { return m.runtime }

// Compiled is the module as wazero has it.
func (m *Module) Compiled() wazero.CompiledModule { return m.compiled }

// IsSigner says whether NewSigner takes the module.
func (m *Module) IsSigner() bool {
	return m.Has(signerExports) && m.MemoryName() == "memory"
}

// IsVerifier says whether the module was made for a Verifier, which takes a signer that verifies too.
func (m *Module) IsVerifier() bool { return m.Has(verifierExports) }

// IsKeys says whether NewKeys takes the module.
func (m *Module) IsKeys() bool { return m.Has(keysExports) }

// IsAdder says whether NewAdder takes the module.
func (m *Module) IsAdder() bool { return m.Has(adderExports) }

// CheckImports says whether the module can be instantiated here: it must not want anything from its host.
func (m *Module) CheckImports() error {
	if m.firstImport == "" {
		return nil
	}
	return fmt.Errorf("the module needs imports, which this host does not give; the first is %s", m.firstImport)
}

// Instantiate makes a bare instance, for those who call the exports by themselves. Its start function, if there is one,
// has run; a function that is merely called _start has not. Close the instance: the runtime keeps it until then.
func (m *Module) Instantiate(ctx context.Context) (api.Module, error) {
	if err := m.CheckImports(); err != nil {
		return nil, err
	}
	// Without a name, so that there can be many; and without wazero's wish to call _start.
	return m.runtime.InstantiateModule(ctx, m.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
}

// require makes sure that the module exports these functions with these types, so that no call has to.
func (m *Module) require(kind string, signatures map[string]string) error {
	var wrong []string
	for name, signature := range signatures {
		if function, ok := m.exports[name]; !ok {
			wrong = append(wrong, name)
		} else if has := signatureOf(function); has != signature {
			wrong = append(wrong, fmt.Sprintf("%s%s (it has %s)", name, signature, has))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	return fmt.Errorf("not %s module: it does not export %s", kind, strings.Join(wrong, ", "))
}

// Has says whether the module exports these functions with these types, such as "(i32 i32)->(i32)".
func (m *Module) Has(signatures map[string]string) bool {
	return m.require("", signatures) == nil
}

func signatureOf(function api.FunctionDefinition) string {
	return "(" + typeNames(function.ParamTypes()) + ")->(" + typeNames(function.ResultTypes()) + ")"
}

func typeNames(types []api.ValueType) string {
	names := make([]string, len(types))
	for n, valueType := range types {
		names[n] = api.ValueTypeName(valueType)
	}
	return strings.Join(names, " ")
}

// firstImport names the first import, as module.name. wazero tells of imported functions and memories, but not of
// globals and tables. The module is known to be well-formed.
func firstImport(wasm []byte) string {
	const header, importSection = 8, 2
	for rest := wasm[header:]; len(rest) > 0; {
		id := rest[0]
		length, n := binary.Uvarint(rest[1:])
		section := rest[1+n:][:length]
		rest = rest[1+n+int(length):]
		if id != importSection {
			continue
		}
		if count, n := binary.Uvarint(section); count > 0 {
			module, section := vectorOfBytes(section[n:])
			name, _ := vectorOfBytes(section)
			return string(module) + "." + string(name)
		}
	}
	return ""
}

func vectorOfBytes(data []byte) (vector, rest []byte) {
	length, n := binary.Uvarint(data)
	return data[n:][:length], data[n+int(length):]
}

// Version is the version of a package that this program was built with, by the package's path, such as
// github.com/tetratelabs/wazero.
func Version(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == path {
				return strings.TrimPrefix(dependency.Version, "v")
			}
		}
	}
	return "of an unknown version"
}
