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
		return nil, noInstance(err)
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
		return nil, &everyhost.Error{Code: "MODULE_REFUSED", Err: err}
	}
	defer func() { _ = module.Close(context.Background()) }()
	if err := module.CheckImports(); err != nil {
		return nil, &everyhost.Error{Code: "MODULE_REFUSED", Err: err}
	}
	return runSteps(module, in.Steps, 0)
}

func noInstance(err error) error { return &everyhost.Error{Code: "NO_INSTANCE", Err: err} }

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
		answer, err := run.step(&step)
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
		return nil, noInstance(err)
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

// step does one step. The error is that of a step which no host could do.
func (r *rawRun) step(step *rawStep) (protocol.Answer, error) {
	switch step.Do {
	case "call":
		return r.call(step)
	case "write":
		window, refused, err := r.window(step.Ptr, uint32(len(step.Bytes)))
		if refused.Error != "" || err != nil {
			return refused, err
		}
		copy(window, step.Bytes)
		return protocol.Answer{Ok: protocol.Fields{}}, nil
	case "read":
		window, refused, err := r.window(step.Ptr, step.Len)
		if refused.Error != "" || err != nil {
			return refused, err
		}
		if 2*len(window) > protocol.MaxLineLen {
			return protocol.Answer{}, fmt.Errorf("%d bytes are more than a line can hold", len(window))
		}
		return protocol.Answer{Ok: protocol.Fields{"bytes": protocol.Hex(window)}}, nil
	case "pages":
		return protocol.Answer{Ok: protocol.Fields{"pages": r.memory.Len() / pageLen}}, nil
	}
	return protocol.Answer{}, fmt.Errorf("there is no step %q", step.Do)
}

const pageLen = 65536

// mismatch is the answer to a step whose values are of other types than its call takes. Nothing is called.
func mismatch(format string, arguments ...any) protocol.Answer {
	return protocol.Answer{Error: "TYPE_MISMATCH", Detail: fmt.Sprintf(format, arguments...)}
}

func (r *rawRun) call(step *rawStep) (protocol.Answer, error) {
	function := r.instance.ExportedFunction(step.Export)
	if function == nil {
		return protocol.Answer{Error: "NO_EXPORT"}, nil
	}
	params, results := function.Definition().ParamTypes(), function.Definition().ResultTypes()
	for _, valueType := range slices.Concat(params, results) {
		if !isNumber(valueType) {
			return mismatch("%q takes or returns what is no number", step.Export), nil
		}
	}
	var types []api.ValueType
	var arguments []uint64
	for _, arg := range step.Args {
		valueType, bits, err := r.decode(arg)
		if err != nil {
			return protocol.Answer{}, err
		}
		types, arguments = append(types, valueType), append(arguments, bits)
	}
	if !slices.Equal(types, params) {
		return mismatch("%q takes other arguments", step.Export), nil
	}
	if step.As != nil && (len(results) == 0 || results[0] != api.ValueTypeI32) {
		return mismatch("%q returns no i32 that could be called %q", step.Export, *step.As), nil
	}

	ctx, cancel := r.within(context.Background())
	returned, err := function.Call(ctx, arguments...)
	cancel()
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded {
		return protocol.Answer{Error: cutOff}, nil
	}
	if err != nil {
		detail, _, _ := strings.Cut(err.Error(), "\n\nGo runtime stack trace:") // of a panic in wazero itself
		return protocol.Answer{Trap: true, Detail: detail}, nil
	}
	if step.As != nil {
		r.names[*step.As] = uint32(returned[0])
	}
	values := make([]any, len(returned))
	for n, bits := range returned {
		values[n] = encode(results[n], bits)
	}
	return protocol.Answer{Ok: protocol.Fields{"results": values}}, nil
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

// window is the memory where a step points to, or else the answer of the step, or an error.
func (r *rawRun) window(v value, length uint32) ([]byte, protocol.Answer, error) {
	valueType, bits, err := r.decode(v)
	if err != nil {
		return nil, protocol.Answer{}, err
	}
	if valueType != api.ValueTypeI32 {
		return nil, mismatch("a pointer is an i32"), nil
	}
	window, ok := r.memory.Window(uint32(bits), length)
	if !ok {
		return nil, protocol.Answer{Error: "OUT_OF_BOUNDS"}, nil
	}
	return window, protocol.Answer{}, nil
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

func isNumber(valueType api.ValueType) bool {
	switch valueType {
	case api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF32, api.ValueTypeF64:
		return true
	}
	return false
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
