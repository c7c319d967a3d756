package everyhost

import (
	"fmt"
	"sync/atomic"
)

// A guard lets one call in at a time. Two goroutines in one instance of wazero end the program, and no recover helps.
//
// go vet's copylocks reports every copy of a guard.
type guard struct{ inUse atomic.Bool }

// enter is InUse if a call is in progress, in whichever goroutine. Otherwise leave must follow.
func (g *guard) enter() error {
	if !g.inUse.CompareAndSwap(false, true) {
		return refuse(InUse)
	}
	return nil
}

func (g *guard) leave() { g.inUse.Store(false) }

// run lets work in alone. If it panics, nobody knows what is where, and discard ends it all.
func (g *guard) run(discard func(), work func() error) error {
	if err := g.enter(); err != nil {
		return err
	}
	hasReturned := false
	defer func() {
		if !hasReturned {
			discard()
		}
		g.leave()
	}()
	err := work()
	hasReturned = true
	return err
}

// An owned has one instance, which it lends to one call at a time.
type owned struct {
	guard
	module *Module
	guest  *guest // nil once closed
}

// An owner knows what else there is beside the instance.
type owner interface {
	revive() error // makes a new instance, which holds what the old one held
	discard()      // ends it all, and clears every secret
}

// run lends the instance to work, and replaces it if it traps.
func (o *owned) run(by owner, work func(*guest) error) error {
	return o.guard.run(by.discard, func() error {
		if o.guest == nil {
			return refuse(Closed)
		}
		err := work(o.guest)
		if isTrap(err) {
			err = o.replace(by, err)
		}
		return err
	})
}

// replace puts a new instance into the place of one that trapped, and reports the trap. If that fails, the owner is closed.
func (o *owned) replace(by owner, trap error) error {
	o.discard()
	if err := by.revive(); err != nil {
		by.discard()
		trap = fmt.Errorf("%w; it is closed, because no other instance takes its place: %v", trap, err)
	}
	return &Error{Code: Trapped, Err: trap}
}

func (o *owned) close(by owner) error {
	return o.guard.run(by.discard, func() error {
		by.discard()
		return nil
	})
}

func (o *owned) isClosed() bool { return o.guest == nil }

// discard clears linear memory from outside, whatever became of the instance, and ends it.
func (o *owned) discard() {
	if o.guest != nil {
		o.guest.discard()
		o.guest = nil
	}
}
