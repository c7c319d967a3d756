package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

const maxPages = 65536

func raw(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	return runSteps(module.module, in.Steps, 0)
}

func rawMemoryLimit(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	// A larger limit than there can be is none, and wazero panics at it.
	limited, err := module.withMemoryLimit(min(*in.MaxPages, maxPages))
	if err != nil { // it begins with more than that, and wazero says so early
		return nil, refused("NO_INSTANCE", "%w", err)
	}
	return runSteps(limited, in.Steps, 0)
}

func rawDeadline(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	interruptible, err := module.withDeadlines()
	if err != nil {
		return nil, err
	}
	// Not 0, which is for none.
	return runSteps(interruptible, in.Steps, max(time.Duration(*in.DeadlineMS)*time.Millisecond, 1))
}

// rawModule runs a module that comes with the request, and is gone afterwards.
func rawModule(other *loaded, in *protocol.Input) (protocol.Fields, error) {
	module, err := everyhost.CompileWithConfig(context.Background(), in.Wasm, other.config)
	if err != nil {
		return nil, refused("MODULE_REFUSED", "%w", err)
	}
	defer func() { _ = module.Close(context.Background()) }()
	if err := module.CheckImports(); err != nil {
		return nil, refused("MODULE_REFUSED", "%w", err)
	}
	return runSteps(module, in.Steps, 0)
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
	As     *string        `json:"as"`
	Ptr    value          `json:"ptr"`
	Bytes  protocol.Bytes `json:"bytes"`
	Len    uint32         `json:"len"`
}

// A rawRun is one fresh instance, and the results that steps have given names to.
type rawRun struct {
	instance api.Module
	memory   *everyhost.Memory // empty where none is exported
	deadline time.Duration
	names    map[string]uint32
}

// runSteps does the steps in order, one answer each; a trap or a call that was cut off is the last. With a deadline, the
// module must be one withDeadlines.
func runSteps(module *everyhost.Module, steps []json.RawMessage, deadline time.Duration) (protocol.Fields, error) {
	ctx, memory := everyhost.WithClearedMemory(context.Background())
	run, err := newRun(ctx, module, deadline)
	if err != nil {
		return nil, err
	}
	if module.MemoryName() != "" {
		run.memory = memory
	}
	defer run.close()
	answers := make([]protocol.Answer, 0, len(steps))
	for n, text := range steps {
		var step rawStep
		if err := json.Unmarshal(text, &step); err != nil {
			return nil, fmt.Errorf("step %d: %w", n, err)
		}
		answer, err := answered(run.step(&step))
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", n, err)
		}
		answers = append(answers, answer)
		if answer.Trap || answer.Error == cutOff {
			break
		}
	}
	return protocol.Fields{"steps": answers}, nil
}

const cutOff = "CUT_OFF"

// newRun makes an instance, with the memory that ctx says; its steps see none yet.
func newRun(ctx context.Context, module *everyhost.Module, deadline time.Duration) (*rawRun, error) {
	run := &rawRun{memory: new(everyhost.Memory), deadline: deadline, names: make(map[string]uint32)}
	ctx, cancel := run.within(ctx)
	defer cancel()
	instance, err := module.Instantiate(ctx)
	if err != nil {
		return nil, refused("NO_INSTANCE", "%w", err)
	}
	run.instance = instance
	return run, nil
}

func (r *rawRun) close() { _ = r.instance.Close(context.Background()) }

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
	case "call":
		return r.call(step)
	case "write":
		window, err := r.window(step.Ptr, uint32(len(step.Bytes)))
		copy(window, step.Bytes)
		return protocol.Fields{}, err
	case "read":
		window, err := r.window(step.Ptr, step.Len)
		if 2*len(window) > protocol.MaxLineLen {
			return nil, fmt.Errorf("%d bytes are more than a line can hold", len(window))
		}
		return protocol.Fields{"bytes": protocol.Hex(window)}, err
	case "pages":
		return protocol.Fields{"pages": r.memory.Len() / pageLen}, nil
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
	var types []api.ValueType
	var arguments []uint64
	for _, arg := range step.Args {
		valueType, bits, err := r.decode(arg)
		if err != nil {
			return nil, err
		}
		types, arguments = append(types, valueType), append(arguments, bits)
	}
	if !slices.Equal(types, params) {
		return nil, mismatch("%q takes other arguments", step.Export)
	}
	if step.As != nil && (len(results) == 0 || results[0] != api.ValueTypeI32) {
		return nil, mismatch("%q returns no i32 that could be called %q", step.Export, *step.As)
	}

	ctx, cancel := r.within(context.Background())
	returned, err := function.Call(ctx, arguments...)
	cancel()
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded {
		return nil, &everyhost.Error{Code: cutOff}
	}
	if err != nil {
		detail, _, _ := strings.Cut(err.Error(), "\n\nGo runtime stack trace:") // of a panic in wazero itself
		return nil, refused(everyhost.Trapped, "%s", detail)
	}
	if step.As != nil {
		r.names[*step.As] = uint32(returned[0])
	}
	values := make([]any, len(returned))
	for n, bits := range returned {
		values[n] = encode(results[n], bits)
	}
	return protocol.Fields{"results": values}, nil
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

// window is the memory where a step points to.
func (r *rawRun) window(v value, length uint32) ([]byte, error) {
	valueType, bits, err := r.decode(v)
	if err != nil {
		return nil, err
	}
	if valueType != api.ValueTypeI32 {
		return nil, mismatch("a pointer is an i32")
	}
	window, ok := r.memory.Window(uint32(bits), length)
	if !ok {
		return nil, &everyhost.Error{Code: "OUT_OF_BOUNDS"}
	}
	return window, nil
}

// decode gives the type of a value and its bits, as wazero takes them: floats as they are, so that no NaN is changed.
func (r *rawRun) decode(v value) (api.ValueType, uint64, error) {
	switch {
	case v.I32 != nil:
		return api.ValueTypeI32, api.EncodeI32(*v.I32), nil
	case v.I64 != nil:
		number, err := strconv.ParseInt(*v.I64, 10, 64)
		return api.ValueTypeI64, api.EncodeI64(number), err
	case v.F32 != nil:
		bits, err := strconv.ParseUint(*v.F32, 16, 32)
		return api.ValueTypeF32, bits, err
	case v.F64 != nil:
		bits, err := strconv.ParseUint(*v.F64, 16, 64)
		return api.ValueTypeF64, bits, err
	case v.Var != nil:
		earlier, ok := r.names[*v.Var]
		if !ok {
			return 0, 0, fmt.Errorf("no earlier step gave a result the name %s", *v.Var)
		}
		return api.ValueTypeI32, uint64(earlier + uint32(v.Plus)), nil
	}
	return 0, 0, errors.New("a value is one of i32, i64, f32, f64 and var")
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
