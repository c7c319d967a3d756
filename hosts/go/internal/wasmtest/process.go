package wasmtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// asProgram in the environment makes a test binary run the program that it tests.
const asProgram = "EVERYHOST_TEST_RUNS_MAIN"

// RunMain is for TestMain: where this process was started by Converse or Start, it is the program.
func RunMain(m *testing.M, program func()) {
	if os.Getenv(asProgram) != "" {
		program()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Command is the program as a process of its own.
func Command(t testing.TB, arguments ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], arguments...)
	command.Env = append(os.Environ(), asProgram+"=1")
	command.WaitDelay = time.Second
	return command
}

// Converse gives the program this input and waits for its end.
func Converse(t testing.TB, input []byte, arguments ...string) (output []byte, complaints string, exitCode int) {
	t.Helper()
	command := Command(t, arguments...)
	command.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return output, stderr.String(), command.ProcessState.ExitCode()
}

// A Conversation is one with a program that is not told of the end of its input.
type Conversation struct {
	t       testing.TB
	command *exec.Cmd
	input   io.WriteCloser
	lines   chan []byte
}

// Start starts the program.
func Start(t testing.TB, arguments ...string) *Conversation {
	t.Helper()
	command := Command(t, arguments...)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	c := &Conversation{t: t, command: command, input: input, lines: make(chan []byte)}
	go func() {
		defer close(c.lines)
		for reader := bufio.NewReader(output); ; {
			line, err := reader.ReadBytes('\n')
			if err != nil {
				return
			}
			c.lines <- line
		}
	}()
	return c
}

// Ask writes a line and waits for the answer.
func (c *Conversation) Ask(request any) map[string]any {
	c.t.Helper()
	if _, err := c.input.Write(Line(request)); err != nil {
		c.t.Fatal(err)
	}
	select {
	case line := <-c.lines:
		var answer map[string]any
		if err := json.Unmarshal(line, &answer); err != nil {
			c.t.Fatalf("%s: %v", line, err)
		}
		return answer
	case <-time.After(time.Minute):
		c.t.Fatal("no answer came while the input was open")
	}
	return nil
}

// End ends the input, and the program must end with 0.
func (c *Conversation) End() {
	c.t.Helper()
	if err := c.input.Close(); err != nil {
		c.t.Fatal(err)
	}
	for line := range c.lines {
		c.t.Errorf("after the end of its input it says %s", line)
	}
	if err := c.command.Wait(); err != nil {
		c.t.Error(err)
	}
}

// Line is a request as it is sent.
func Line(request any) []byte {
	line, err := json.Marshal(request)
	if err != nil {
		panic(err)
	}
	return append(line, '\n')
}
