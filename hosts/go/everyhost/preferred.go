package everyhost

import (
	"errors"
	"sync/atomic"
)

// A closable is what is made of a module: it ends when it is discarded, or when a trap leaves it without an instance.
type closable interface {
	comparable
	isClosed() bool
	discard()
}

// A preferred finds the first module of a list that can be used here, and holds what is made of it. Nothing is made before the
// first use: the table of such a module takes some milliseconds and 250 KB.
type preferred[T closable] struct {
	modules []*Module // in order of preference
	make    func(*Module) (T, error)
	at      int // the place in the list of the module that is used, or tried next
	made    T   // the zero value while there is none
	used    atomic.Int64
	why     error // the last module that was passed over can't be used
}

var errNotCompiled = errors.New("the last module is nil, which is what Compile gives where wazero cannot compile it; its error says why")

// index is the place in the list of the module that is used; -1 while there is none. It may be asked at any time.
func (p *preferred[T]) index() int { return int(p.used.Load()) - 1 }

// use calls with what is made of the first module that can be used; ok is false if there is none. A module is passed over if it
// is nil, or if its self-test fails. One that traps as it is made, or could not be restored after a trap, is not used again.
func (p *preferred[T]) use(call func(T) error) (ok bool, err error) {
	for p.at < len(p.modules) {
		err := p.ready()
		if err == nil {
			err = call(p.made)
			p.dropClosed()
		}
		if err != errNotCompiled && !errors.Is(err, SelfTestFailed) {
			return true, err
		}
		p.passOver(err)
	}
	return false, nil
}

// useMade calls with what is used, if there is anything.
func (p *preferred[T]) useMade(call func(T) error) error {
	if !p.isMade() {
		return nil
	}
	err := call(p.made)
	p.dropClosed()
	return err
}

func (p *preferred[T]) isMade() bool {
	var none T
	return p.made != none
}

// ready makes what is used, if there is none yet.
func (p *preferred[T]) ready() error {
	if p.isMade() {
		return nil
	}
	module := p.modules[p.at]
	if module == nil {
		return errNotCompiled
	}
	made, err := p.make(module)
	if err == nil {
		p.made = made
		p.used.Store(int64(p.at) + 1)
	} else if errors.Is(err, Trapped) {
		p.passOver(err)
	}
	return err
}

func (p *preferred[T]) dropClosed() {
	if p.isMade() && p.made.isClosed() {
		p.passOver(refuse(Closed))
	}
}

func (p *preferred[T]) passOver(why error) {
	p.drop()
	p.at++
	p.why = why
}

// discard ends what is used, for good.
func (p *preferred[T]) discard() {
	p.drop()
	p.modules = nil
	p.why = refuse(Closed)
}

func (p *preferred[T]) drop() {
	if p.isMade() {
		p.made.discard()
		var none T
		p.made = none
		p.used.Store(0)
	}
}
