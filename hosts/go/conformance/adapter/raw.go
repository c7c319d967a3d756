package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

const maxPages = 65536

// raw does the steps of raw, raw_module and raw_imports: those have wasm and imports besides.
func raw(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	given, closeIt, err := module.given(in)
	if err != nil {
		return nil, err
	}
	defer closeIt()
	return runSteps(given, in, 0)
}

func rawMemoryLimit(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	// A larger limit than there can be is none, and wazero panics at it.
	limited, err := module.withMemoryLimit(min(*in.MaxPages, maxPages))
	if err != nil { // it begins with more than that, and wazero says so early
		return nil, refused("NO_INSTANCE", "%w", err)
	}
	return runSteps(limited, in, 0)
}

func rawDeadline(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	interruptible, err := module.withDeadlines()
	if err != nil {
		return nil, err
	}
	// Not 0, which is for none.
	return runSteps(interruptible, in, max(time.Duration(*in.DeadlineMS)*time.Millisecond, 1))
}

// refused is what is answered with a code.
func refused(code everyhost.Code, format string, arguments ...any) error {
	return &everyhost.Error{Code: code, Err: fmt.Errorf(format, arguments...)}
}

// A rawStep is a primitive step.
type rawStep struct {
	Do     string         `json:"do"`
	Export string         `json:"export"`
	Args   []value        `json:"args"`
	As     names          `json:"as"`
	Ptr    value          `json:"ptr"`
	Bytes  protocol.Bytes `json:"bytes"`
	Len    length         `json:"len"`
	Pages  uint32         `json:"pages"`
}

// A rawRun is one fresh instance, and the results that steps have given names to.
type rawRun struct {
	instance  api.Module // nil until its start function has returned
	memory    linear
	deadline  time.Duration
	names     map[string]number
	afterTrap bool // steps after a trap are done, except those within a call of the host

	depth   int // how many calls of the host's functions have not returned
	told    []*hostCall
	untold  int // how many more are told
	closers []api.Closer
}

// A linear memory, empty where there is none.
type linear struct {
	*everyhost.Memory
	of api.Module // an instance that has it; only wazero can let it grow
}

// runSteps does the steps on a fresh instance, with the imports that the request lists. With a deadline, the module must be
// one withDeadlines.
func runSteps(module *everyhost.Module, in *protocol.Input, deadline time.Duration) (protocol.Fields, error) {
	steps, err := readAll[rawStep]("step", in.Steps)
	if err != nil {
		return nil, err
	}
	run := newRun(deadline)
	run.afterTrap = in.AfterTrap
	defer run.close()
	if err := run.begin(context.Background(), module, in.Imports, unnamed); err != nil {
		return nil, err
	}
	fields := protocol.Fields{}
	if calls := run.takeTold(); calls != nil {
		fields["calls"] = calls
	}
	fields["steps"], err = run.steps(steps)
	return fields, err
}

func readAll[T any](what string, texts []json.RawMessage) ([]T, error) {
	all := make([]T, len(texts))
	for n, text := range texts {
		if err := json.Unmarshal(text, &all[n]); err != nil {
			return nil, fmt.Errorf("%s %d: %w", what, n, err)
		}
	}
	return all, nil
}

// steps does them in order, one answer each; a trap or a call that was cut off is the last.
func (r *rawRun) steps(steps []rawStep) ([]protocol.Answer, error) {
	answers := make([]protocol.Answer, 0, len(steps))
	for n := range steps {
		answer, err := answered(r.step(&steps[n]))
		if err != nil {
			return answers, fmt.Errorf("step %d: %w", n, err)
		}
		if calls := r.takeTold(); calls != nil && answer.Trap {
			answer.Calls = calls
		} else if calls != nil {
			answer.Ok.(protocol.Fields)["calls"] = calls
		}
		answers = append(answers, answer)
		if answer.Trap && (r.depth > 0 || !r.afterTrap) || answer.Error == cutOff {
			break
		}
	}
	return answers, nil
}

const cutOff = "CUT_OFF"

func newRun(deadline time.Duration) *rawRun {
	none := linear{Memory: new(everyhost.Memory)}
	return &rawRun{memory: none, deadline: deadline, names: make(map[string]number), untold: mostTold}
}

// begin makes the instance, with the memory that steps see, and with what the imports list.
func (r *rawRun) begin(
	ctx context.Context, module *everyhost.Module, imports []json.RawMessage, config wazero.ModuleConfig,
) error {
	ctx, memory := everyhost.WithClearedMemory(ctx)
	ctx, err := r.provide(ctx, memory, module, imports)
	if err != nil {
		return err
	}
	if err := r.instantiate(ctx, module, config); err != nil {
		return err
	}
	if module.MemoryName() != "" {
		r.memory = linear{memory, r.instance}
	}
	return nil
}

// instantiate makes the instance, with the memory that ctx says; its steps see none yet.
func (r *rawRun) instantiate(ctx context.Context, module *everyhost.Module, config wazero.ModuleConfig) error {
	ctx, cancel := r.within(ctx)
	defer cancel()
	instance, err := module.Runtime().InstantiateModule(ctx, module.Compiled(), config)
	if failed := (*failure)(nil); errors.As(err, &failed) {
		if !errors.Is(failed.error, everyhost.Trapped) { // a request that cannot be understood
			return failed.error
		}
		err = errors.Unwrap(failed.error)
	}
	if err != nil {
		return refused("NO_INSTANCE", "%w", err)
	}
	r.instance, r.closers = instance, append(r.closers, instance)
	return nil
}

func (r *rawRun) close() {
	for _, one := range slices.Backward(r.closers) {
		_ = one.Close(context.Background())
	}
}

// within is ctx with the deadline of a call that begins now, if there is one.
func (r *rawRun) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.deadline == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, r.deadline)
}

// step does one step.
func (r *rawRun) step(step *rawStep) (protocol.Fields, error) {
	switch step.Do {
	case "call", "global":
		if r.instance == nil {
			return nil, &everyhost.Error{Code: "NO_EXPORT"}
		}
		if step.Do == "global" {
			return r.global(step)
		}
		return r.call(step)
	case "write":
		window, err := r.window(step.Ptr, plain(uint32(len(step.Bytes))))
		copy(window, step.Bytes)
		return protocol.Fields{}, err
	case "read":
		window, err := r.window(step.Ptr, step.Len)
		if 2*len(window) > protocol.MaxLineLen {
			return nil, fmt.Errorf("%d bytes are more than a line can hold", len(window))
		}
		return protocol.Fields{"bytes": protocol.Hex(window)}, err
	case "load":
		return r.load(step)
	case "pages":
		return protocol.Fields{"pages": r.memory.Len() / pageLen}, nil
	case "grow":
		if r.memory.of != nil {
			if before, ok := r.memory.of.Memory().Grow(step.Pages); ok {
				return protocol.Fields{"pages": before}, nil
			}
		}
		return nil, &everyhost.Error{Code: "REFUSED"}
	}
	return nil, fmt.Errorf("there is no step %q", step.Do)
}

const pageLen = 65536

// mismatch is for a step whose values are of other types than its call takes. Nothing is called.
func mismatch(format string, arguments ...any) error {
	return refused("TYPE_MISMATCH", format, arguments...)
}

var numbers = []api.ValueType{api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF32, api.ValueTypeF64}

func (r *rawRun) call(step *rawStep) (protocol.Fields, error) {
	function := r.instance.ExportedFunction(step.Export)
	if function == nil {
		return nil, &everyhost.Error{Code: "NO_EXPORT"}
	}
	params, results := function.Definition().ParamTypes(), function.Definition().ResultTypes()
	for _, valueType := range slices.Concat(params, results) {
		if !slices.Contains(numbers, valueType) {
			return nil, mismatch("%q takes or returns what is no number", step.Export)
		}
	}
	arguments, err := r.decodeAll(step.Args, params)
	if err != nil {
		return nil, err
	}
	if len(step.As) > len(results) {
		return nil, mismatch("%q returns %d results, and as names %d", step.Export, len(results), len(step.As))
	}

	ctx, cancel := r.within(context.Background())
	returned, err := function.Call(ctx, arguments...)
	cancel()
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) {
		if r.deadline == 0 { // a program of WASI that ended
			return nil, exit
		}
		return nil, &everyhost.Error{Code: cutOff}
	}
	if failed := (*failure)(nil); errors.As(err, &failed) {
		return nil, failed.error
	}
	if err != nil {
		detail, _, _ := strings.Cut(err.Error(), "\n\nGo runtime stack trace:") // of a panic in wazero itself
		return nil, refused(everyhost.Trapped, "%s", detail)
	}
	return r.results(step, results, returned), nil
}

// results are the answer to a step, which may give the first of them names.
func (r *rawRun) results(step *rawStep, types []api.ValueType, all []uint64) protocol.Fields {
	for n, name := range step.As {
		r.names[name] = number{types[n], all[n]}
	}
	return protocol.Fields{"results": encodeAll(types, all)}
}

func (r *rawRun) load(step *rawStep) (protocol.Fields, error) {
	window, err := r.window(step.Ptr, plain(4))
	if err != nil {
		return nil, err
	}
	if len(step.As) != 1 {
		return nil, errors.New("what is loaded has one name")
	}
	loaded := binary.LittleEndian.Uint32(window)
	r.names[step.As[0]] = number{api.ValueTypeI32, uint64(loaded)}
	return protocol.Fields{"value": int32(loaded)}, nil
}

func (r *rawRun) global(step *rawStep) (protocol.Fields, error) {
	global := r.instance.ExportedGlobal(step.Export)
	if global == nil {
		return nil, &everyhost.Error{Code: "NO_EXPORT"}
	}
	if !slices.Contains(numbers, global.Type()) || len(step.As) > 1 {
		return nil, mismatch("%q is no number, or as names more than it", step.Export)
	}
	return r.results(step, []api.ValueType{global.Type()}, []uint64{global.Get()}), nil
}

// A value is an argument or a pointer: exactly one of these, plus only beside var.
type value struct {
	I32  *int32  `json:"i32"`
	I64  *string `json:"i64"`
	F32  *string `json:"f32"`
	F64  *string `json:"f64"`
	Var  *string `json:"var"`
	Plus int64   `json:"plus"`
}

// A number is its type and its bits, as wazero takes them: floats as they are, so that no NaN is changed.
type number struct {
	kind api.ValueType
	bits uint64
}

// names are for the results of a step, from the first on; one alone needs no list.
type names []string

// UnmarshalJSON reads either form.
func (n *names) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return json.Unmarshal(text, (*[]string)(n))
	}
	*n = make(names, 1)
	return json.Unmarshal(text, &(*n)[0])
}

// A length is a plain number, a var, or "nul".
type length struct {
	value
	toZero bool // up to the first zero byte, without it
}

func plain(n uint32) length { return length{value: value{I32: new(int32(n))}} }

// UnmarshalJSON reads any form.
func (l *length) UnmarshalJSON(text []byte) error {
	if l.toZero = string(text) == `"nul"`; l.toZero {
		return nil
	}
	if bytes.HasPrefix(text, []byte("{")) {
		return json.Unmarshal(text, &l.value)
	}
	var n uint32
	err := json.Unmarshal(text, &n)
	*l = plain(n)
	return err
}

// window is the memory where a step points to.
func (r *rawRun) window(ptr value, length length) ([]byte, error) {
	from, err := r.unsigned(ptr)
	if err != nil {
		return nil, err
	}
	memory := r.memory.Bytes()
	rest := memory[min(from, uint64(len(memory))):]
	to := uint64(bytes.IndexByte(rest, 0)) // if there is none: more than anything
	if !length.toZero {
		if to, err = r.unsigned(length.value); err != nil {
			return nil, err
		}
	}
	if from > uint64(len(memory)) || to > uint64(len(rest)) {
		return nil, &everyhost.Error{Code: "OUT_OF_BOUNDS"}
	}
	return rest[:to:to], nil
}

// unsigned is a pointer or a length: an i32 or an i64.
func (r *rawRun) unsigned(v value) (uint64, error) {
	given, err := r.decode(v)
	if err == nil && given.kind != api.ValueTypeI32 && given.kind != api.ValueTypeI64 {
		err = mismatch("a pointer or a length is an i32 or an i64, not an %s", api.ValueTypeName(given.kind))
	}
	return given.bits, err
}

// decodeAll gives the bits of values that must be of these types.
func (r *rawRun) decodeAll(values []value, types []api.ValueType) ([]uint64, error) {
	kinds, all := make([]api.ValueType, len(values)), make([]uint64, len(values))
	for n, one := range values {
		given, err := r.decode(one)
		if err != nil {
			return nil, err
		}
		kinds[n], all[n] = given.kind, given.bits
	}
	if !slices.Equal(kinds, types) {
		return nil, mismatch("other types are needed")
	}
	return all, nil
}

// decode gives what is written as a value, or has a name.
func (r *rawRun) decode(v value) (number, error) {
	switch {
	case v.I32 != nil:
		return number{api.ValueTypeI32, api.EncodeI32(*v.I32)}, nil
	case v.I64 != nil:
		integer, err := strconv.ParseInt(*v.I64, 10, 64)
		return number{api.ValueTypeI64, api.EncodeI64(integer)}, err
	case v.F32 != nil:
		bits, err := strconv.ParseUint(*v.F32, 16, 32)
		return number{api.ValueTypeF32, bits}, err
	case v.F64 != nil:
		bits, err := strconv.ParseUint(*v.F64, 16, 64)
		return number{api.ValueTypeF64, bits}, err
	case v.Var != nil:
		named, ok := r.names[*v.Var]
		if !ok {
			return named, fmt.Errorf("no earlier step gave a result the name %s", *v.Var)
		}
		switch {
		case named.kind == api.ValueTypeI32:
			named.bits = uint64(uint32(named.bits) + uint32(v.Plus))
		case named.kind == api.ValueTypeI64:
			named.bits += uint64(v.Plus)
		case v.Plus != 0:
			return named, mismatch("%s is a float, to which nothing is added", *v.Var)
		}
		return named, nil
	}
	return number{}, errors.New("a value is one of i32, i64, f32, f64 and var")
}

func encodeAll(types []api.ValueType, all []uint64) []any {
	values := make([]any, len(all))
	for n, bits := range all {
		values[n] = encode(types[n], bits)
	}
	return values
}

func encode(valueType api.ValueType, bits uint64) any {
	switch valueType {
	case api.ValueTypeI32:
		return map[string]int32{"i32": api.DecodeI32(bits)}
	case api.ValueTypeI64:
		return map[string]string{"i64": strconv.FormatInt(int64(bits), 10)}
	case api.ValueTypeF32:
		return map[string]string{"f32": fmt.Sprintf("%08x", uint32(bits))}
	default:
		return map[string]string{"f64": fmt.Sprintf("%016x", bits)}
	}
}
