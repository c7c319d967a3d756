package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// program is a command and a reactor:
//
//	(func (export "_start")
//	  ;; writes its arguments and its environment to stdout, and stdin to stderr
//	  ;; if it can open "in" in the first folder: writes that to stdout, "in" to the file "out", and exits with
//	  ;; what comes of opening "../in"
//	  …)
//	(func (export "_initialize") …) ;; writes "i" to stdout
//	(func (export "out") (param i32) …) ;; writes this much of "in../in"
//	(func (export "end") (param i32) (call $proc_exit (local.get 0)))
//	(func (export "boom") …) ;; writes "i", then traps
const program = "0061736d0100000001350860027f7f017f60047f7f7f7f017f60097f7f7f7f7f7e7e7f7f017f60017f0060037f7f7f0060017f017f60037f" +
	"7f7f017f60000002a4020816776173695f736e617073686f745f70726576696577310e617267735f73697a65735f67657400001677617369" +
	"5f736e617073686f745f707265766965773108617267735f676574000016776173695f736e617073686f745f707265766965773111656e76" +
	"69726f6e5f73697a65735f676574000016776173695f736e617073686f745f70726576696577310b656e7669726f6e5f6765740000167761" +
	"73695f736e617073686f745f70726576696577310766645f72656164000116776173695f736e617073686f745f7072657669657731086664" +
	"5f7772697465000116776173695f736e617073686f745f707265766965773109706174685f6f70656e000216776173695f736e617073686f" +
	"745f70726576696577310970726f635f65786974000303090804050607030307070503010001073406066d656d6f72790200065f73746172" +
	"74000b03656e64000c036f7574000d0b5f696e697469616c697a65000e04626f6f6d000f0a8302081b004100200136020041042002360200" +
	"200041004101410810051a0b220041004180083602004104418008360200200041004101410810041a41082802000b170041034100200020" +
	"01200242c20042004100410c10060b8001004100410410001a41800441800810011a4101418008410428020010084100410410021a418004" +
	"41800810031a4101418008410428020010084102418008410010091008411041024100100a4504404101418008410c280200100910084117" +
	"41034101100a450440410c2802004110410210080b411241054100100a10070b0b0600200010070b0a0041014110200010080b0a00410141" +
	"10410110080b0b004101411041011008000b0b13010041100b0d696e2e2e2f696e6f75742f696e"

func TestPrograms(t *testing.T) {
	const out, boom, end = `{"do":"call","export":"out","args":[{"i32":2}]}`, `{"do":"call","export":"boom"}`,
		`{"do":"call","export":"end","args":[{"i32":-1}]}`
	for _, interpreter := range []bool{false, true} {
		folder := t.TempDir()
		inner := filepath.Join(folder, "inner")
		if err := os.Mkdir(inner, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{filepath.Join(folder, "in"), filepath.Join(inner, "in")} {
			if err := os.WriteFile(path, []byte("!"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for in, text := range map[string]string{
			// 63 is EPERM: the folder's parent is not there.
			`{"args":["p","-v"],"env":["B=2","A=1=3"],"stdin":"6869","dirs":[{"guest":"/","host":"` + inner + `"}]}`: `
				{"ok":{"exit_code":63,"stdout":"70002d7600423d3200413d313d330021","stderr":"6869"}}`,
			`{}`: `{"ok":{"exit_code":0,"stdout":"","stderr":""}}`,
			`{"steps":[` + out + `,{"do":"pages"},` + end + `,` + out + `],"after_trap":true}`: `
				{"ok":{"exit_code":4294967295,"stdout":"69696e","stderr":"","steps":[
					{"ok":{"results":[]}},{"ok":{"pages":1}},{"trap":true}]}}`,
			`{"steps":[` + boom + `,` + out + `]}`: `{"ok":{"stdout":"6969","stderr":"","steps":[{"trap":true}]}}`,
			`{"wasm":"` + guest + `"}`:             `{"error":"NO_INSTANCE"}`,
			`{"wasm":""}`:                          `{"error":"MODULE_REFUSED"}`,
			// (func (export "_start") unreachable)
			`{"wasm":"0061736d0100000001040160000003020100070a01065f737461727400000a05010300000b"}`: `{"ok":{"stdout":"","stderr":""}}`,
		} {
			var want any
			if err := json.Unmarshal([]byte(text), &want); err != nil {
				t.Fatal(err)
			}
			if answer := answerOf(t, interpreter, program, "wasi", in); !reflect.DeepEqual(answer, want) {
				t.Errorf("%s: %v", in, answer)
			}
		}
		if written, err := os.ReadFile(filepath.Join(inner, "out")); string(written) != "in" {
			t.Errorf("the program wrote %q, %v", written, err)
		}
	}
}
