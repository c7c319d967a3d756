// Command example signs a message, then makes a token (an EdDSA JWT, RFC 8037) that golang-jwt verifies.
//
//	example -message hello -key-file my.key
package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"everyhost/hosts/go/everyhost"
)

// Published in a book: good for tests, never for anything else.
const testKeypair = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf" +
	"3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "example: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	message := flag.String("message", "hello", "`text` to sign, as UTF-8")
	keyFile := flag.String("key-file", "", "`file` of 128 hex digits: the seed of 32 bytes, then its public key "+
		"(default: a published key, for tests only)")
	modulePath := flag.String("module", builtModule(), "`file` of the signer")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("%q is not an option; see --help", flag.Arg(0))
	}

	keypair, err := readKeypair(*keyFile)
	if err != nil {
		return err
	}
	wasm, err := os.ReadFile(*modulePath)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not there; build it with: make modules", *modulePath)
	} else if err != nil {
		return err
	}

	ctx := context.Background()
	// ANCHOR: open
	module, err := everyhost.Compile(ctx, wasm)
	if err != nil {
		return fmt.Errorf("%s: %w", *modulePath, err)
	}
	defer func() { _ = module.Close(ctx) }()
	signer, err := everyhost.NewSigner(module, keypair)
	clear(keypair) // the signer has its own copy
	if err != nil {
		return err
	}
	defer func() { _ = signer.Close() }()
	// ANCHOR_END: open
	return signAndPrint(signer, *message)
}

// signAndPrint signs, makes sure that it was right, then prints.
func signAndPrint(signer *everyhost.Signer, message string) error {
	// ANCHOR: sign
	publicKey, err := signer.PublicKey()
	if err != nil {
		return err
	}
	signature, err := signer.Sign([]byte(message))
	if err != nil {
		return err
	}
	if valid, err := signer.VerifyStrict(publicKey, []byte(message), signature); err != nil {
		return err
	} else if !valid {
		return errors.New("the module does not verify its own signature")
	}
	// ANCHOR_END: sign

	claims := jwt.MapClaims{"message": message}
	token, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims).SignedString(signer.CryptoSigner())
	if err != nil {
		return err
	}
	if err := verifyToken(token, publicKey, message); err != nil {
		return err
	}

	fmt.Printf("public key  %x\n", publicKey)
	fmt.Printf("signature   %x\n", signature)
	fmt.Printf("JWT         %s\n", token)
	fmt.Printf("golang-jwt  verified it\n")
	return nil
}

// verifyToken has golang-jwt, which uses Go's own Ed25519, verify the token, and looks at what it says.
func verifyToken(token string, publicKey []byte, message string) error {
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) {
		return ed25519.PublicKey(publicKey), nil
	}, jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}))
	if err != nil {
		return fmt.Errorf("golang-jwt: %w", err)
	}
	if claims, ok := parsed.Claims.(jwt.MapClaims); !ok || len(claims) != 1 || claims["message"] != message {
		return fmt.Errorf("golang-jwt reads other claims: %v", parsed.Claims)
	}
	return nil
}

// readKeypair reads a keypair. It comes from a file because other users of a machine can see a command line.
func readKeypair(path string) ([]byte, error) {
	digits := testKeypair
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("cannot read a key: %w", err)
		}
		digits = strings.TrimSpace(string(text))
	}
	keypair, err := hex.DecodeString(digits)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read 128 hex digits from it: %w", path, err)
	}
	return keypair, nil
}

// builtModule is the signer of the workspace that this program stands in, as hosts/go/bin/example.
func builtModule() string {
	program, err := os.Executable()
	if err != nil {
		return "signer-raw.wasm"
	}
	return filepath.Join(filepath.Dir(program), "../../../target/modules/signer-raw.wasm")
}
