// Gives a guest the function log. go run host.go GREETER.wasm
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// ANCHOR: log
type refused struct{ text, length uint32 }

func (r refused) Error() string {
	return fmt.Sprintf("%d bytes at %d are not all in memory", r.length, r.text)
}

func log(_ context.Context, guest api.Module, text, length uint32) {
	bytes, ok := guest.Memory().Read(text, length) // a view: copy what you keep
	if !ok {
		panic(refused{text, length}) // wazero turns it into an error for the caller
	}
	fmt.Println("guest:", string(bytes))
}

func instantiate(ctx context.Context, runtime wazero.Runtime, wasm []byte) (api.Module, error) {
	_, err := runtime.NewHostModuleBuilder("env").NewFunctionBuilder().WithFunc(log).Export("log").Instantiate(ctx)
	if err != nil {
		return nil, err
	}
	return runtime.Instantiate(ctx, wasm)
}

// ANCHOR_END: log

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string) error {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	guest, err := instantiate(ctx, runtime, wasm)
	if err != nil {
		return err
	}
	if _, err := guest.ExportedFunction("greet").Call(ctx); err != nil {
		return err
	}
	_, err = guest.ExportedFunction("stray").Call(ctx)
	var why refused
	if !errors.As(err, &why) {
		return fmt.Errorf("stray was not refused: %w", err)
	}
	fmt.Println("refused:", why)
	return nil
}
