// Package modules has the Everyhost modules inside. Each is compiled when it is first asked for, and then kept: do not close it.
package modules

import (
	"context"
	"embed"
	"sync"

	"example.org/everyhost"
)

// Files has each module by its name, such as signer-raw.wasm, for those who compile it by themselves.
//
//go:embed *.wasm
var Files embed.FS

var (
	signerRaw            = compiled("signer-raw")
	signerLanesRelaxed   = compiled("signer-lanes-relaxed")
	signerLanes          = compiled("signer-lanes")
	verifierLanesRelaxed = compiled("verifier-lanes-relaxed")
	verifierLanes        = compiled("verifier-lanes")
	keys                 = compiled("keys")
)

// Signer is signer-raw, which signs and verifies on every host.
func Signer() (*everyhost.Module, error) { return signerRaw() }

// SignerBatches are signer-lanes-relaxed and signer-lanes, for [everyhost.WithBatchModules]; nil stands for one that wazero refuses.
func SignerBatches() []*everyhost.Module { return list(signerLanesRelaxed, signerLanes) }

// Verifier are verifier-lanes-relaxed, verifier-lanes and signer-raw, for [everyhost.NewVerifier]; nil stands for one that wazero
// refuses.
func Verifier() []*everyhost.Module { return list(verifierLanesRelaxed, verifierLanes, signerRaw) }

// Keys is keys, for [everyhost.NewKeys].
func Keys() (*everyhost.Module, error) { return keys() }

type lazy = func() (*everyhost.Module, error)

func compiled(name string) lazy {
	return sync.OnceValues(func() (*everyhost.Module, error) {
		wasm, err := Files.ReadFile(name + ".wasm")
		if err != nil {
			return nil, err
		}
		return everyhost.Compile(context.Background(), wasm)
	})
}

func list(all ...lazy) []*everyhost.Module {
	modules := make([]*everyhost.Module, len(all))
	for n, one := range all {
		modules[n], _ = one() // nil with an error, which those who take the list pass over
	}
	return modules
}
