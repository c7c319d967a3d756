// Signs with the core module of a component, through the canonical ABI. go run host.go SIGNER-CORE.wasm
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// ANCHOR: canonical
const ed25519 = "everyhost:signer/ed25519@0.1.0#"

// The cases of the WIT's enum, in its order.
var names = []string{
	"no-key", "key-pair-mismatch", "message-too-large", "out-of-memory", "key-length", "public-key-length",
}

type signer struct{ api.Module }

func (s signer) call(name string, arguments ...uint64) uint32 {
	results, err := s.ExportedFunction(name).Call(context.Background(), arguments...)
	if err != nil {
		panic(err)
	}
	if len(results) == 0 {
		return 0
	}
	return uint32(results[0])
}

// list passes a list<u8>: two numbers. The guest frees the memory.
func (s signer) list(bytes []byte) []uint64 {
	at := s.call("cabi_realloc", 0, 0, 1, uint64(len(bytes)))
	if !s.Memory().Write(at, bytes) {
		panic("cabi_realloc gave memory that does not exist")
	}
	return []uint64{uint64(at), uint64(len(bytes))}
}

func (s signer) read(at, length uint32) []byte {
	view, ok := s.Memory().Read(at, length)
	if !ok {
		panic("the result is not in memory")
	}
	return slices.Clone(view)
}

// bytes calls a function that returns result<list<u8>, error>.
func (s signer) bytes(name string, lists ...[]byte) ([]byte, error) {
	var arguments []uint64
	for _, list := range lists {
		arguments = append(arguments, s.list(list)...)
	}
	at := s.call(ed25519+name, arguments...)
	defer s.call("cabi_post_"+ed25519+name, uint64(at)) // the guest frees the result
	result := s.read(at, 12)
	if result[0] != 0 {
		return nil, fmt.Errorf("%s", names[result[4]])
	}
	return s.read(binary.LittleEndian.Uint32(result[4:]), binary.LittleEndian.Uint32(result[8:])), nil
}

// ANCHOR_END: canonical

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
	module, err := runtime.Instantiate(ctx, wasm)
	if err != nil {
		return err
	}
	// ANCHOR: sign
	signer := signer{module}
	seed := slices.Repeat([]byte{7}, 32)
	publicKey, err := signer.bytes("derive-public-key", seed)
	if err != nil {
		return err
	}
	keypair := append(seed, publicKey...)
	signature, err := signer.bytes("sign", keypair, []byte("hello"))
	if err != nil {
		return err
	}
	fmt.Printf("signature: %x\n", signature)

	keypair[63] ^= 1
	if _, err := signer.bytes("sign", keypair, []byte("hello")); err != nil {
		fmt.Println("refused:", err)
	}
	// ANCHOR_END: sign
	return nil
}
