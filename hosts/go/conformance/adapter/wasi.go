package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

// wasi runs a program, or does the steps of a reactor, on wazero's own WASI.
func wasi(module *loaded, in *protocol.Input) (protocol.Fields, error) {
	steps, err := readAll[rawStep]("step", in.Steps)
	if err != nil {
		return nil, err
	}
	given, closeIt, err := module.given(in)
	if err != nil {
		return nil, err
	}
	defer closeIt()
	run := newRun(0)
	run.afterTrap = in.AfterTrap
	defer run.close()

	functions := given.Runtime().NewHostModuleBuilder(wasi_snapshot_preview1.ModuleName)
	wasi_snapshot_preview1.NewFunctionExporter().ExportFunctions(functions)
	preview1, err := run.provideFunctions(context.Background(), given, functions)
	if err != nil {
		return nil, err
	}
	ctx := experimental.WithImportResolver(context.Background(), func(name string) api.Module {
		if name == wasi_snapshot_preview1.ModuleName {
			return preview1
		}
		return nil
	})

	fields := protocol.Fields{}
	var stdout, stderr output
	err = run.begin(ctx, given, nil, programConfig(in).WithStdout(&stdout).WithStderr(&stderr))
	if err == nil {
		err = run.program(in.Steps != nil, steps, fields)
	}
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) {
		fields["exit_code"] = exit.ExitCode()
	} else if err != nil && !errors.Is(err, everyhost.Trapped) {
		return nil, err
	}
	if length := stdout.Len() + stderr.Len(); 2*length > protocol.MaxLineLen {
		return nil, fmt.Errorf("%d bytes of output are more than a line can hold", length)
	}
	fields["stdout"], fields["stderr"] = protocol.Hex(stdout.Bytes()), protocol.Hex(stderr.Bytes())
	return fields, nil
}

// program runs a command, which ends, or does the steps of a reactor.
func (r *rawRun) program(isReactor bool, steps []rawStep, fields protocol.Fields) error {
	if !isReactor {
		_, err := r.step(&rawStep{Do: "call", Export: "_start"})
		if err == nil {
			return sys.NewExitError(0)
		}
		if coded := (*everyhost.Error)(nil); errors.As(err, &coded) && coded.Code != everyhost.Trapped {
			return fmt.Errorf("_start cannot be called: %s", string(coded.Code))
		}
		return err
	}
	_, err := r.step(&rawStep{Do: "call", Export: "_initialize"})
	if errors.Is(err, everyhost.Trapped) {
		return refused("NO_INSTANCE", "%v", err)
	}
	answers := []protocol.Answer{}
	if !errors.As(err, new(*sys.ExitError)) {
		answers, err = r.steps(steps)
		if errors.As(err, new(*sys.ExitError)) {
			answers = append(answers, protocol.Answer{Trap: true, Detail: "it ended the program"})
		}
	}
	fields["steps"] = answers
	return err
}

// programConfig is what the program sees. By itself, wazero has a clock and random numbers that are the same each time.
func programConfig(in *protocol.Input) wazero.ModuleConfig {
	config := unnamed.WithArgs(in.Args...).WithStdin(bytes.NewReader(in.Stdin)).WithRandSource(rand.Reader).
		WithSysWalltime().WithSysNanotime().WithSysNanosleep()
	for _, entry := range in.Env {
		name, value, _ := strings.Cut(entry, "=")
		config = config.WithEnv(name, value)
	}
	folders := wazero.NewFSConfig()
	for _, dir := range in.Dirs {
		folders = folders.WithDirMount(dir.Host, dir.Guest)
	}
	return config.WithFSConfig(folders)
}

// An output keeps what is written, until that is more than an answer can hold.
type output struct{ bytes.Buffer }

func (o *output) Write(data []byte) (int, error) {
	if o.Len() > protocol.MaxLineLen {
		return 0, errors.New("too much output")
	}
	return o.Buffer.Write(data)
}
