package main

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"testing"
)

// guest imports one of each kind:
//
//	(import "env" "go" (func $go (param i32) (result i32)))
//	(import "env" "mix" (func $mix (param i64 f32 f64) (result f32 i64)))
//	(import "env" "memory" (memory 1 3))
//	(import "other" "table" (table 2 funcref))
//	(import "other" "base" (global i32))
//	(import "env" "count" (global $count (mut i64)))
//	(export "go" (func $go)) (export "base" (global 0)) (export "count" (global 1))
//	(elem (i32.const 1) $run)
//	(func $run (export "run") (param i32) (result i32)
//	  (global.set $count (i64.add (global.get $count) (i64.const 1))) (call $go (local.get 0)))
//	(func (export "twice") (param i32) (result i32) (i32.add (call $go (local.get 0)) (call $go (local.get 0))))
//	(func (export "indirect") (param i32) (result i32)
//	  (call_indirect (param i32) (result i32) (local.get 0) (i32.const 1)))
//	(func (export "mix") (param i64 f32 f64) (result f32 i64)
//	  (call $mix (local.get 0) (local.get 1) (local.get 2)))
//	(func (export "grow") (result i32) (memory.grow (i32.const 1)))
//	(func (export "size") (result i32) (memory.size))
//	(func (export "boom") (unreachable))
const guest = "0061736d0100000001150460017f017f60037e7d7c027d7e6000017f600000024e0603656e7602676f000003656e76036d6978000103656e" +
	"76066d656d6f727902010103056f74686572057461626c6501700002056f746865720462617365037f0003656e7605636f756e74037e0103" +
	"08070000000102020307490a02676f00000462617365030005636f756e7403010372756e0002057477696365000308696e64697265637400" +
	"04036d697800050467726f7700060473697a65000704626f6f6d00080907010041010b01020a40070d00230142017c2401200010000b0b00" +
	"20001000200010006a0b0900200041011100000b0a0020002001200210010b0600410140000b04003f000b0300000b"

// starts has a start function that calls out, and a memory of its own:
//
//	(import "env" "go" (func $go (param i32) (result i32)))
//	(memory (export "memory") 1)
//	(global $seen (export "seen") (mut i32) (i32.const 0))
//	(func $start (global.set $seen (call $go (i32.const 7))))
//	(start $start)
const starts = "0061736d0100000001090260017f017f600000020a0103656e7602676f00000302010105030100010606017f0141000b071102066d656d6f" +
	"72790200047365656e03000801010a0a0108004107100024000b"

// theImports is what guest needs, and a memory that is of no use but comes first.
func theImports(goCalls, mixCalls string) string {
	return `[{"module":"env","name":"go","func":{"params":["i32"],"results":["i32"]},"calls":[` + goCalls + `]},
		{"module":"env","name":"spare","memory":{"min":2}},
		{"module":"env","name":"memory","memory":{"min":1,"max":3}},
		{"module":"env","name":"mix","func":{"params":["i64","f32","f64"],"results":["f32","i64"]},"calls":[` + mixCalls + `]},
		{"module":"other","name":"table","table":{"min":2}},
		{"module":"other","name":"base","global":{"i32":-5}},
		{"module":"env","name":"count","global":{"i64":"-9223372036854775808"},"mutable":true}]`
}

func TestImports(t *testing.T) {
	const run = `{"do":"call","export":"run","args":[{"i32":1}]}`
	goOnly := func(calls string) string {
		return `[{"module":"env","name":"go","func":{"params":["i32"],"results":["i32"]},"calls":` + calls + `}]`
	}
	for name, one := range map[string]struct{ wasm, imports, steps, want string }{
		"an entry's steps, then its throw": {
			guest, theImports(`{"steps":[
				{"do":"write","ptr":{"i32":0},"bytes":"6869"},{"do":"read","ptr":{"var":"arg0"},"len":{"var":"arg0"}},
				{"do":"load","ptr":{"i32":0},"as":"p"},{"do":"grow","pages":1},{"do":"global","export":"count"}],
				"results":[{"var":"p","plus":1}]},{"throw":"enough"}`, ""),
			run + `,{"do":"pages"},{"do":"call","export":"size"},{"do":"call","export":"indirect","args":[{"i32":3}]},` + run,
			`{"ok":{"steps":[{"ok":{"results":[{"i32":26985}],"calls":[{"import":0,"args":[{"i32":1}],"steps":[
				{"ok":{}},{"ok":{"bytes":"69"}},{"ok":{"value":26984}},{"ok":{"pages":2}},
				{"ok":{"results":[{"i64":"-9223372036854775807"}]}}]}]}},
				{"ok":{"pages":3}},{"ok":{"results":[{"i32":1}]}},{"trap":true,"calls":[{"import":0,"args":[{"i32":3}]}]}]}}`,
		},
		"every bit of a number": {
			guest, theImports("", `{"results":[{"f32":"7fa00001"},{"i64":"-9223372036854775808"}]}`),
			`{"do":"call","export":"mix","args":[{"i64":"9223372036854775807"},{"f32":"7fa00000"},{"f64":"fff4000000000000"}]},
				{"do":"global","export":"base","as":"b"},{"do":"global","export":"count","as":"c"},{"do":"global","export":"run"},
				{"do":"grow","pages":4294967295},{"do":"read","ptr":{"i32":131071},"len":2}`,
			`{"ok":{"steps":[{"ok":{"results":[{"f32":"7fa00001"},{"i64":"-9223372036854775808"}],"calls":[
				{"import":3,"args":[{"i64":"9223372036854775807"},{"f32":"7fa00000"},{"f64":"fff4000000000000"}]}]}},
				{"ok":{"results":[{"i32":-5}]}},{"ok":{"results":[{"i64":"-9223372036854775808"}]}},{"error":"NO_EXPORT"},
				{"error":"REFUSED"},{"error":"OUT_OF_BOUNDS"}]}}`,
		},
		"names of every type": {
			guest, theImports("", `{"steps":[{"do":"read","ptr":{"var":"arg0"},"len":0}],
				"results":[{"var":"arg1"},{"var":"arg0","plus":1}]}`),
			`{"do":"call","export":"mix","args":[{"i64":"9223372036854775807"},{"f32":"7fa00000"},{"f64":"3ff0000000000000"}],"as":["f","l"]},
				{"do":"call","export":"mix","args":[{"var":"l","plus":-1},{"var":"f"},{"f64":"3ff0000000000000"}],"as":"f"},
				{"do":"call","export":"mix","args":[{"var":"l"},{"var":"f","plus":1},{"f64":"3ff0000000000000"}]},
				{"do":"call","export":"mix","args":[{"var":"l"},{"var":"f"},{"f64":"3ff0000000000000"}],"as":["a","b","c"]},
				{"do":"call","export":"mix","args":[{"var":"l"},{"var":"l"},{"f64":"3ff0000000000000"}]}`,
			`{"ok":{"steps":[{"ok":{"results":[{"f32":"7fa00000"},{"i64":"-9223372036854775808"}],"calls":[
				{"import":3,"args":[{"i64":"9223372036854775807"},{"f32":"7fa00000"},{"f64":"3ff0000000000000"}],
					"steps":[{"error":"OUT_OF_BOUNDS"}]}]}},
				{"ok":{"results":[{"f32":"7fa00000"},{"i64":"-9223372036854775808"}],"calls":[
				{"import":3,"args":[{"i64":"9223372036854775807"},{"f32":"7fa00000"},{"f64":"3ff0000000000000"}],
					"steps":[{"error":"OUT_OF_BOUNDS"}]}]}},
				{"error":"TYPE_MISMATCH"},{"error":"TYPE_MISMATCH"},{"error":"TYPE_MISMATCH"}]}}`,
		},
		"pointers and lengths of 64 bits, and up to a zero byte": {
			guest, theImports("", `{"results":[{"f32":"3f800000"},{"i64":"2"}]}`),
			`{"do":"call","export":"mix","args":[{"i64":"0"},{"f32":"00000000"},{"f64":"0000000000000000"}],"as":["f","two"]},
				{"do":"write","ptr":{"i64":"131069"},"bytes":"686921"},{"do":"read","ptr":{"var":"two","plus":131067},"len":{"var":"two"}},
				{"do":"read","ptr":{"i32":131069},"len":"nul"},{"do":"write","ptr":{"i32":131071},"bytes":"00"},
				{"do":"read","ptr":{"i64":"131069"},"len":"nul"},{"do":"read","ptr":{"i32":131071},"len":"nul"},
				{"do":"read","ptr":{"i32":131072},"len":"nul"},{"do":"read","ptr":{"i32":-1},"len":"nul"},
				{"do":"read","ptr":{"i64":"4294967296"},"len":0},{"do":"load","ptr":{"i64":"-1"},"as":"x"},
				{"do":"read","ptr":{"i32":0},"len":{"var":"two","plus":-3}},{"do":"read","ptr":{"var":"f"},"len":1},
				{"do":"read","ptr":{"i32":0},"len":{"var":"f"}},{"do":"load","ptr":{"i64":"131068"},"as":"x"}`,
			`{"ok":{"steps":[{"ok":{"results":[{"f32":"3f800000"},{"i64":"2"}],"calls":[
				{"import":3,"args":[{"i64":"0"},{"f32":"00000000"},{"f64":"0000000000000000"}]}]}},
				{"ok":{}},{"ok":{"bytes":"6869"}},{"error":"OUT_OF_BOUNDS"},{"ok":{}},{"ok":{"bytes":"6869"}},{"ok":{"bytes":""}},
				{"error":"OUT_OF_BOUNDS"},{"error":"OUT_OF_BOUNDS"},{"error":"OUT_OF_BOUNDS"},{"error":"OUT_OF_BOUNDS"},
				{"error":"OUT_OF_BOUNDS"},{"error":"TYPE_MISMATCH"},{"error":"TYPE_MISMATCH"},{"ok":{"value":6907904}}]}}`,
		},
		"calls within calls, in the order in which they began": {
			guest, theImports(`{"steps":[{"do":"call","export":"go","args":[{"i32":2}]},{"do":"call","export":"boom"},{"do":"pages"}]},
				{"results":[{"i32":4}]}`, ""),
			run + "," + run,
			`{"ok":{"steps":[{"trap":true,"calls":[
				{"import":0,"args":[{"i32":1}],"steps":[{"ok":{"results":[{"i32":4}]}},{"trap":true}]},
				{"import":0,"args":[{"i32":2}]}]}]}}`,
		},
		"a start function that calls out": {
			starts, goOnly(`[{"steps":[{"do":"pages"},{"do":"call","export":"x"},{"do":"global","export":"seen"}],"results":[{"i32":9}]}]`),
			`{"do":"pages"},{"do":"global","export":"seen"},{"do":"pages"}`,
			`{"ok":{"calls":[{"import":0,"args":[{"i32":7}],"steps":[{"ok":{"pages":0}},{"error":"NO_EXPORT"},{"error":"NO_EXPORT"}]}],
				"steps":[{"ok":{"pages":1}},{"ok":{"results":[{"i32":9}]}},{"ok":{"pages":1}}]}}`,
		},
		"a start function that fails":       {starts, goOnly(`[{"throw":"x"}]`), ``, `{"error":"NO_INSTANCE"}`},
		"nothing is provided":               {starts, `[]`, ``, `{"error":"NO_INSTANCE"}`},
		"a memory in place of the function": {starts, `[{"module":"env","name":"go","memory":{"min":1}}]`, ``, `{"error":"NO_INSTANCE"}`},
		"a function of another type": {
			starts, `[{"module":"env","name":"go","func":{"params":["i64"],"results":["i32"]}}]`, ``, `{"error":"NO_INSTANCE"}`,
		},
		"a memory that is too large": {starts, `[{"module":"","name":"","memory":{"min":65537}}]`, ``, `{"error":"NO_INSTANCE"}`},
	} {
		for _, interpreter := range []bool{false, true} {
			answer := answerOf(t, interpreter, one.wasm, "raw_imports", `{"imports":`+one.imports+`,"steps":[`+one.steps+`]}`)
			var want any
			if err := json.Unmarshal([]byte(one.want), &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(answer, want) {
				t.Errorf("%s: %v", name, answer)
			}
		}
	}
}

// answerOf is an answer without details.
func answerOf(t *testing.T, interpreter bool, wasm, op, in string) any {
	t.Helper()
	binary, err := hex.DecodeString(wasm)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(withModule(t, interpreter, binary).Run("m", op, json.RawMessage(in)))
	if err != nil {
		t.Fatal(err)
	}
	var answer any
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	withoutDetails(answer)
	return answer
}

func withoutDetails(answer any) {
	switch part := answer.(type) {
	case map[string]any:
		delete(part, "detail")
		for _, inner := range part {
			withoutDetails(inner)
		}
	case []any:
		for _, inner := range part {
			withoutDetails(inner)
		}
	}
}

func TestCallsToAndFroForEverAreATrap(t *testing.T) {
	imports := theImports(`{"steps":[{"do":"call","export":"run","args":[{"var":"arg0","plus":1}]}]}`, "")
	in := `{"imports":` + imports + `,"after_trap":true,"steps":[{"do":"call","export":"run","args":[{"i32":0}]},{"do":"pages"}]}`
	for _, interpreter := range []bool{false, true} {
		steps := answerOf(t, interpreter, guest, "raw_imports", in).(map[string]any)["ok"].(map[string]any)["steps"].([]any)
		first := steps[0].(map[string]any)
		if len(steps) != 2 || first["trap"] != true || len(first["calls"].([]any)) != mostTold {
			t.Errorf("%v", steps)
		}
	}
}

func TestAnEntryThatCannotBeUnderstoodIsUnsupported(t *testing.T) {
	for _, calls := range []string{
		`{"steps":[{"do":"fly"}]}`, `{"steps":[{"do":"read","ptr":{"var":"arg1"},"len":1}]}`, `{"results":[{"i64":"1"}]}`, `{"results":[]}`,
	} {
		in := `{"imports":` + theImports(calls, "") + `,"steps":[{"do":"call","export":"run","args":[{"i32":0}]}]}`
		if answer := answerOf(t, false, guest, "raw_imports", in).(map[string]any); len(answer) != 1 || answer["unsupported"] == nil {
			t.Errorf("%s: %v", calls, answer)
		}
	}
}
