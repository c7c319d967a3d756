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
			s := newSigner(b, must[*Module](b)(CompileWithConfig(context.Background(), wasm, one.config)), keypair)
			for b.Loop() {
				_ = must[[]byte](b)(s.Sign(hello))
			}
		})
	}
}

// What a signer of its own costs for each case, and what compiling does.
func BenchmarkNewSigner(b *testing.B) {
	module := builtModule(b, "signer-raw")
	for b.Loop() {
		_ = must[*Signer](b)(NewSigner(module, keypair)).Close()
	}
}

func BenchmarkCompile(b *testing.B) {
	wasm := wasmtest.Built(b, "signer-raw")
	for b.Loop() {
		_ = must[*Module](b)(Compile(context.Background(), wasm)).Close(context.Background())
	}
}
