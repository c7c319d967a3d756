// Package protocol is the lines between the runner and an adapter; hosts/CONTRACT.md is the contract.
package protocol

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
)

// Version is the version of the protocol.
const Version = 1

// MaxLineLen is the longest line in either direction, its newline not counted: 64 MiB.
const MaxLineLen = 64 * 1024 * 1024

// An Adapter answers the requests.
type Adapter interface {
	// Hello loads the modules, and says what it can do with each. An error ends the adapter.
	Hello(modules map[string]ModuleFile) (Greeting, error)
	// Run does one operation and never judges. Errors are in the answer.
	Run(module, op string, in json.RawMessage) Answer
}

// A ModuleFile says where a module is. The path is empty for native, which is no file.
type ModuleFile struct {
	Path string `json:"path"`
	// Of a module that wasm-bindgen made the JavaScript for.
	Glue string `json:"glue"`
}

// A Greeting is the reply to hello.
type Greeting struct {
	Protocol int               `json:"protocol"`
	Host     string            `json:"host"`
	Version  string            `json:"version"`
	Runtime  string            `json:"runtime"`
	OS       string            `json:"os"`
	Modules  map[string]Loaded `json:"modules"`
}

// NewGreeting fills in what is the same for every adapter in Go.
func NewGreeting(runtimeName string, modules map[string]Loaded) Greeting {
	return Greeting{
		Protocol: Version,
		Host:     "go",
		Version:  runtime.Version(),
		Runtime:  runtimeName,
		OS:       runtime.GOOS + "/" + runtime.GOARCH,
		Modules:  modules,
	}
}

// Loaded is one module in a greeting: the hash of the bytes that were loaded, and the operations.
type Loaded struct {
	SHA256 string   `json:"sha256"`
	Ops    []string `json:"ops"`
	// Why the host cannot load it.
	Refused string `json:"refused,omitempty"`
}

// An Answer is what came of an operation or a step: exactly one of Ok, Error, Trap and Unsupported.
type Answer struct {
	Ok          any    `json:"ok,omitempty"`
	Error       string `json:"error,omitempty"`
	Trap        bool   `json:"trap,omitempty"`
	Calls       any    `json:"calls,omitempty"`  // of the host's functions, until a trap
	Detail      string `json:"detail,omitempty"` // of a trap or an error, for people
	Unsupported string `json:"unsupported,omitempty"`
}

// Fields are what an Ok holds.
type Fields map[string]any

// Unsupported says that the adapter cannot do this, and why.
func Unsupported(format string, arguments ...any) Answer {
	return Answer{Unsupported: fmt.Sprintf(format, arguments...)}
}

type request struct {
	Cmd      string                `json:"cmd"`
	Protocol int                   `json:"protocol"`
	Modules  map[string]ModuleFile `json:"modules"`
	Seq      *json.Number          `json:"seq"`
	Module   *string               `json:"module"`
	Op       *string               `json:"op"`
	In       json.RawMessage       `json:"in"`
}

type reply struct {
	Seq *json.Number `json:"seq"`
	Answer
}

// Serve answers line by line until the input ends. An error means that a line was no request, or hello could not be
// followed; errors of an operation are in its answer.
func Serve(input io.Reader, output io.Writer, adapter Adapter) error {
	lines := bufio.NewScanner(input)
	// A Scanner stops at 64 KiB by itself. Its buffer must have room for the newline, and be not quite full.
	lines.Buffer(make([]byte, 0, 64*1024), MaxLineLen+2)
	answers := json.NewEncoder(output) // one Write a line, straight to the pipe: nothing to flush
	answers.SetEscapeHTML(false)
	for lines.Scan() {
		reply, err := answer(lines.Bytes(), adapter)
		if err != nil {
			return err
		}
		if err := answers.Encode(reply); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return lineTooLong()
	}
	return lines.Err()
}

func lineTooLong() error { return fmt.Errorf("a line of over %d bytes", MaxLineLen) }

func answer(line []byte, adapter Adapter) (any, error) {
	if len(line) > MaxLineLen {
		return nil, lineTooLong()
	}
	var request request
	if err := json.Unmarshal(line, &request); err != nil {
		return nil, fmt.Errorf("a line that is no request: %w", err)
	}
	switch {
	case request.Cmd == "hello" && request.Protocol != Version:
		return nil, fmt.Errorf("protocol %d is not spoken here, only %d", request.Protocol, Version)
	case request.Cmd == "hello":
		return adapter.Hello(request.Modules)
	case request.Cmd == "run" && request.Seq != nil && request.Module != nil && request.Op != nil:
		return reply{request.Seq, run(adapter, request)}, nil
	}
	return nil, fmt.Errorf("a request that is neither hello nor run: %.200s", line)
}

// run answers with what the adapter panics with, which a broken module may lead it to.
func run(adapter Adapter, request request) (answer Answer) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", fault, debug.Stack())
			answer = Unsupported("the adapter failed: %v", fault)
		}
	}()
	return adapter.Run(*request.Module, *request.Op, request.In)
}
