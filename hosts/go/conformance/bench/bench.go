package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"everyhost/hosts/go/everyhost"
)

const protocolVersion = 1

// A bench has the contestants, and what they sign.
type bench struct {
	config      wazero.RuntimeConfig
	keypair     []byte
	messages    [][]byte
	wasm        map[string][]byte
	modules     map[string]*everyhost.Module
	contestants []contestant
	missing     []fields
}

// A contestant signs the messages of one call. Without batches that is all of them, in a loop.
type contestant struct {
	ID      string `json:"id"`
	Version string `json:"version,omitempty"`
	batches bool
	signAll signAll
}

type signAll = func(messages [][]byte) ([][]byte, error)

// An answer.
type fields = map[string]any

// A failure is the error of a question, on its way to attempt.
type failure struct{ err error }

// attempt answers a question, or gives the error that it failed with.
func attempt[T any](answer func() T) (result T, err error) {
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case failure:
			err = fault.err
		default:
			panic(fault)
		}
	}()
	return answer(), nil
}

// must fails if there is an error.
func must[T any](result T, err error) T {
	if err != nil {
		panic(failure{err})
	}
	return result
}

func fail(format string, arguments ...any) { panic(failure{fmt.Errorf(format, arguments...)}) }

func newBench(task task, config wazero.RuntimeConfig) *bench {
	keypair, err := hex.DecodeString(task.Keypair)
	if err != nil || len(keypair) != everyhost.KeypairLen {
		fail("a keypair is %d hex digits, not %q", 2*everyhost.KeypairLen, task.Keypair)
	}
	b := &bench{
		config:  config,
		keypair: keypair,
		wasm:    make(map[string][]byte),
		modules: make(map[string]*everyhost.Module),
		missing: []fields{},
	}
	for n := range task.Messages {
		b.messages = append(b.messages, fmt.Appendf(nil, "hello%d", n))
	}
	for name, path := range task.Modules {
		b.wasm[name] = must(os.ReadFile(path))
	}
	for _, order := range task.Signers {
		signAll, err := attempt(func() signAll { return b.throughWrapper(order) })
		if err != nil {
			b.missing = append(b.missing, fields{"id": order.ID, "why": err.Error()})
			continue
		}
		b.contestants = append(b.contestants, contestant{ID: order.ID, batches: order.Use == "batch", signAll: signAll})
	}
	key := ed25519.NewKeyFromSeed(keypair[:everyhost.SeedLen])
	b.contestants = append(b.contestants, contestant{
		ID:      "go-crypto",
		Version: runtime.Version(),
		signAll: oneByOne(func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil }),
	})
	return b
}

func (b *bench) hello(engine string) fields {
	return fields{
		"protocol":    protocolVersion,
		"version":     "Go " + strings.TrimPrefix(runtime.Version(), "go"),
		"runtime":     fmt.Sprintf("wazero %s, %s", everyhost.Version("github.com/tetratelabs/wazero"), engine),
		"contestants": b.contestants,
		"missing":     b.missing,
	}
}

func (b *bench) sign(turn turn) fields {
	var who *contestant
	for n := range b.contestants {
		if b.contestants[n].ID == turn.Contestant {
			who = &b.contestants[n]
		}
	}
	if who == nil || turn.Count < 1 || turn.ACall < 1 {
		fail("no such turn: %+v", turn)
	}
	aCall := turn.Count
	if who.batches {
		aCall = turn.ACall
	}
	messages := make([][]byte, turn.Count)
	for n := range messages {
		messages[n] = b.messages[(turn.First+n)%len(b.messages)]
	}
	signatures := make([][]byte, 0, turn.Count)
	clock := newClock()
	for rest := messages; len(rest) > 0; {
		call := rest[:min(aCall, len(rest))]
		rest = rest[len(call):]
		signatures = append(signatures, must(who.signAll(call))...)
	}
	answer := clock.elapsed()
	answer["signatures"] = hex.EncodeToString(bytes.Join(signatures, nil))
	return answer
}

// start goes from a module's bytes to its first signature, everything made anew.
func (b *bench) start(name string) fields {
	clock := newClock()
	module := must(everyhost.CompileWithConfig(context.Background(), b.wasm[name], b.config))
	defer func() { _ = module.Close(context.Background()) }()
	answer := fields{"compile_ns": clock.lapNs()}
	signer := must(everyhost.NewSignerWithoutKey(module))
	defer func() { _ = signer.Close() }()
	answer["instantiate_ns"] = clock.lapNs()
	must(true, signer.LoadKey(b.keypair))
	answer["load_key_ns"] = clock.lapNs()
	signature := must(signer.Sign(b.messages[0]))
	answer["first_signature_ns"] = clock.lapNs()
	answer["signature"] = hex.EncodeToString(signature)
	return answer
}

// cross goes over the boundary so many times, as the wrapper does.
func (b *bench) cross(name string, crossing crossing) fields {
	ctx, memory := everyhost.WithClearedMemory(context.Background())
	instance := must(b.module(name).Instantiate(ctx))
	defer func() { _ = instance.Close(context.Background()) }()
	way := wayOver(instance, memory, crossing)
	clock := newClock()
	for range crossing.Calls {
		way()
	}
	return clock.elapsed()
}

func wayOver(instance api.Module, memory *everyhost.Memory, crossing crossing) func() {
	ctx := context.Background()
	switch crossing.What {
	case "call":
		nothing := instance.ExportedFunction("abi_version")
		return func() { _, _ = nothing.Call(ctx) }
	case "in":
		ptr := must(instance.ExportedFunction("allocate_message").Call(ctx, uint64(crossing.Bytes)))
		data := make([]byte, crossing.Bytes)
		return func() {
			window, _ := memory.Window(uint32(ptr[0]), uint32(len(data)))
			copy(window, data)
		}
	case "out":
		ptr := must(instance.ExportedFunction("get_signature_ptr").Call(ctx))
		return func() {
			window, _ := memory.Window(uint32(ptr[0]), uint32(crossing.Bytes))
			runtime.KeepAlive(bytes.Clone(window)) // so that the compiler does not leave the copy out
		}
	}
	fail("no such way over the boundary: %q", crossing.What)
	return nil
}

// throughWrapper makes a contestant the way a user does.
func (b *bench) throughWrapper(order order) signAll {
	signer := must(everyhost.NewSigner(b.module(order.Module), b.keypair))
	switch order.Use {
	case "one-shot":
		return oneByOne(func(message []byte) ([]byte, error) { return signer.SignWith(b.keypair, message) })
	case "held":
		return oneByOne(signer.Sign)
	case "batch":
		return signer.SignMany
	}
	fail("no such use of a signer: %q", order.Use)
	return nil
}

func (b *bench) module(name string) *everyhost.Module {
	if b.modules[name] == nil {
		b.modules[name] = must(everyhost.CompileWithConfig(context.Background(), b.wasm[name], b.config))
	}
	return b.modules[name]
}

func oneByOne(sign func(message []byte) ([]byte, error)) signAll {
	return func(messages [][]byte) ([][]byte, error) {
		signatures := make([][]byte, 0, len(messages))
		for _, message := range messages {
			signature, err := sign(message)
			if err != nil {
				return nil, err
			}
			signatures = append(signatures, signature)
		}
		return signatures, nil
	}
}

// A clock runs from when it is made.
type clock struct {
	wall time.Time
	cpu  int64
}

func newClock() *clock { return &clock{cpu: processorNs(), wall: time.Now()} }

// elapsed has the processor's time of all threads of this process, the garbage collector's too.
func (c *clock) elapsed() fields {
	wall := time.Since(c.wall)
	return fields{"wall_ns": wall.Nanoseconds(), "cpu_ns": processorNs() - c.cpu}
}

func (c *clock) lapNs() int64 {
	lap := time.Since(c.wall)
	c.wall = time.Now()
	return lap.Nanoseconds()
}

func processorNs() int64 {
	var usage syscall.Rusage
	// It fails only where the system has no such clock, and then there is nothing to tell.
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}
