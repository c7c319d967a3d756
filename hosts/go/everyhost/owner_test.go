package everyhost

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"

	"everyhost/hosts/go/tests/wasmtest"
)

// One owner: a second goroutine, a call within a call, and what is left of a signer that nobody closed.

// An interrupted function has something else run before it.
type interrupted struct {
	api.Function
	then func()
}

func (f interrupted) Call(ctx context.Context, arguments ...uint64) ([]uint64, error) {
	f.then()
	return f.Function.Call(ctx, arguments...)
}

// halfway runs something in the middle of the next call of the module.
func halfway(t *testing.T, s *Signer, then func()) {
	t.Helper()
	s.guest.functions["allocate_message"] = interrupted{s.guest.instance.ExportedFunction("allocate_message"), then}
}

func TestAnotherCallIsTurnedAwayAtOnce(t *testing.T) {
	for name, call := range faultyCalls {
		for _, elsewhere := range []bool{false, true} {
			s := testSigner(t)
			var ended string
			halfway(t, s, func() {
				if !elsewhere {
					ended = ending(func() error { return call(s) })
					return
				}
				done := make(chan bool)
				go func() {
					ended = ending(func() error { return call(s) })
					close(done)
				}()
				<-done
			})
			expect(t, bytes.Equal(must[[]byte](t)(s.Sign(hello)), helloSignature), "%s disturbs the call in progress", name)
			expect(t, ended == "IN_USE", "%s: %s", name, ended)
			delete(s.guest.functions, "allocate_message")
			expect(t, bytes.Equal(must[[]byte](t)(s.Sign(hello)), helloSignature) && bytes.Equal(must[[]byte](t)(s.PublicKey()), publicKey), "%s, which was turned away, changed something", name)
		}
	}
	s := testSigner(t)
	halfway(t, s, func() {
		want(t, fmt.Sprint(s), "Signer(in use)", "its text")
		expect(t, s.BatchModule() == -1 && s.CryptoSigner().Public() == nil, "it answers what it cannot know")
	})
	_ = must[[]byte](t)(s.Sign(hello))
}

func TestAnAdderTurnsAwayToo(t *testing.T) {
	adder := must[*Adder](t)(NewAdder(builtModule(t, "add-raw")))
	for _, call := range []func() error{
		func() error { _, err := adder.Add(1, 1); return err },
		func() error { _, err := adder.Divide(1, 1); return err },
		adder.Close,
	} {
		noError(t, adder.enter())
		wantCode(t, call(), InUse)
		adder.leave()
	}
	want(t, must[int32](t)(adder.Add(2, 3)), 5, "2 + 3")
	_ = adder.Close()
}

// Without the guard this ends the program within a second. EVERYHOST_THREADS_SECONDS says for how long they fight.
func TestGoroutinesGetRightSignaturesOrTheError(t *testing.T) {
	seconds := 1.0
	if text := os.Getenv("EVERYHOST_THREADS_SECONDS"); text != "" {
		var err error
		if seconds, err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatal(err)
		}
	}
	until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	s := must[*Signer](t)(NewSigner(builtModule(t, "signer-raw"), keypair, WithBatchModules(builtModule(t, "signer-lanes"))))
	defer func() { _ = s.Close() }()
	var messages, expected [][]byte
	for n := range 4 {
		messages = append(messages, bytes.Repeat([]byte{byte(n)}, 50*n+1))
		expected = append(expected, oracleSign(seed, messages[n]))
	}
	calls := []func(n int) (bool, error){
		func(n int) (bool, error) { got, err := s.Sign(messages[n]); return bytes.Equal(got, expected[n]), err },
		func(int) (bool, error) {
			got, err := s.SignMany(messages)
			return bytes.Equal(bytes.Join(got, nil), bytes.Join(expected, nil)), err
		},
		func(n int) (bool, error) {
			got, err := s.SignWith(keypair, messages[n])
			return bytes.Equal(got, expected[n]), err
		},
		func(n int) (bool, error) { return s.VerifyStrict(publicKey, messages[n], expected[n]) },
		func(int) (bool, error) { got, err := s.DerivePublicKey(seed); return bytes.Equal(got, publicKey), err },
		func(int) (bool, error) { got, err := s.PublicKey(); return bytes.Equal(got, publicKey), err },
		func(int) (bool, error) { return true, s.LoadKey(keypair) },
		func(int) (bool, error) { return s.BatchModule() <= 0, nil },
	}
	endings := make(map[string]int)
	var all sync.Mutex
	var goroutines sync.WaitGroup
	for n := range messages {
		goroutines.Go(func() {
			mine := make(map[string]int)
			for time.Now().Before(until) {
				for _, call := range calls {
					var right bool
					ended := ending(func() (err error) { right, err = call(n); return err })
					if ended == "ok" && !right {
						ended = "wrong"
					}
					mine[ended]++
				}
			}
			all.Lock()
			defer all.Unlock()
			for ended, count := range mine {
				endings[ended] += count
			}
		})
	}
	goroutines.Wait()
	t.Logf("%g s of %d goroutines on one signer: %v", seconds, len(messages), endings)
	expect(t, len(endings) == 2 && endings["ok"] != 0 && endings["IN_USE"] != 0, "they end in %v", endings)
}

func TestASignerThatIsDroppedClearsItsKey(t *testing.T) {
	s := must[*Signer](t)(NewSigner(builtModule(t, "signer-raw"), keypair, WithBatchModules(builtModule(t, "signer-raw-simd"))))
	_ = must[[][]byte](t)(s.SignMany(secretMessages))
	batch := s.batch.made
	copies := []*[KeypairLen]byte{s.held, batch.held}
	memories := [][]byte{s.guest.everything(), batch.guest.everything()}
	for n := range copies {
		if !bytes.Equal(copies[n][:], keypair) || len(foundIn(memories[n], seed)) == 0 {
			t.Fatal("there is no key to clear: the test shows nothing")
		}
	}
	s, batch = nil, nil
	isClear := func() bool {
		for n := range copies {
			if *copies[n] != [KeypairLen]byte{} || len(foundIn(memories[n], seed)) > 0 {
				return false
			}
		}
		return true
	}
	for until := time.Now().Add(30 * time.Second); !isClear(); time.Sleep(10 * time.Millisecond) {
		if runtime.GC(); time.Now().After(until) {
			t.Fatal("the key is left")
		}
	}
}

func TestAfterItsModuleWasClosedASignerIsNotRun(t *testing.T) {
	module := compiled(t, wasmtest.FakeSigner(nil))
	s := must[*Signer](t)(NewSigner(module, keypair))
	held := s.held
	noError(t, module.Close(t.Context()))
	wantCode(t, errOf(s.Sign(hello)), Trapped)
	wantCode(t, errOf(s.Sign(hello)), Closed)
	expect(t, *held == [KeypairLen]byte{}, "the key is left")
}

func TestAZeroSignerIsClosed(t *testing.T) {
	s := new(Signer)
	for name, call := range faultyCalls {
		ended := ending(func() error { return call(s) })
		expect(t, ended == "CLOSED" || name == "Close", "%s: %s", name, ended)
	}
	expect(t, s.String() == "Signer(closed)" && s.BatchModule() == -1 && s.CryptoSigner().Public() == nil, "it is %v", s)
	wantCode(t, errOf(new(Adder).Add(1, 1)), Closed)
}
