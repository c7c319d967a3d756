// The same guest in Go, with wazero.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/tetratelabs/wazero"
)

// ANCHOR: call
func call(wasm []byte, limit time.Duration, name string, args ...uint64) (uint64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(16).WithCloseOnContextDone(true)
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	defer runtime.Close(context.Background())
	guest, err := runtime.Instantiate(ctx, wasm)
	if err != nil {
		return 0, err
	}
	results, err := guest.ExportedFunction(name).Call(ctx, args...)
	if err != nil || len(results) == 0 {
		return 0, err
	}
	return results[0], nil
}

// ANCHOR_END: call

func main() {
	wasm, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	show := func(what string, result uint64, err error) {
		if err != nil {
			fmt.Println(what, firstLine(err.Error()))
		} else {
			fmt.Println(what, result)
		}
	}
	result, err := call(wasm, 5*time.Second, "peek", 1<<31-1)
	show("peek(2**31 - 1) ", result, err)
	result, err = call(wasm, 30*time.Second, "deep", 100_000_000)
	show("deep(10**8)     ", result, err)
	result, err = call(wasm, 5*time.Second, "eat")
	show("eat()           ", result, err)
	result, err = call(wasm, 100*time.Millisecond, "spin")
	show("spin(), 0.1 s   ", result, err)
}

func firstLine(text string) string {
	for at, letter := range text {
		if letter == '\n' {
			return text[:at]
		}
	}
	return text
}
