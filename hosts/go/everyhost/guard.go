package everyhost

import "sync/atomic"

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
