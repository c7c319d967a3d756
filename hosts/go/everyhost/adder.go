package everyhost

import (
	"context"
	"errors"

	"github.com/tetratelabs/wazero/api"
)

var adderExports = map[string]string{
	"add_numbers":    "(i32 i32)->(i32)",
	"divide_numbers": "(i32 i32)->(i32)",
}

// An Adder adds and divides 32-bit integers by the module add-raw, which is a C function linked into Rust. While a call is in
// progress, any other is InUse.
type Adder struct {
	guard
	module   *Module
	instance api.Module // nil once closed
}

// NewAdder makes an adder. It is an error if the module is none.
func NewAdder(module *Module) (*Adder, error) {
	if err := module.require("an adder", adderExports); err != nil {
		return nil, err
	}
	if err := module.CheckImports(); err != nil {
		return nil, err
	}
	instance, err := module.Instantiate(context.Background())
	if err != nil { // its start function trapped
		return nil, &Error{Code: Trapped, Err: err}
	}
	return &Adder{module: module, instance: instance}, nil
}

// Add is the sum, which wraps: 2147483647 + 1 is -2147483648. Errors: Closed, InUse.
func (a *Adder) Add(x, y int32) (int32, error) {
	return a.call("add_numbers", x, y)
}

// Divide is the quotient, towards zero: -7 / 2 is -3. Errors: Trapped by zero, and for -2147483648 by -1 (the adder can
// be used on, it has a new instance); Closed, InUse.
func (a *Adder) Divide(x, y int32) (int32, error) {
	return a.call("divide_numbers", x, y)
}

// Close ends the adder. Every later call is Closed; closing again does nothing. Errors: InUse.
func (a *Adder) Close() error {
	if err := a.enter(); err != nil {
		return err
	}
	defer a.leave()
	if a.instance == nil {
		return nil
	}
	instance := a.instance
	a.instance = nil
	return instance.Close(context.Background())
}

func (a *Adder) call(export string, x, y int32) (int32, error) {
	if err := a.enter(); err != nil {
		return 0, err
	}
	defer a.leave()
	if a.instance == nil {
		return 0, refuse(Closed)
	}
	ctx := context.Background()
	results, trap := a.instance.ExportedFunction(export).Call(ctx, api.EncodeI32(x), api.EncodeI32(y))
	if trap == nil {
		return api.DecodeI32(results[0]), nil
	}
	closing := a.instance.Close(ctx)
	var err error
	if a.instance, err = a.module.Instantiate(ctx); err != nil {
		a.instance = nil // no new instance comes up: the adder stays closed
	}
	return 0, &Error{Code: Trapped, Err: errors.Join(trap, closing, err)}
}
