// Command bench is what `make bench` talks to: it signs and verifies on request, and says how long that
// took.
// hosts/BENCH.md has the lines that go in and out.
//
//	bench                 runs the modules on wazero's compiler
//	bench --interpreter   runs them on its interpreter
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/tetratelabs/wazero"
)

const maxLineLen = 1 << 20

func main() {
	interpreter := flag.Bool("interpreter", false, "interpret the modules instead of compiling them")
	flag.Parse()
	engine, config := "compiler", wazero.NewRuntimeConfigCompiler()
	if *interpreter {
		engine, config = "interpreter", wazero.NewRuntimeConfigInterpreter()
	}
	if err := serve(os.Stdin, os.Stdout, engine, config); err != nil {
		fmt.Fprintf(os.Stderr, "go bench: %v\n", err)
		os.Exit(1)
	}
}

// An ask has the fields of every question.
type ask struct {
	Cmd string `json:"cmd"`
	task
	turn
	crossing
	Issuers int    `json:"issuers"`
	Module  string `json:"module"`
}

type task struct {
	Protocol int               `json:"protocol"`
	Keypair  string            `json:"keypair"`
	Messages int               `json:"messages"`
	Modules  map[string]string `json:"modules"`
	Signers  []order           `json:"signers"`
	Signed   []signedSet       `json:"signed"`
}

// A signedSet has signatures by so many issuers in turn, and their public keys, both in hex.
type signedSet struct {
	Issuers    int    `json:"issuers"`
	PublicKeys string `json:"public_keys"`
	Signatures string `json:"signatures"`
}

// An order is a contestant that signs or verifies through the wrapper.
type order struct {
	ID     string `json:"id"`
	Module string `json:"module"`
	Use    string `json:"use"`
}

type turn struct {
	Contestant string `json:"contestant"`
	First      int    `json:"first"`
	Count      int    `json:"count"`
	ACall      int    `json:"a_call"`
}

type crossing struct {
	What  string `json:"what"`
	Bytes int    `json:"bytes"`
	Calls int    `json:"calls"`
}

// serve answers line by line until the input ends. An error means that a line was no question.
func serve(input io.Reader, output io.Writer, engine string, config wazero.RuntimeConfig) error {
	lines := bufio.NewScanner(input)
	lines.Buffer(nil, maxLineLen)
	answers := json.NewEncoder(output)
	var b *bench
	for lines.Scan() {
		var ask ask
		if err := json.Unmarshal(lines.Bytes(), &ask); err != nil {
			return fmt.Errorf("a line that is no question: %w", err)
		}
		if b == nil && ask.Cmd != "hello" {
			return fmt.Errorf("the first line should be hello: %.200s", lines.Bytes())
		}
		answer, err := attempt(func() fields {
			switch ask.Cmd {
			case "hello":
				b = newBench(ask.task, config)
				return b.hello(engine)
			case "sign":
				return b.sign(ask.turn)
			case "verify":
				return b.verify(ask.turn, ask.Issuers)
			case "start":
				return b.start(ask.Module)
			case "crossing":
				return b.cross(ask.Module, ask.crossing)
			}
			return nil
		})
		if err != nil {
			answer = fields{"error": err.Error()}
		} else if answer == nil {
			return fmt.Errorf("a question that is none: %.200s", lines.Bytes())
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}
