package everyhost

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"

	"everyhost/hosts/go/tests/wasmtest"
)

// What a signature costs, with the engines and with a runtime that can cut calls off. go test -bench . ./everyhost
func BenchmarkSign(b *testing.B) {
	for _, one := range []struct {
		name, module string
		config       wazero.RuntimeConfig
	}{
		{"compiler", "signer-raw", wazero.NewRuntimeConfigCompiler()},
		{"compiler_simd", "signer-raw-simd", wazero.NewRuntimeConfigCompiler()},
		{"compiler_deadlines", "signer-raw", wazero.NewRuntimeConfigCompiler().WithCloseOnContextDone(true)},
		{"interpreter", "signer-raw", wazero.NewRuntimeConfigInterpreter()},
		{"interpreter_deadlines", "signer-raw", wazero.NewRuntimeConfigInterpreter().WithCloseOnContextDone(true)},
	} {
		b.Run(one.name, func(b *testing.B) {
			wasm := wasmtest.Built(b, one.module)
			module, err := CompileWithConfig(context.Background(), wasm, one.config)
			if err != nil {
				b.Fatal(err)
			}
			s := newSigner(b, module, keypair)
			for b.Loop() {
				if _, err := s.Sign(hello); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a signer of its own costs for each case, and what compiling does.
func BenchmarkNewSigner(b *testing.B) {
	module := builtModule(b, "signer-raw")
	for b.Loop() {
		s, err := NewSigner(module, keypair)
		if err != nil {
			b.Fatal(err)
		}
		_ = s.Close()
	}
}

func BenchmarkCompile(b *testing.B) {
	wasm := wasmtest.Built(b, "signer-raw")
	for b.Loop() {
		module, err := Compile(context.Background(), wasm)
		if err != nil {
			b.Fatal(err)
		}
		_ = module.Close(context.Background())
	}
}
