package everyhost

import "github.com/tetratelabs/wazero/api"

var adderExports = map[string]string{
	"add_numbers":    "(i32 i32)->(i32)",
	"divide_numbers": "(i32 i32)->(i32)",
}

// An Adder adds and divides 32-bit integers by the module add-raw, which is a C function linked into Rust. While a call is in
// progress, any other is InUse.
type Adder struct{ owned }

// NewAdder makes an adder. It is an error if the module is none.
func NewAdder(module *Module) (*Adder, error) {
	if err := module.require("an adder", adderExports); err != nil {
		return nil, err
	}
	a := &Adder{owned{module: module}}
	if err := a.revive(); err != nil { // its start function trapped
		return nil, trapped(err)
	}
	return a, nil
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
func (a *Adder) Close() error { return a.close(a) }

func (a *Adder) call(export string, x, y int32) (result int32, err error) {
	err = a.run(a, func(g *guest) error {
		bits, err := g.call(export, api.EncodeI32(x), api.EncodeI32(y))
		result = int32(bits)
		return err
	})
	return result, err
}

func (a *Adder) revive() (err error) {
	a.guest, err = a.module.instantiate()
	return err
}
