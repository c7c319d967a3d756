// Command example signs a message, then makes a token (an EdDSA JWT, RFC 8037) that golang-jwt verifies.
//
//	example -message hello -key-file my.key
package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"everyhost/hosts/go/everyhost"
)

// Published in a book: good for tests, never for anything else.
const testKeypair = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf" +
	"3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"

const options = "[--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]"

const usage = "usage: example " + options + `

Signs a message with a Wasm module and makes a JWT that golang-jwt verifies.

  --message TEXT       text to sign, as UTF-8 (default: hello)
  --message-file FILE  a file of UTF-8 to sign instead
  --key-file FILE      the seed of 32 bytes, then its public key: 64 bytes, or 128 hex digits
                       (default: a published key, for tests only)
  --module FILE        the signer (default: target/modules/signer-raw.wasm of the workspace)
`

// wrongUse is a command line that makes no sense.
type wrongUse string

func (w wrongUse) Error() string { return string(w) }

func main() {
	err := run(os.Args[1:])
	var wrong wrongUse
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(usage)
	case errors.As(err, &wrong):
		fmt.Fprintf(os.Stderr, "example: %v; expected %s\n", err, options)
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "example: %s\n", strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

type given struct {
	message, messageFile, keyFile, module string
}

// parse reads the command line. The package flag writes options with one hyphen and takes them with two as well.
func parse(arguments []string) (given, error) {
	var args given
	flags := flag.NewFlagSet("example", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&args.message, "message", "hello", "")
	flags.StringVar(&args.messageFile, "message-file", "", "")
	flags.StringVar(&args.keyFile, "key-file", "", "")
	flags.StringVar(&args.module, "module", builtModule(), "")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return args, err
	} else if err != nil {
		return args, wrongUse(strings.Replace(err.Error(), ": -", ": --", 1))
	}
	isGiven := make(map[string]bool)
	flags.Visit(func(one *flag.Flag) { isGiven[one.Name] = true })
	if flags.NArg() > 0 {
		return args, wrongUse("unexpected argument " + flags.Arg(0))
	} else if isGiven["message"] && isGiven["message-file"] {
		return args, wrongUse("--message and --message-file exclude each other")
	}
	return args, nil
}

func run(arguments []string) error {
	args, err := parse(arguments)
	if err != nil {
		return err
	}
	keypair, err := readKeypair(args.keyFile)
	if err != nil {
		return err
	}
	message, err := readMessage(args)
	if err != nil {
		return err
	}
	wasm, err := os.ReadFile(args.module)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s does not exist; build it with: make modules", args.module)
	} else if err != nil {
		return cannotRead(err)
	}

	ctx := context.Background()
	// ANCHOR: open
	module, err := everyhost.Compile(ctx, wasm)
	if err != nil {
		return refused(args.module, "not a Wasm module: ", err)
	}
	defer func() { _ = module.Close(ctx) }()
	signer, err := everyhost.NewSigner(module, keypair)
	clear(keypair) // the signer has its own copy
	if err != nil {
		return refused(args.module, "not a signer module: ", err)
	}
	defer func() { _ = signer.Close() }()
	// ANCHOR_END: open
	hash := sha256.Sum256(wasm)
	return signAndPrint(signer, message, fmt.Sprintf("%s %x", filepath.Base(args.module), hash[:8]))
}

// signAndPrint signs, makes sure that it was right, then prints.
func signAndPrint(signer *everyhost.Signer, message, module string) error {
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

	token, err := signer.SignToken(map[string]any{"message": message})
	if err != nil {
		return err
	}
	if err := verifyToken(token, publicKey, message); err != nil {
		return err
	}

	for _, line := range [][2]string{
		{"host", "go"},
		{"runtime", "Go " + strings.TrimPrefix(runtime.Version(), "go") + ", wazero " + everyhost.Version("github.com/tetratelabs/wazero")},
		{"module", module},
		{"message", fmt.Sprintf("%d bytes", len(message))},
		{"public key", hex.EncodeToString(publicKey)},
		{"signature", hex.EncodeToString(signature)},
		{"token", token},
		{"verified by", "golang-jwt " + everyhost.Version("github.com/golang-jwt/jwt/v5")},
	} {
		fmt.Printf("%-12s  %s\n", line[0], line[1])
	}
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
	if path == "" {
		return hex.DecodeString(testKeypair)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, cannotRead(err)
	}
	if len(data) == everyhost.KeypairLen {
		return data, nil
	}
	keypair, err := hex.DecodeString(strings.TrimSpace(string(data)))
	if err != nil || len(keypair) != everyhost.KeypairLen {
		return nil, fmt.Errorf("%s: expected a keypair of 64 bytes or 128 hex digits, found %d bytes", path, len(data))
	}
	return keypair, nil
}

func readMessage(args given) (string, error) {
	if args.messageFile == "" {
		return args.message, nil
	}
	text, err := os.ReadFile(args.messageFile)
	if err != nil {
		return "", cannotRead(err)
	} else if !utf8.Valid(text) {
		return "", fmt.Errorf("%s: expected UTF-8", args.messageFile)
	}
	return string(text), nil
}

// refused says why a file cannot be used: the wrapper's code, or what kind of module it is not.
func refused(path, kind string, err error) error {
	if coded := new(everyhost.Error); errors.As(err, &coded) {
		return err
	}
	return fmt.Errorf("%s is %s%s", path, kind, strings.TrimPrefix(err.Error(), kind))
}

func cannotRead(err error) error {
	if file := new(fs.PathError); errors.As(err, &file) {
		return fmt.Errorf("cannot read %s: %w", file.Path, file.Err)
	}
	return err
}

// builtModule is the signer of the workspace, whose hosts/go/bin has this program.
func builtModule() string {
	program, err := os.Executable()
	if err != nil {
		return "signer-raw.wasm"
	}
	return filepath.Join(filepath.Dir(program), "../../../target/modules/signer-raw.wasm")
}
