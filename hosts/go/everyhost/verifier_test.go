package everyhost

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"everyhost/hosts/go/tests/wasmtest"
)

// Many signatures at once: verdicts as of the single check, which module gives them, and what becomes of its traps.

var (
	right = Signed{publicKey, hello, helloSignature}
	wrong = Signed{publicKey, []byte("you"), helloSignature}
	// Of order 1, and with it a signature of anything; then encodings that are no points, or have another, too.
	identity = append([]byte{1}, make([]byte, 31)...)
	noPoint  = append([]byte{2}, make([]byte, 31)...)
	oddKeys  = [][]byte{identity, noPoint, make([]byte, 32), bytes.Repeat([]byte{0xff}, 32), unhex("ed" + strings.Repeat("ff", 30) + "7f")}
)

func fakeVerifier(t testing.TB, bodies map[string][]byte) *Module {
	t.Helper()
	return compiled(t, wasmtest.FakeVerifier(bodies))
}

func verifierOf(t testing.TB, modules ...*Module) *Verifier {
	t.Helper()
	v := must[*Verifier](t)(NewVerifier(modules...))
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func verifyingModules(t *testing.T) []*Module {
	t.Helper()
	return []*Module{builtModule(t, "verifier-lanes"), builtModule(t, "signer-raw")}
}

func wantVerdicts(t *testing.T, v *Verifier, items []Signed, verdicts ...bool) {
	t.Helper()
	got := must[[]bool](t)(v.VerifyMany(items))
	expect(t, slices.Equal(got, verdicts), "the verdicts are %v, not %v", got, verdicts)
}

// someSigned are right, or spoilt in one place.
func someSigned(random *rand.Rand) []Signed {
	items := make([]Signed, random.IntN(40))
	for n := range items {
		key := oracle(bytes.Repeat([]byte{byte(random.IntN(20))}, SeedLen))
		message := bytes.Repeat([]byte{byte(random.Uint32())}, 1+random.IntN(200))
		parts := [][]byte{bytes.Clone(key[SeedLen:]), message, oracleSign(key, message)}
		switch random.IntN(8) {
		case 0, 1, 2, 3:
			flip(parts[random.IntN(3)], uint16(random.Uint32()))
		case 4:
			parts[0] = oddKeys[random.IntN(len(oddKeys))]
			parts[2] = append(bytes.Clone(oddKeys[random.IntN(len(oddKeys))]), make([]byte, 32)...)
		}
		items[n] = Signed{parts[0], parts[1], parts[2]}
	}
	return items
}

func TestEachVerdictIsThatOfTheSingleCheck(t *testing.T) {
	single := must[*Signer](t)(NewSignerWithoutKey(builtModule(t, "signer-raw")))
	defer func() { _ = single.Close() }()
	random := rand.New(rand.NewPCG(17, 1))
	verifiers := []*Verifier{verifierOf(t, builtModule(t, "verifier-lanes")), verifierOf(t, builtModule(t, "signer-raw"))}
	var seen [2]int
	for range 50 {
		items := someSigned(random)
		for _, v := range verifiers {
			all, strict := must[[]bool](t)(v.VerifyMany(items)), must[[]bool](t)(v.VerifyManyStrict(items))
			expect(t, len(all) == len(items) && len(strict) == len(items), "%d items have %d verdicts, and %d", len(items), len(all), len(strict))
			for n, item := range items {
				want(t, all[n], must[bool](t)(single.Verify(item.PublicKey, item.Message, item.Signature)), fmt.Sprintf("%x", item))
				want(t, strict[n], must[bool](t)(single.VerifyStrict(item.PublicKey, item.Message, item.Signature)), fmt.Sprintf("%x", item))
				if all[n] {
					seen[0]++
				} else {
					seen[1]++
				}
			}
		}
	}
	expect(t, seen[0] > 100 && seen[1] > 100, "%d are right and %d wrong: the test shows little", seen[0], seen[1])
}

func TestStrictIsStricter(t *testing.T) {
	items := []Signed{{identity, []byte("anything"), append(bytes.Clone(identity), make([]byte, 32)...)}, right}
	for _, module := range verifyingModules(t) {
		v := verifierOf(t, module)
		wantVerdicts(t, v, items, true, true)
		strict := must[[]bool](t)(v.VerifyManyStrict(items))
		expect(t, slices.Equal(strict, []bool{false, true}), "the strict verdicts are %v", strict)
	}
}

func TestMoreThanABatchIsSplit(t *testing.T) {
	v := verifierOf(t, builtModule(t, "verifier-lanes"))
	items := slices.Repeat([]Signed{right}, MaxBatchCount+4)
	spoilt := []int{0, MaxBatchCount - 1, MaxBatchCount, MaxBatchCount + 3}
	for _, n := range spoilt {
		items[n] = wrong
	}
	for n, verdict := range must[[]bool](t)(v.VerifyMany(items)) {
		expect(t, verdict != slices.Contains(spoilt, n), "item %d: %t", n, verdict)
	}
	large := make([]byte, 9*mib)
	item := Signed{publicKey, large, oracleSign(seed, large)}
	wantVerdicts(t, v, []Signed{item, right, item, wrong, item}, true, true, true, false, true)
}

func TestLengthsOfWhatIsVerified(t *testing.T) {
	largest := make([]byte, 16*mib+1)
	for _, module := range verifyingModules(t) {
		v := verifierOf(t, module)
		wantVerdicts(t, v, nil)
		item := Signed{publicKey, largest[1:], oracleSign(seed, largest[1:])}
		wantVerdicts(t, v, []Signed{right, item}, true, true)
		for _, length := range []int{0, 63, 65} {
			signature := append(bytes.Clone(helloSignature), 0)[:length]
			wantVerdicts(t, v, []Signed{{publicKey, hello, signature}, right}, false, true)
		}
		_, err := v.VerifyMany([]Signed{right, {publicKey[1:], largest, nil}, {}})
		wantCode(t, err, PublicKeyLength)
		expect(t, strings.Contains(err.Error(), "item 1 has one of 31 bytes"), "%v", err)
		_, err = v.VerifyManyStrict([]Signed{right, right, {publicKey, largest, nil}, {}})
		wantCode(t, err, MessageTooLarge)
		expect(t, strings.Contains(err.Error(), "item 2 has one of 16777217 bytes"), "%v", err)
		wantCode(t, errOf(v.Hold(nil)), PublicKeyLength)
	}
}

func TestTheFirstModuleThatCanBeUsedVerifies(t *testing.T) {
	failing := fakeVerifier(t, map[string][]byte{"verify_batch": wasmtest.I32Const(8)})
	for _, over := range [][]*Module{nil, {nil}, {failing}, {nil, failing}} {
		for _, module := range verifyingModules(t) {
			v := verifierOf(t, append(slices.Clone(over), module, fakeVerifier(t, nil))...)
			want(t, v.ModuleIndex(), len(over), "the module that is used")
			wantVerdicts(t, v, []Signed{right, wrong}, true, false)
		}
	}
}

func TestWhereNoModuleCanBeUsedTheErrorIsOfTheLast(t *testing.T) {
	failing := fakeVerifier(t, map[string][]byte{"verify_batch": wasmtest.I32Const(8)})
	trapping := fakeVerifier(t, map[string][]byte{"verifier_abi_version": wasmtest.Unreachable})
	for _, one := range []struct {
		modules []*Module
		says    string
	}{
		{[]*Module{nil, failing}, "SELF_TEST_FAILED"},
		{[]*Module{failing, nil}, "wazero cannot compile"},
		{[]*Module{builtModule(t, "add-raw"), fakeVerifier(t, nil)}, "NO_EXPORT"},
		{[]*Module{builtModule(t, "signer-lanes")}, "NO_EXPORT"},
		{[]*Module{trapping}, "TRAPPED"},
		{[]*Module{fakeVerifier(t, map[string][]byte{"verifier_abi_version": wasmtest.I32Const(2)})}, "ABI has version 2"},
	} {
		v, err := NewVerifier(one.modules...)
		expect(t, v == nil && err != nil && strings.Contains(err.Error(), one.says), "%v, not %s", err, one.says)
	}
	expect(t, errOf(NewVerifier()) != nil, "there is a verifier without a module")
}

func TestAKeyMayBeHeldFromNowOn(t *testing.T) {
	for _, module := range verifyingModules(t) {
		v := verifierOf(t, module)
		holds := module.IsVerifier()
		want(t, must[bool](t)(v.Hold(publicKey)), holds, "it is held")
		want(t, must[bool](t)(v.Hold(noPoint)), false, "what is no point is held")
		items := []Signed{right, wrong}
		verdicts := []bool{true, false}
		for n := range 20 { // more than it can hold at once
			key := oracle(bytes.Repeat([]byte{byte(n)}, SeedLen))
			want(t, must[bool](t)(v.Hold(key[SeedLen:])), holds, "it is held")
			items = append(items, Signed{key[SeedLen:], hello, oracleSign(key, hello)})
			verdicts = append(verdicts, true)
		}
		wantVerdicts(t, v, items, verdicts...)
	}
}

func TestAfterATrapThereIsANewInstanceOrAnotherModule(t *testing.T) {
	strict := func(v *Verifier) error { return errOf(v.VerifyManyStrict([]Signed{right})) }
	for _, one := range []struct {
		module, broken *Module
		trap           func(*Verifier) error
	}{
		{fakeVerifier(t, map[string][]byte{"verify_batch_strict": wasmtest.Unreachable}), fakeVerifier(t, map[string][]byte{"verifier_abi_version": wasmtest.Unreachable}), strict},
		{fakeVerifier(t, map[string][]byte{"hold_key": wasmtest.Unreachable}), fakeVerifier(t, map[string][]byte{"verifier_abi_version": wasmtest.Unreachable}), func(v *Verifier) error { return errOf(v.Hold(publicKey)) }},
		{fakeSigner(t, map[string][]byte{"verify_strict": wasmtest.Unreachable}), fakeSigner(t, map[string][]byte{"abi_version": wasmtest.Unreachable}), strict},
	} {
		v, alone := verifierOf(t, one.module, builtModule(t, "signer-raw")), verifierOf(t, one.module)
		for _, v := range []*Verifier{v, alone} {
			for range 3 {
				wantVerdicts(t, v, []Signed{right, wrong}, true, true) // as the fake one says
				wantTrap(t, one.trap(v))
				want(t, v.ModuleIndex(), 0, "the module that is used")
			}
			switch e := v.modules.made.(type) {
			case *byBatch:
				e.module = one.broken
			case oneByOne:
				e.module = one.broken
			}
			wantTrap(t, one.trap(v))
			want(t, v.ModuleIndex(), -1, "the module that is used")
		}
		wantVerdicts(t, v, []Signed{right, wrong}, true, false)
		want(t, v.ModuleIndex(), 1, "the module that is used")
		wantCode(t, errOf(alone.VerifyMany(nil)), Closed)
	}
}

func TestAVerifierThatBreaksItsContractIsNotBelieved(t *testing.T) {
	for export, says := range map[string]string{"get_verdicts_ptr": "there are no verdicts", "verify_batch": "unknown status 99"} {
		body := map[string][]byte{"get_verdicts_ptr": wasmtest.I32Const(0), "verify_batch": wasmtest.I32Const(99)}[export]
		_, err := NewVerifier(fakeVerifier(t, map[string][]byte{export: body}))
		expect(t, err != nil && strings.Contains(err.Error(), says), "%v, not %s", err, says)
	}
	v := verifierOf(t, fakeVerifier(t, map[string][]byte{"get_verdicts_ptr": wasmtest.I32Const(1024)}))
	wantVerdicts(t, v, []Signed{right}, false) // what is neither 0 nor 1 is not right
	v = verifierOf(t, fakeVerifier(t, map[string][]byte{"allocate_verify_batch": wasmtest.I32Const(0), "verify_batch": wasmtest.I32Const(0), "verify_batch_strict": wasmtest.I32Const(6)}))
	wantCode(t, errOf(v.VerifyManyStrict([]Signed{right})), OutOfMemory)
	v = verifierOf(t, fakeVerifier(t, map[string][]byte{"get_verdicts_ptr": wasmtest.I32Const(pageLen - 1)}))
	_, err := v.VerifyMany([]Signed{right, right})
	expect(t, err != nil && strings.Contains(err.Error(), "2 bytes at 65535"), "%v", err)
}

func TestAVerifierHasOneOwner(t *testing.T) {
	v := verifierOf(t, builtModule(t, "verifier-lanes"))
	noError(t, v.enter())
	for _, call := range []func() error{
		func() error { return errOf(v.VerifyMany([]Signed{right})) },
		func() error { return errOf(v.VerifyManyStrict(nil)) },
		func() error { return errOf(v.Hold(publicKey)) },
		v.Close,
	} {
		wantCode(t, call(), InUse)
	}
	v.leave()
	wantVerdicts(t, v, []Signed{right, wrong}, true, false)
}

func TestAClosedVerifierRefusesEverythingButClosing(t *testing.T) {
	for _, module := range verifyingModules(t) {
		for _, hasVerified := range []bool{false, true} {
			v := verifierOf(t, module)
			if hasVerified {
				wantVerdicts(t, v, []Signed{right}, true)
			}
			noError(t, v.Close())
			noError(t, v.Close())
			wantCode(t, errOf(v.VerifyMany(nil)), Closed)
			wantCode(t, errOf(v.VerifyManyStrict([]Signed{{}})), Closed)
			wantCode(t, errOf(v.Hold(nil)), Closed)
			want(t, v.ModuleIndex(), -1, "the module that is used")
		}
	}
}

func TestAVerifierThatIsDroppedGivesItsInstanceBack(t *testing.T) {
	v := must[*Verifier](t)(NewVerifier(builtModule(t, "verifier-lanes")))
	wantVerdicts(t, v, []Signed{right}, true)
	instance := v.modules.made.(*byBatch).guest.instance
	v = nil
	for range 100 {
		if runtime.GC(); instance.IsClosed() {
			return
		}
		runtime.Gosched()
	}
	t.Error("its instance is open")
}

func TestAPanicEndsAVerifier(t *testing.T) {
	v := verifierOf(t, builtModule(t, "verifier-lanes"))
	ended := ending(func() error { return v.use(func(engine) error { panic("halfway") }) })
	want(t, ended, "panic", "it ends in")
	wantCode(t, errOf(v.VerifyMany(nil)), Closed)
}

// What a signature costs by the number of keys. go test -bench Verify ./everyhost
func BenchmarkVerifyMany(b *testing.B) {
	for _, name := range []string{"verifier-lanes", "signer-raw"} {
		for _, keys := range []int{1, 16, 1000} {
			items := make([]Signed, 1000)
			for n := range items {
				key := oracle(append(make([]byte, SeedLen-2), byte(n%keys>>8), byte(n%keys)))
				message := fmt.Appendf(nil, "hello%d", n)
				items[n] = Signed{key[SeedLen:], message, oracleSign(key, message)}
			}
			b.Run(fmt.Sprintf("%s_%d", name, keys), func(b *testing.B) {
				v := verifierOf(b, builtModule(b, name))
				for b.Loop() {
					_ = must[[]bool](b)(v.VerifyMany(items))
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(items)), "µs/signature")
			})
		}
	}
}
