// Command adapter is what the runner talks to: it reads one JSON object a line, asks the wrapper, answers with one line,
// and never judges. hosts/CONTRACT.md is the contract.
//
//	adapter                 runs the modules on wazero's compiler
//	adapter --interpreter   runs them on its interpreter
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"github.com/tetratelabs/wazero"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

func main() {
	interpreter := flag.Bool("interpreter", false, "interpret the modules instead of compiling them")
	flag.Parse()
	// Each request leaves a linear memory of a megabyte or more behind. To collect them after a few, and to give them back to the
	// system, takes more time than the modules do. So the garbage collector waits until there is so much.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(512 << 20)
	a := newAdapter(*interpreter)
	if err := protocol.Serve(os.Stdin, os.Stdout, a); err != nil {
		fmt.Fprintf(os.Stderr, "go adapter: %v\n", err)
		os.Exit(1)
	}
}

// An adapter holds what hello gave.
type adapter struct {
	engine  string
	config  wazero.RuntimeConfig
	modules map[string]*loaded
}

func newAdapter(interpreter bool) *adapter {
	a := &adapter{engine: "compiler", config: wazero.NewRuntimeConfigCompiler()}
	if interpreter {
		a = &adapter{engine: "interpreter", config: wazero.NewRuntimeConfigInterpreter()}
	}
	// Where a module has debugging information, wazero looks up source lines at each trap, which can take seconds.
	a.config = a.config.WithDebugInfoEnabled(false)
	return a
}

// Hello loads the modules, and forgets those of an earlier hello.
func (a *adapter) Hello(files map[string]protocol.ModuleFile) (protocol.Greeting, error) {
	for _, module := range a.modules {
		module.close()
	}
	a.modules = make(map[string]*loaded)
	answers := make(map[string]protocol.Loaded)
	for name, file := range files {
		wasm, err := os.ReadFile(file.Path)
		if err != nil {
			return protocol.Greeting{}, fmt.Errorf("module %s: %w", name, err)
		}
		answers[name] = a.load(name, wasm, file.Glue)
	}
	runtime := fmt.Sprintf("wazero %s, %s", everyhost.Version("github.com/tetratelabs/wazero"), a.engine)
	return protocol.NewGreeting(runtime, answers), nil
}

// load compiles the very bytes that it hashes.
func (a *adapter) load(name string, wasm []byte, glue string) protocol.Loaded {
	sum := sha256.Sum256(wasm)
	answer := protocol.Loaded{SHA256: hex.EncodeToString(sum[:]), Ops: []string{}}
	if glue != "" {
		answer.Refused = "its exports are for the JavaScript beside it, which this host does not run"
		return answer
	}
	module, err := everyhost.CompileWithConfig(context.Background(), wasm, a.config)
	if err != nil {
		answer.Refused = err.Error()
		return answer
	}
	answer.Ops = opsOf(module)
	a.modules[name] = &loaded{wasm: wasm, config: a.config, module: module, ops: answer.Ops}
	return answer
}

// Run does one operation on a wrapper or instance of its own.
func (a *adapter) Run(name, op string, in json.RawMessage) protocol.Answer {
	module, ok := a.modules[name]
	if !ok {
		return protocol.Unsupported("hello gave no module %s that could be loaded", name)
	}
	if !slices.Contains(module.ops, op) {
		return protocol.Unsupported("%s is not an operation of %s", op, name)
	}
	operation := operationOn(module.module, op)
	input, err := protocol.ReadInput(in, operation.needs...)
	if err != nil {
		return protocol.Unsupported("%s: %v", op, err)
	}
	fields, err := operation.do(module, input)
	if err != nil {
		return refusal(err)
	}
	return protocol.Answer{Ok: fields}
}

// refusal is how an error of the wrapper, or of the request, is answered.
func refusal(err error) protocol.Answer {
	var coded *everyhost.Error
	switch {
	case !errors.As(err, &coded):
		return protocol.Unsupported("%v", err)
	case coded.Code == everyhost.Trapped:
		return protocol.Answer{Trap: true, Detail: fmt.Sprint(coded.Err)}
	}
	answer := protocol.Answer{Error: string(coded.Code)}
	if coded.Err != nil {
		answer.Detail = coded.Err.Error()
	}
	return answer
}
