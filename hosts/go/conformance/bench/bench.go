package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"slices"
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
	signed      map[int][]everyhost.Signed // by the number of issuers
	wasm        map[string][]byte
	modules     map[string]*everyhost.Module
	contestants []contestant
	missing     []fields
}

// A contestant signs the messages or verifies the signatures of one call. Without batches that is all of them, in a loop.
type contestant struct {
	ID      string `json:"id"`
	Version string `json:"version,omitempty"`
	batches bool
	// One of them is nil.
	signAll   signAll
	verifyAll verifyAll
}

type (
	signAll   = func(messages [][]byte) ([][]byte, error)
	verifyAll = func(items []everyhost.Signed) ([]bool, error)
)

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
		signed:  make(map[int][]everyhost.Signed),
	}
	for n := range task.Messages {
		b.messages = append(b.messages, fmt.Appendf(nil, "hello%d", n))
	}
	for _, set := range task.Signed {
		b.signed[set.Issuers] = b.itemsOf(set)
	}
	for name, path := range task.Modules {
		b.wasm[name] = must(os.ReadFile(path))
	}
	for _, order := range task.Signers {
		entered, err := attempt(func() contestant { return b.throughWrapper(order) })
		if err != nil {
			b.missing = append(b.missing, fields{"id": order.ID, "why": err.Error()})
			continue
		}
		b.contestants = append(b.contestants, entered)
	}
	key := ed25519.NewKeyFromSeed(keypair[:everyhost.SeedLen])
	b.contestants = append(b.contestants, contestant{
		ID:      "go-crypto",
		Version: runtime.Version(),
		signAll: oneByOne(func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil }),
	}, contestant{
		ID:      "verify-go-crypto",
		Version: runtime.Version(),
		verifyAll: oneByOne(func(item everyhost.Signed) (bool, error) {
			return ed25519.Verify(item.PublicKey, item.Message, item.Signature), nil
		}),
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

func (b *bench) itemsOf(set signedSet) []everyhost.Signed {
	keys := must(hex.DecodeString(set.PublicKeys))
	signatures := must(hex.DecodeString(set.Signatures))
	var items []everyhost.Signed
	for signature := range slices.Chunk(signatures, everyhost.SignatureLen) {
		n := len(items)
		key := keys[n%set.Issuers*everyhost.PublicKeyLen:][:everyhost.PublicKeyLen]
		items = append(items, everyhost.Signed{PublicKey: key, Message: b.messages[n], Signature: signature})
	}
	return items
}

func (b *bench) sign(turn turn) fields {
	who := b.contestant(turn)
	answer, signatures := take(turn, who.batches, b.messages, who.signAll)
	answer["signatures"] = hex.EncodeToString(bytes.Join(signatures, nil))
	return answer
}

func (b *bench) verify(turn turn, issuers int) fields {
	who := b.contestant(turn)
	answer, verdicts := take(turn, who.batches, b.signed[issuers], who.verifyAll)
	written := make([]byte, len(verdicts))
	for n, isRight := range verdicts {
		if isRight {
			written[n] = 1
		}
	}
	answer["verdicts"] = hex.EncodeToString(written)
	return answer
}

func (b *bench) contestant(turn turn) contestant {
	for _, who := range b.contestants {
		if who.ID == turn.Contestant {
			return who
		}
	}
	fail("no such turn: %+v", turn)
	return contestant{}
}

// take has work do a turn, call by call; after the last of all comes the first again.
func take[T, R any](turn turn, batches bool, all []T, work func([]T) ([]R, error)) (fields, []R) {
	if work == nil || len(all) == 0 || turn.Count < 1 || turn.ACall < 1 {
		fail("no such turn: %+v", turn)
	}
	aCall := turn.Count
	if batches {
		aCall = turn.ACall
	}
	items := make([]T, turn.Count)
	for n := range items {
		items[n] = all[(turn.First+n)%len(all)]
	}
	results := make([]R, 0, turn.Count)
	clock := newClock()
	for call := range slices.Chunk(items, aCall) {
		results = append(results, must(work(call))...)
	}
	return clock.elapsed(), results
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
func (b *bench) throughWrapper(order order) contestant {
	if order.Use == "verify" {
		verifier := must(everyhost.NewVerifier(b.module(order.Module)))
		return contestant{ID: order.ID, batches: true, verifyAll: verifier.VerifyMany}
	}
	signer := must(everyhost.NewSigner(b.module(order.Module), b.keypair))
	switch order.Use {
	case "one-shot":
		signWith := func(message []byte) ([]byte, error) { return signer.SignWith(b.keypair, message) }
		return contestant{ID: order.ID, signAll: oneByOne(signWith)}
	case "held":
		return contestant{ID: order.ID, signAll: oneByOne(signer.Sign)}
	case "batch":
		return contestant{ID: order.ID, batches: true, signAll: signer.SignMany}
	}
	fail("no such use of a signer: %q", order.Use)
	return contestant{}
}

func (b *bench) module(name string) *everyhost.Module {
	if b.modules[name] == nil {
		b.modules[name] = must(everyhost.CompileWithConfig(context.Background(), b.wasm[name], b.config))
	}
	return b.modules[name]
}

func oneByOne[T, R any](work func(T) (R, error)) func([]T) ([]R, error) {
	return func(items []T) ([]R, error) {
		results := make([]R, 0, len(items))
		for _, item := range items {
			result, err := work(item)
			if err != nil {
				return nil, err
			}
			results = append(results, result)
		}
		return results, nil
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
