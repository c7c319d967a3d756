package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"everyhost/hosts/go/internal/wasmtest"
)

func hexOf(data []byte) string { return hex.EncodeToString(data) }

func call(export string, args ...any) obj {
	step := obj{"do": "call", "export": export}
	if len(args) > 0 {
		step["args"] = args
	}
	return step
}

func named(step obj, name string) obj {
	step["as"] = name
	return step
}

func i32(n int) obj { return obj{"i32": n} }

func results(values ...any) obj {
	if values == nil {
		values = list{}
	}
	return ok(obj{"results": values})
}

// both asks the module's raw on both engines.
func both(t *testing.T, module wasmtest.Module, op string, in obj, answer obj) {
	t.Helper()
	path := written(t, module)
	for _, interpreter := range []bool{false, true} {
		a := asked(t, interpreter, map[string]string{"m": path})
		want(t, ask(t, a, "m", op, in), answer)
	}
}

func TestAValueComesBackBitForBit(t *testing.T) {
	types := map[string]byte{"i32": wasmtest.I32, "i64": wasmtest.I64, "f32": wasmtest.F32, "f64": wasmtest.F64}
	module := wasmtest.Module{}
	for name, valueType := range types {
		module.Functions = append(module.Functions, wasmtest.Function{
			Name: name, Params: []byte{valueType}, Results: []byte{valueType}, Body: wasmtest.LocalGet(0),
		})
	}
	var asked, answers list
	for _, value := range []obj{
		i32(0), i32(-1), i32(-2147483648), i32(2147483647),
		{"i64": "-1"}, {"i64": "9223372036854775807"}, {"i64": "-9223372036854775808"},
		{"f32": "3f800000"}, {"f32": "80000000"}, {"f32": "7fc00000"}, {"f32": "ffffffff"},
		{"f32": "7fa00001"}, // a signalling NaN, which a trip through a double would change
		{"f64": "3ff0000000000000"}, {"f64": "8000000000000000"}, {"f64": "fff8000000000000"},
		{"f64": "7ff4000000000001"}, // signalling too
	} {
		for name := range value {
			asked, answers = append(asked, call(name, value)), append(answers, results(value))
		}
	}
	both(t, module, "raw", obj{"steps": asked}, steps(answers...))
}

func TestSeveralResultsKeepTheirOrderAndTypes(t *testing.T) {
	module := wasmtest.Module{Functions: []wasmtest.Function{{
		Name:   "swap",
		Params: []byte{wasmtest.F32, wasmtest.I32, wasmtest.F64, wasmtest.I64}, Results: []byte{wasmtest.I64, wasmtest.F64, wasmtest.I32, wasmtest.F32},
		Body: wasmtest.Code(wasmtest.LocalGet(3), wasmtest.LocalGet(2), wasmtest.LocalGet(1), wasmtest.LocalGet(0)),
	}}}
	a, b, c, d := obj{"f32": "7fa00001"}, i32(-5), obj{"f64": "7ff4000000000001"}, obj{"i64": "-6"}
	both(t, module, "raw", obj{"steps": list{call("swap", a, b, c, d)}}, steps(results(d, c, b, a)))
}

func TestATrapIsTheLastAnswer(t *testing.T) {
	both(t, wasmtest.Probe(), "raw",
		obj{"steps": list{call("fine"), obj{"do": "pages"}, call("boom"), obj{"do": "pages"}}},
		steps(results(), ok(obj{"pages": 1}), trap))
}

func TestANamedResultIsAPointerWithAnOffsetModulo2To32(t *testing.T) {
	module := wasmtest.Module{MinPages: 1, Functions: []wasmtest.Function{
		{Name: "low", Results: []byte{wasmtest.I32}, Body: wasmtest.I32Const(16)},
		{Name: "high", Results: []byte{wasmtest.I32}, Body: wasmtest.I32Const(-8)},
		{Name: "same", Params: []byte{wasmtest.I32}, Results: []byte{wasmtest.I32}, Body: wasmtest.LocalGet(0)},
	}}
	both(t, module, "raw", obj{"steps": list{
		named(call("low"), "low"),
		obj{"do": "write", "ptr": obj{"var": "low", "plus": 4}, "bytes": obj{"repeat": "ab", "times": 3}},
		obj{"do": "read", "ptr": i32(16), "len": 8},
		named(call("high"), "high"),
		call("same", obj{"var": "high", "plus": 24}),
		obj{"do": "read", "ptr": obj{"var": "high", "plus": 28}, "len": 3},
		call("same", obj{"var": "low", "plus": -20}),
		obj{"do": "read", "ptr": obj{"var": "high"}, "len": 1},
	}}, steps(
		results(i32(16)), ok(obj{}), ok(obj{"bytes": "00000000ababab00"}), results(i32(-8)),
		results(i32(16)), ok(obj{"bytes": "ababab"}), results(i32(-4)), refused("OUT_OF_BOUNDS"),
	))
}

func TestOutOfBoundsWritesNothing(t *testing.T) {
	both(t, wasmtest.Module{MinPages: 1, MemoryName: "another name"}, "raw", obj{"steps": list{
		obj{"do": "write", "ptr": i32(65533), "bytes": "01020304"},
		obj{"do": "read", "ptr": i32(65532), "len": 4},
		obj{"do": "read", "ptr": i32(65533), "len": 4},
		obj{"do": "read", "ptr": i32(65536), "len": 0},
		obj{"do": "read", "ptr": i32(-1), "len": 0},
		obj{"do": "read", "ptr": i32(1), "len": 1<<32 - 1},
		obj{"do": "write", "ptr": i32(65537), "bytes": ""},
	}}, steps(
		refused("OUT_OF_BOUNDS"), ok(obj{"bytes": "00000000"}), refused("OUT_OF_BOUNDS"),
		ok(obj{"bytes": ""}), refused("OUT_OF_BOUNDS"), refused("OUT_OF_BOUNDS"), refused("OUT_OF_BOUNDS"),
	))
}

func TestAPointerOver2GiBIsUnsigned(t *testing.T) {
	module := wasmtest.Probe()
	module.MinPages, module.MaxPages, module.Data = 32769, 0, nil
	both(t, module, "raw", obj{"steps": list{
		obj{"do": "write", "ptr": i32(-2147483648), "bytes": "01020304"},
		call("load", i32(-2147483648)),
		obj{"do": "read", "ptr": i32(-2147483648), "len": 4},
		obj{"do": "read", "ptr": i32(-1), "len": 1},
	}}, steps(ok(obj{}), results(i32(0x04030201)), ok(obj{"bytes": "01020304"}), refused("OUT_OF_BOUNDS")))
}

func TestMemoryGrowsOver2GiB(t *testing.T) {
	module := wasmtest.Probe()
	module.MaxPages = 0
	both(t, module, "raw", obj{"steps": list{
		call("grow", i32(32769)),
		call("load", i32(0)),
		call("store", i32(-2147483648), i32(5)),
		obj{"do": "read", "ptr": i32(-2147483648), "len": 4},
		obj{"do": "pages"},
	}}, steps(results(i32(1)), results(i32(0x04030201)), results(), ok(obj{"bytes": "05000000"}), ok(obj{"pages": 32770})))
}

func TestWhatIsNoExportedFunctionIsNoExport(t *testing.T) {
	both(t, wasmtest.Probe(), "raw", obj{"steps": list{call("memory"), call("nothing"), call("fine")}},
		steps(refused("NO_EXPORT"), refused("NO_EXPORT"), results()))
}

func TestAStartFunctionRunsAndAFunctionNamedStartDoesNot(t *testing.T) {
	module := wasmtest.Module{
		MinPages: 1, Start: "begin",
		Functions: []wasmtest.Function{
			{Name: "begin", Body: wasmtest.Code(wasmtest.I32Const(0), wasmtest.I32Const(7), wasmtest.I32Store)},
			{Name: "_start", Body: wasmtest.Code(wasmtest.I32Const(0), wasmtest.I32Const(9), wasmtest.I32Store)},
		},
	}
	read := obj{"do": "read", "ptr": i32(0), "len": 1}
	both(t, module, "raw", obj{"steps": list{read, call("_start"), read}},
		steps(ok(obj{"bytes": "07"}), results(), ok(obj{"bytes": "09"})))
	module.Functions[0].Body = wasmtest.Unreachable
	both(t, module, "raw", obj{"steps": list{read}}, refused("NO_INSTANCE"))
}

func TestEachRunHasAnInstanceOfItsOwn(t *testing.T) {
	a := asked(t, false, map[string]string{"m": written(t, wasmtest.Probe())})
	for range 2 {
		in := obj{"steps": list{call("load", i32(0)), call("store", i32(0), i32(5)), call("grow", i32(1)), call("load", i32(0))}}
		want(t, ask(t, a, "m", "raw", in), steps(results(i32(0x04030201)), results(), results(i32(1)), results(i32(5))))
	}
}

// What an instance may want that it does not get: with every operation, and nothing is left of it.
func TestAnInstanceThatCannotBeMadeIsAnAnswer(t *testing.T) {
	start := wasmtest.Module{Start: "begin", Functions: []wasmtest.Function{{Name: "begin", Body: wasmtest.Unreachable}}}
	endless := wasmtest.Module{Start: "begin", Functions: []wasmtest.Function{{Name: "begin", Body: wasmtest.Call(0)}}}
	data := wasmtest.Module{MinPages: 1, Data: make([]byte, pageLen+1)}
	for _, module := range []wasmtest.Module{start, endless, data} {
		for op, in := range map[string]obj{
			"raw": {}, "raw_memory_limit": {"max_pages": 1}, "raw_deadline": {"deadline_ms": 60_000},
			"raw_module": {"wasm": hexOf(module.Bytes())},
		} {
			in["steps"] = list{}
			both(t, module, op, in, refused("NO_INSTANCE"))
		}
	}
}

func TestADeadlineIsForTheStartFunctionToo(t *testing.T) {
	module := wasmtest.Module{Start: "begin", Functions: []wasmtest.Function{{Name: "begin", Body: wasmtest.Forever}}}
	both(t, module, "raw_deadline", obj{"deadline_ms": 50, "steps": list{}}, refused("NO_INSTANCE"))
}

func TestNoStepsAreNoAnswers(t *testing.T) {
	both(t, wasmtest.Probe(), "raw", obj{"steps": list{}}, steps())
}

// Nothing is called, and the next step is done.
func TestNoValueBecomesOneOfAnotherType(t *testing.T) {
	values := map[byte]obj{
		wasmtest.I32: i32(1), wasmtest.I64: {"i64": "1"}, wasmtest.F32: {"f32": "3f800000"}, wasmtest.F64: {"f64": "3ff0000000000000"},
	}
	mismatch := refused("TYPE_MISMATCH")
	for wanted, right := range values {
		module := wasmtest.Module{Functions: []wasmtest.Function{
			{Name: "one", Params: []byte{wanted}, Body: wasmtest.Unreachable},
			{Name: "fine", Results: []byte{wasmtest.I32}, Body: wasmtest.I32Const(7)},
		}}
		asked, answers := list{call("one"), call("one", right, right)}, list{mismatch, mismatch}
		for given, value := range values {
			if given != wanted {
				asked, answers = append(asked, call("one", value)), append(answers, mismatch)
			}
		}
		asked, answers = append(asked, named(call("fine"), "seven"), call("one", obj{"var": "seven"})), append(answers, results(i32(7)))
		if wanted == wasmtest.I32 {
			answers = append(answers, trap)
		} else {
			answers = append(answers, mismatch)
		}
		both(t, module, "raw", obj{"steps": asked}, steps(answers...))
	}
}

func TestTypesThatHaveNoFormAreMismatches(t *testing.T) {
	module := wasmtest.Module{Functions: []wasmtest.Function{
		{Name: "none"},
		{Name: "long", Results: []byte{wasmtest.I64, wasmtest.I32}, Body: wasmtest.Unreachable},
		{Name: "gives", Results: []byte{wasmtest.ExternRef}, Body: wasmtest.Unreachable},
		{Name: "vector", Params: []byte{wasmtest.V128}},
		{Name: "both", Params: []byte{wasmtest.I32, wasmtest.V128}, Results: []byte{wasmtest.F32, wasmtest.V128}, Body: wasmtest.Unreachable},
		{Name: "fine", Results: []byte{wasmtest.I32}, Body: wasmtest.I32Const(7)},
	}, MinPages: 1}
	var asked, answers list
	for _, step := range []obj{
		named(call("none"), "a"), named(call("long"), "a"), call("gives"), call("vector"), call("vector", i32(1)), call("both", i32(1)),
		{"do": "read", "ptr": obj{"i64": "0"}, "len": 1}, {"do": "write", "ptr": obj{"f32": "00000000"}, "bytes": "00"},
	} {
		asked, answers = append(asked, step), append(answers, refused("TYPE_MISMATCH"))
	}
	both(t, module, "raw", obj{"steps": append(asked, named(call("fine"), ""), call("vector", obj{"var": ""}))},
		steps(append(answers, results(i32(7)), refused("TYPE_MISMATCH"))...))
}

func TestAStackOverflowIsTold(t *testing.T) {
	path := written(t, wasmtest.Module{Functions: []wasmtest.Function{{Name: "again", Body: wasmtest.Call(0)}}})
	for _, interpreter := range []bool{false, true} {
		a := asked(t, interpreter, map[string]string{"m": path})
		text := wasmtest.Line(a.Run("m", "raw", wasmtest.Line(obj{"steps": list{call("again")}})))
		if !bytes.Contains(text, []byte("stack overflow")) {
			t.Errorf("it says %s", text)
		}
	}
}

var oddNames = []string{
	"memory", "mem", "", "\x00", "a\x00b", "\ufeff", "\ufeffa", "*/ \n\r\u202e\"'`", "\U0001f600", strings.Repeat("n", 100_000),
}

func TestTwoNamesThatDifferAreTwoExports(t *testing.T) {
	var module wasmtest.Module
	var asked, answers list
	for n, name := range oddNames {
		module.Functions = append(module.Functions, wasmtest.Function{Name: name, Results: []byte{wasmtest.I32}, Body: wasmtest.I32Const(int32(n))})
		asked, answers = append(asked, call(name)), append(answers, results(i32(n)))
	}
	both(t, module, "raw", obj{"steps": asked}, steps(answers...))
}

func TestMemoryHasAnyName(t *testing.T) {
	for _, name := range oddNames[1:] { // beside a function that is named memory
		if name == "" {
			continue // wasmtest's word for "memory"
		}
		module := wasmtest.Module{MinPages: 1, MemoryName: name, Data: []byte{1, 2, 3}, Functions: []wasmtest.Function{{Name: "memory"}}}
		both(t, module, "raw", obj{"steps": list{obj{"do": "pages"}, obj{"do": "read", "ptr": i32(1), "len": 2}}},
			steps(ok(obj{"pages": 1}), ok(obj{"bytes": "0203"})))
	}
}

// A memory that is there, but not exported, is none.
func TestAModuleThatExportsNoMemoryHasAnEmptyOne(t *testing.T) {
	hidden := wasmtest.Module{MinPages: 1, HidesMemory: true}
	for _, module := range []wasmtest.Module{{}, hidden} {
		both(t, module, "raw", obj{"steps": list{
			obj{"do": "pages"},
			obj{"do": "read", "ptr": i32(0), "len": 0},
			obj{"do": "write", "ptr": i32(0), "bytes": ""},
			obj{"do": "read", "ptr": i32(0), "len": 1},
			obj{"do": "write", "ptr": i32(0), "bytes": "00"},
			obj{"do": "read", "ptr": i32(1), "len": 0},
		}}, steps(
			ok(obj{"pages": 0}), ok(obj{"bytes": ""}), ok(obj{}), refused("OUT_OF_BOUNDS"), refused("OUT_OF_BOUNDS"), refused("OUT_OF_BOUNDS"),
		))
	}
}

func TestAMemoryOf4GiBIsUsedToItsLastByte(t *testing.T) {
	both(t, wasmtest.Module{MinPages: 65536}, "raw", obj{"steps": list{
		obj{"do": "pages"},
		obj{"do": "read", "ptr": i32(-1), "len": 1},
		obj{"do": "write", "ptr": i32(-2), "bytes": "0809"},
		obj{"do": "read", "ptr": i32(-3), "len": 3},
		obj{"do": "read", "ptr": i32(-1), "len": 2},
		obj{"do": "write", "ptr": i32(-1), "bytes": "0000"},
	}}, steps(
		ok(obj{"pages": 65536}), ok(obj{"bytes": "00"}), ok(obj{}), ok(obj{"bytes": "000809"}), refused("OUT_OF_BOUNDS"), refused("OUT_OF_BOUNDS"),
	))
	a := asked(t, false, map[string]string{"m": written(t, wasmtest.Module{MinPages: 65536})})
	whole := obj{"steps": list{obj{"do": "read", "ptr": i32(1), "len": 1<<32 - 1}}}
	if answer := ask(t, a, "m", "raw", whole); answer["unsupported"] == nil {
		t.Errorf("a line holds 8 GiB: %v", answer)
	}
}

func TestAStepThatCannotBeUnderstoodIsRefused(t *testing.T) {
	module := wasmtest.Module{Functions: []wasmtest.Function{{Name: "one", Params: []byte{wasmtest.I32}}}}
	a := asked(t, false, map[string]string{"m": written(t, module)})
	for _, step := range []any{
		obj{"do": "fly"}, 5, call("one", obj{"var": "unknown"}), call("one", obj{"v128": "00"}), call("one", i32(1<<40)),
		obj{"do": "read", "len": 1},
	} {
		answer := ask(t, a, "m", "raw", obj{"steps": list{step}})
		if answer["unsupported"] == nil {
			t.Errorf("%v: %v", step, answer)
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	grow := func(by int) obj { return call("grow", i32(by)) }
	in := func(pages int) obj {
		return obj{"max_pages": pages, "steps": list{grow(2), grow(1), obj{"do": "pages"}, grow(100), obj{"do": "pages"}}}
	}
	limited := func(answers ...int) obj {
		return steps(results(i32(answers[0])), results(i32(answers[1])), ok(obj{"pages": answers[2]}), results(i32(answers[3])), ok(obj{"pages": answers[2]}))
	}
	both(t, wasmtest.Probe(), "raw_memory_limit", in(3), limited(1, -1, 3, -1))
	both(t, wasmtest.Probe(), "raw_memory_limit", in(4), limited(1, 3, 4, -1))
	// The module's own maximum of 100 pages holds too, and a limit over all there can be is none.
	for _, none := range []int{100, 65536, 1<<32 - 1} {
		both(t, wasmtest.Probe(), "raw_memory_limit", in(none), limited(1, 3, 4, -1))
	}
	noMaximum := wasmtest.Probe()
	noMaximum.MaxPages = 0
	both(t, noMaximum, "raw_memory_limit", in(3), limited(1, -1, 3, -1))

	tooLarge := wasmtest.Probe()
	tooLarge.MinPages = 5
	both(t, tooLarge, "raw_memory_limit", in(3), refused("NO_INSTANCE"))
	both(t, tooLarge, "raw_memory_limit", in(0), refused("NO_INSTANCE"))
	both(t, tooLarge, "raw", obj{"steps": list{grow(95)}}, steps(results(i32(5))))
}

func TestDeadline(t *testing.T) {
	path := written(t, wasmtest.Probe())
	for _, interpreter := range []bool{false, true} {
		a := asked(t, interpreter, map[string]string{"m": path})
		for _, deadline := range []int{0, 1, 100} {
			began := time.Now()
			var before, answers list
			if deadline > 1 { // time enough for the others
				before, answers = list{call("fine"), call("load", i32(0))}, list{results(), results(i32(0x04030201))}
			}
			in := obj{"deadline_ms": deadline, "steps": append(before, call("forever"), call("fine"))}
			want(t, ask(t, a, "m", "raw_deadline", in), steps(append(answers, refused("CUT_OFF"))...))
			if took := time.Since(began); took < time.Duration(deadline)*time.Millisecond || took > 20*time.Second {
				t.Errorf("a deadline of %d ms took %v", deadline, took)
			}
		}
		// A trap is no deadline, and calls before it are done with.
		in := obj{"deadline_ms": 30_000, "steps": list{call("fine"), call("boom")}}
		want(t, ask(t, a, "m", "raw_deadline", in), steps(results(), trap))
	}
}

func TestAModuleThatComesWithTheRequest(t *testing.T) {
	a := asked(t, false, map[string]string{"m": written(t, wasmtest.Module{})})
	of := func(wasm []byte) obj {
		return ask(t, a, "m", "raw_module", obj{"wasm": hexOf(wasm), "steps": list{call("load", i32(4)), call("boom"), call("fine")}})
	}
	want(t, of(wasmtest.Probe().Bytes()), steps(results(i32(0x08070605)), trap))
	for _, wasm := range [][]byte{nil, []byte("\x00asm\x02\x00\x00\x00"), wasmtest.Module{Import: "now"}.Bytes(), wasmtest.Module{ImportGlobal: "g"}.Bytes()} {
		want(t, of(wasm), refused("MODULE_REFUSED"))
	}
}

// What the contract asks for, and what a user of wazero sees: the slice that Read gave before growth is of memory that the
// module has left.
func TestAViewThatIsKeptOverGrowthShowsTheOldMemory(t *testing.T) {
	both(t, wasmtest.Probe(), "kept_view", obj{"ptr": 4, "value": -1}, ok(obj{"bytes": "05060708"}))
	a := asked(t, false, map[string]string{"m": written(t, wasmtest.Probe())})
	if answer := ask(t, a, "m", "kept_view", obj{"ptr": 65533, "value": 1}); answer["unsupported"] == nil {
		t.Errorf("a view that is not in linear memory: %v", answer)
	}
	// Without growth in between it is of the memory that there is.
	run, err := newRun(t.Context(), a.modules["m"].module, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer run.close()
	memory := run.instance.ExportedMemory("memory")
	view, _ := memory.Read(4, 4)
	if !memory.WriteUint32Le(4, 1) || fmt.Sprint(view) != "[1 0 0 0]" {
		t.Errorf("the view shows %v", view)
	}
}
