// Verifies the tokens of make-tokens.mjs. go run tokens.go FOLDER, the workspace's target folder
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"everyhost/hosts/go/everyhost"
)

func read(folder string) (modules [][]byte, tokens []string, jwks []byte, err error) {
	files := make([][]byte, 0, 5)
	for _, name := range []string{
		"modules/verifier-lanes-relaxed.wasm", "modules/verifier-lanes.wasm", "modules/signer-raw.wasm",
		"verifying/tokens.txt", "verifying/jwks.json",
	} {
		bytes, err := os.ReadFile(folder + "/" + name)
		if err != nil {
			return nil, nil, nil, err
		}
		files = append(files, bytes)
	}
	return files[:3], strings.Fields(string(files[3])), files[4], nil
}

// ANCHOR: tokens
func verify(ctx context.Context, wasm [][]byte, tokens []string, jwks []byte) error {
	var modules []*everyhost.Module
	for _, bytes := range wasm {
		module, _ := everyhost.Compile(ctx, bytes) // nil if wazero can't, and then it is passed over
		modules = append(modules, module)
	}
	verifier, err := everyhost.NewVerifier(modules...)
	if err != nil {
		return err
	}
	defer verifier.Close()
	results, err := verifier.VerifyTokens(tokens, jwks)
	if err != nil {
		return err
	}
	for _, result := range results {
		var refused *everyhost.TokenError
		if errors.As(result.Err, &refused) {
			fmt.Println("refused:", refused.Code)
		} else {
			fmt.Println("signed, says", result.Claims["sub"])
		}
	}
	return nil
}

// ANCHOR_END: tokens

func main() {
	wasm, tokens, jwks, err := read(os.Args[1])
	if err == nil {
		err = verify(context.Background(), wasm, tokens, jwks)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
