// Runs a WASI program. go run run.go PROGRAM.wasm FOLDER
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

// ANCHOR: run
func run(ctx context.Context, program []byte, folder string) error {
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	config := wazero.NewModuleConfig().WithArgs("diary", "two words").WithEnv("NAME", "Ada").
		WithStdin(os.Stdin).WithStdout(os.Stdout).WithStderr(os.Stderr).
		WithFSConfig(wazero.NewFSConfig().WithDirMount(folder, "/notes"))
	_, err := runtime.InstantiateWithConfig(ctx, program, config) // which calls _start
	exit := (*sys.ExitError)(nil)
	if !errors.As(err, &exit) {
		return err
	}
	fmt.Println("exit code", exit.ExitCode())
	return nil
}

// ANCHOR_END: run

func main() {
	program, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = run(context.Background(), program, os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
