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
