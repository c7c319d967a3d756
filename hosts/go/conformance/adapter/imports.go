package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

const (
	funcref  = 0x70
	mostTold = 64
	// How deep calls to and fro may go. Go ends the program when its own stack is full, and no recover helps.
	maxDepth = 1000
)

// Without a name, so that there can be many; and without wazero's wish to call _start.
var unnamed = wazero.NewModuleConfig().WithName("").WithStartFunctions()

// A hostImport is what the host provides: one of func, memory, table and global.
type hostImport struct {
	Module  string     `json:"module"`
	Name    string     `json:"name"`
	Func    *signature `json:"func"`
	Calls   []behavior `json:"calls"`
	Memory  *limits    `json:"memory"`
	Table   *limits    `json:"table"`
	Global  *value     `json:"global"`
	Mutable bool       `json:"mutable"`
}

type signature struct {
	Params  valueTypes `json:"params"`
	Results valueTypes `json:"results"`
}

type limits struct {
	Min uint32  `json:"min"`
	Max *uint32 `json:"max"`
}

// A behavior is what a function of the host does when it is called.
type behavior struct {
	Steps   []rawStep `json:"steps"`
	Results []value   `json:"results"`
	Throw   *string   `json:"throw"`
}

// A hostCall is what came to a function of the host.
type hostCall struct {
	Import int               `json:"import"`
	Args   []any             `json:"args"`
	Steps  []protocol.Answer `json:"steps,omitempty"`
}

// A failure is what a function of the host panics with, for wazero to make an error of the call.
type failure struct{ error }

type valueTypes []api.ValueType

// UnmarshalJSON reads names.
func (v *valueTypes) UnmarshalJSON(text []byte) error {
	var names []string
	if err := json.Unmarshal(text, &names); err != nil {
		return err
	}
	for _, name := range names {
		n := slices.IndexFunc(numbers, func(one api.ValueType) bool { return api.ValueTypeName(one) == name })
		if n < 0 {
			return fmt.Errorf("%q is no type of a number", name)
		}
		*v = append(*v, numbers[n])
	}
	return nil
}

// provide makes what the imports list, for the module that is then instantiated with the context. The memory that this imports
// is the one that ctx says.
//
// wazero lets Go provide functions and nothing else, and looks in one instance for each name. So each name has a little module, which
// has the rest and exports everything. It has one memory at most: others, which no module of today can import too, have their own.
func (r *rawRun) provide(
	ctx context.Context, memory *everyhost.Memory, module *everyhost.Module, texts []json.RawMessage,
) (context.Context, error) {
	imports, err := readAll[hostImport]("import", texts)
	if err != nil || len(imports) == 0 {
		return ctx, err
	}
	var imported [2]string // the names of the memory that the module imports
	for _, one := range module.Compiled().ImportedMemories() {
		imported[0], imported[1], _ = one.Import()
	}
	builder := module.Runtime().NewHostModuleBuilder("functions")
	written := make(map[string]*wasmModule)
	var memories []linear
	for n, one := range imports {
		into := written[one.Module]
		if into == nil {
			into = new(wasmModule)
			written[one.Module] = into
		}
		switch {
		case one.Func != nil:
			name := strconv.Itoa(n)
			builder.NewFunctionBuilder().WithGoFunction(r.function(n, &one), one.Func.Params, one.Func.Results).Export(name)
			index := into.add(1, []byte{0x60}, vector(one.Func.Params), vector(one.Func.Results)) // each has a type of its own
			into.add(2, vector("functions"), vector(name), []byte{0}, index)
			into.export(0, one.Name, index)
		case one.Table != nil:
			into.export(1, one.Name, into.add(4, []byte{funcref}, one.Table.bytes()))
		case one.Memory != nil && imported == [2]string{one.Module, one.Name}:
			into.export(2, one.Name, into.add(5, one.Memory.bytes()))
			memories = append(memories, linear{Memory: memory})
		case one.Memory != nil:
			ofThis, bytes := everyhost.WithClearedMemory(ctx)
			alone := new(wasmModule)
			alone.add(5, one.Memory.bytes())
			instance, err := r.provideModule(ofThis, module, alone)
			if err != nil {
				return nil, err
			}
			memories = append(memories, linear{bytes, instance})
		case one.Global != nil:
			given, err := r.decode(*one.Global)
			if err != nil {
				return nil, err
			}
			mutable := byte(0)
			if one.Mutable {
				mutable = 1
			}
			into.export(3, one.Name, into.add(6, []byte{given.kind, mutable}, constant(given.kind, given.bits)))
		default:
			return nil, fmt.Errorf("import %d is none of func, memory, table and global", n)
		}
	}
	functions, err := r.provideFunctions(ctx, module, builder)
	if err != nil {
		return nil, err
	}
	provided := make(map[string]api.Module)
	withFunctions := experimental.WithImportResolver(ctx, func(string) api.Module { return functions })
	for name, wasm := range written {
		if provided[name], err = r.provideModule(withFunctions, module, wasm); err != nil {
			return nil, err
		}
	}
	if len(memories) > 0 {
		r.memory = memories[0]
		if r.memory.of == nil {
			r.memory.of = provided[imported[0]]
		}
	}
	return experimental.WithImportResolver(ctx, func(name string) api.Module { return provided[name] }), nil
}

// provideFunctions is not what the builder itself does: that has a name, and a resolver may not return it.
func (r *rawRun) provideFunctions(
	ctx context.Context, module *everyhost.Module, functions wazero.HostModuleBuilder,
) (api.Module, error) {
	compiled, err := functions.Compile(ctx)
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, compiled)
	return module.Runtime().InstantiateModule(ctx, compiled, unnamed)
}

func (r *rawRun) provideModule(ctx context.Context, module *everyhost.Module, wasm *wasmModule) (api.Module, error) {
	instance, err := module.Runtime().InstantiateWithConfig(ctx, wasm.bytes(), unnamed)
	if err != nil { // the host cannot make what is so large
		return nil, refused("NO_INSTANCE", "%w", err)
	}
	r.closers = append(r.closers, instance)
	return instance, nil
}

// function is what the import does in each of its calls. It fails by a panic, which is wazero's way.
func (r *rawRun) function(n int, one *hostImport) api.GoFunc {
	came := 0
	return func(_ context.Context, stack []uint64) {
		outer := r.names
		defer func() { r.names, r.depth = outer, r.depth-1 }()
		r.names, r.depth = make(map[string]number), r.depth+1
		for n, valueType := range one.Func.Params {
			r.names["arg"+strconv.Itoa(n)] = number{valueType, stack[n]}
		}
		call := &hostCall{Import: n, Args: encodeAll(one.Func.Params, stack[:len(one.Func.Params)])}
		if r.untold > 0 {
			r.told, r.untold = append(r.told, call), r.untold-1
		}
		if r.depth > maxDepth {
			panic(&failure{refused(everyhost.Trapped, "stack overflow: %d calls to and fro", maxDepth)})
		}
		var does behavior
		if len(one.Calls) > 0 {
			does = one.Calls[min(came, len(one.Calls)-1)]
		}
		came++
		if err := r.behave(&does, call, one.Func.Results, stack); err != nil {
			panic(&failure{err})
		}
	}
}

// behave does what an entry says, and leaves the results in stack.
func (r *rawRun) behave(does *behavior, call *hostCall, types []api.ValueType, stack []uint64) (err error) {
	if call.Steps, err = r.steps(does.Steps); err != nil {
		return err
	}
	if len(call.Steps) > 0 && call.Steps[len(call.Steps)-1].Trap {
		return refused(everyhost.Trapped, "%s", call.Steps[len(call.Steps)-1].Detail)
	}
	if does.Throw != nil {
		return refused(everyhost.Trapped, "%s", *does.Throw)
	}
	if does.Results == nil {
		clear(stack[:len(types)])
		return nil
	}
	results, err := r.decodeAll(does.Results, types)
	if err != nil {
		return fmt.Errorf("what a function of the host returns: %v", err)
	}
	copy(stack, results)
	return nil
}

// takeTold gives what came to the host's functions, once, and not within a call of one.
func (r *rawRun) takeTold() []*hostCall {
	if r.depth > 0 {
		return nil
	}
	calls := r.told
	r.told = nil
	return calls
}

// A wasmModule is the items of each section, by its number.
type wasmModule [8][][]byte

// add gives the index of the item in its section, as it is written.
func (m *wasmModule) add(section int, item ...[]byte) []byte {
	m[section] = append(m[section], slices.Concat(item...))
	return binary.AppendUvarint(nil, uint64(len(m[section])-1))
}

func (m *wasmModule) export(kind byte, name string, index []byte) {
	m.add(7, vector(name), []byte{kind}, index)
}

func (m *wasmModule) bytes() []byte {
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	for id, items := range m {
		if len(items) > 0 {
			count := binary.AppendUvarint(nil, uint64(len(items)))
			wasm = slices.Concat(wasm, []byte{byte(id)}, vector(slices.Concat(count, slices.Concat(items...))))
		}
	}
	return wasm
}

func (l *limits) bytes() []byte {
	if l.Max == nil {
		return binary.AppendUvarint([]byte{0}, uint64(l.Min))
	}
	return binary.AppendUvarint(binary.AppendUvarint([]byte{1}, uint64(l.Min)), uint64(*l.Max))
}

func vector[T string | []byte | valueTypes](data T) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(data))), data...)
}

// constant is the expression of a number. Integers are in signed LEB128, of full length.
func constant(valueType api.ValueType, bits uint64) []byte {
	const end = 0x0b
	integer := func(opcode byte, number int64, size int) []byte {
		code := []byte{opcode}
		for range size - 1 {
			code = append(code, byte(number)|0x80)
			number >>= 7
		}
		return append(code, byte(number)&0x7f, end)
	}
	switch valueType {
	case api.ValueTypeI32:
		return integer(0x41, int64(int32(bits)), 5)
	case api.ValueTypeI64:
		return integer(0x42, int64(bits), 10)
	case api.ValueTypeF32:
		return append(binary.LittleEndian.AppendUint32([]byte{0x43}, uint32(bits)), end)
	default:
		return append(binary.LittleEndian.AppendUint64([]byte{0x44}, bits), end)
	}
}
