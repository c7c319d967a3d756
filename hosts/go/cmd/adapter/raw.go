package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"everyhost/hosts/go/everyhost"
	"everyhost/hosts/go/internal/protocol"
)

const maxPages = 65536

func raw(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	return runSteps(module.module, in.Steps, 0)
}

func rawMemoryLimit(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	// A larger limit than there can be is none, and wazero panics at it.
	limited, err := module.withMemoryLimit(min(*in.MaxPages, maxPages))
	if err != nil {
		return nil, err // it begins with more than that
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
		return nil, errRefused
	}
	defer func() { _ = module.Close(context.Background()) }()
	if module.CheckImports() != nil {
		return nil, errRefused
	}
	return runSteps(module, in.Steps, 0)
}

var errRefused = &everyhost.Error{Code: "MODULE_REFUSED"}

// A rawStep is a primitive step.
type rawStep struct {
	Do     string         `json:"do"`
	Export string         `json:"export"`
	Args   []value        `json:"args"`
	As     string         `json:"as"`
	Ptr    value          `json:"ptr"`
	Bytes  protocol.Bytes `json:"bytes"`
	Len    uint32         `json:"len"`
}

// A rawRun is one fresh instance, and the results that steps have given names to.
type rawRun struct {
	instance api.Module
	memory   api.Memory // nil where none is exported
	deadline time.Duration
	names    map[string]uint32
}

// runSteps does the steps in order, one answer each; a trap or a call that was cut off is the last. With a deadline, the
// module must be one withDeadlines.
func runSteps(module *everyhost.Module, steps []json.RawMessage, deadline time.Duration) (protocol.Fields, error) {
	run, err := newRun(everyhost.WithClearedMemory(context.Background()), module, deadline)
	if err != nil {
		return nil, err
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

// newRun makes an instance, with the memory that ctx says. A start function that traps is the wrapper's error of that kind.
func newRun(ctx context.Context, module *everyhost.Module, deadline time.Duration) (*rawRun, error) {
	run := &rawRun{deadline: deadline, names: make(map[string]uint32)}
	ctx, cancel := run.within(ctx)
	defer cancel()
	instance, err := module.Instantiate(ctx)
	if err != nil {
		return nil, &everyhost.Error{Code: everyhost.Trapped, Err: err}
	}
	run.instance = instance
	if name := module.MemoryName(); name != "" {
		run.memory = instance.ExportedMemory(name)
	}
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
		ptr, err := r.pointer(step.Ptr)
		if err != nil {
			return protocol.Answer{}, err
		}
		if r.memory == nil || !r.memory.Write(ptr, step.Bytes) {
			return outOfBounds, nil
		}
		return protocol.Answer{Ok: protocol.Fields{}}, nil
	case "read":
		ptr, err := r.pointer(step.Ptr)
		if err != nil {
			return protocol.Answer{}, err
		}
		if r.memory == nil {
			return outOfBounds, nil
		}
		window, ok := r.memory.Read(ptr, step.Len)
		if !ok {
			return outOfBounds, nil
		}
		return protocol.Answer{Ok: protocol.Fields{"bytes": protocol.Hex(window)}}, nil
	case "pages":
		pages := uint32(0)
		if r.memory != nil {
			pages, _ = r.memory.Grow(0) // Size is 0 for a memory of 4 GiB
		}
		return protocol.Answer{Ok: protocol.Fields{"pages": pages}}, nil
	}
	return protocol.Answer{}, fmt.Errorf("there is no step %q", step.Do)
}

var outOfBounds = protocol.Answer{Error: "OUT_OF_BOUNDS"}

func (r *rawRun) call(step *rawStep) (protocol.Answer, error) {
	function := r.instance.ExportedFunction(step.Export)
	if function == nil {
		return protocol.Answer{Error: "NO_EXPORT"}, nil
	}
	params, results := function.Definition().ParamTypes(), function.Definition().ResultTypes()
	if len(step.Args) != len(params) {
		return protocol.Answer{}, fmt.Errorf("%s takes %d arguments, not %d", step.Export, len(params), len(step.Args))
	}
	arguments := make([]uint64, len(params))
	for n, arg := range step.Args {
		valueType, bits, err := r.decode(arg)
		if err != nil {
			return protocol.Answer{}, err
		}
		if valueType != params[n] {
			return protocol.Answer{}, fmt.Errorf("argument %d of %s is of type %s", n, step.Export, api.ValueTypeName(params[n]))
		}
		arguments[n] = bits
	}
	for _, valueType := range results {
		if _, err := encode(valueType, 0); err != nil {
			return protocol.Answer{}, err
		}
	}
	if step.As != "" && (len(results) == 0 || results[0] != api.ValueTypeI32) {
		return protocol.Answer{}, fmt.Errorf("%s returns no i32 that could be called %s", step.Export, step.As)
	}

	ctx, cancel := r.within(context.Background())
	returned, err := function.Call(ctx, arguments...)
	cancel()
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded {
		return protocol.Answer{Error: cutOff}, nil
	}
	if err != nil {
		return protocol.Answer{Trap: true, Detail: err.Error()}, nil
	}
	if step.As != "" {
		r.names[step.As] = uint32(returned[0])
	}
	values := make([]any, len(returned))
	for n, bits := range returned {
		values[n], _ = encode(results[n], bits)
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

func (r *rawRun) pointer(v value) (uint32, error) {
	valueType, bits, err := r.decode(v)
	if err == nil && valueType != api.ValueTypeI32 {
		err = fmt.Errorf("a pointer is an i32, not %s", api.ValueTypeName(valueType))
	}
	return uint32(bits), err
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

func encode(valueType api.ValueType, bits uint64) (any, error) {
	switch valueType {
	case api.ValueTypeI32:
		return map[string]int32{"i32": api.DecodeI32(bits)}, nil
	case api.ValueTypeI64:
		return map[string]string{"i64": strconv.FormatInt(int64(bits), 10)}, nil
	case api.ValueTypeF32:
		return map[string]string{"f32": fmt.Sprintf("%08x", uint32(bits))}, nil
	case api.ValueTypeF64:
		return map[string]string{"f64": fmt.Sprintf("%016x", bits)}, nil
	}
	return nil, fmt.Errorf("a %s has no form in the protocol", api.ValueTypeName(valueType))
}
