package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"everyhost/hosts/go/conformance/protocol"
	"everyhost/hosts/go/everyhost"
)

// wazero has no components. The core module of one is an ordinary module whose exports have the canonical ABI: lists are passed by
// address and length in memory that the callee frees, and a result that is too large for a number is where the returned address
// says, until it is given back.

const ed25519 = "everyhost:signer/ed25519@0.1.0#"

// The errors of the WIT's enum, in its order.
var canonicalErrors = []everyhost.Code{
	everyhost.NoKey, everyhost.KeyPairMismatch, everyhost.MessageTooLarge, everyhost.OutOfMemory,
	everyhost.KeyLength, everyhost.PublicKeyLength,
}

// The operations of a core module of the world functions, by the function that each needs. There is no session: no key is held.
var canonicalOperations = map[string]struct {
	function string
	operation[*canonical]
}{
	"public_key":    {"derive-public-key", operation[*canonical]{[]string{"seed"}, (*canonical).publicKey}},
	"sign":          {"sign", operation[*canonical]{[]string{"keypair", "message"}, (*canonical).sign}},
	"sign_many":     {"sign-many", operation[*canonical]{[]string{"keypair", "messages"}, (*canonical).signMany}},
	"verify":        {"verify", operation[*canonical]{verified, verifyBy("verify")}},
	"verify_strict": {"verify-strict", operation[*canonical]{verified, verifyBy("verify-strict")}},
}

// canonicalOps says what the module can be asked through the canonical ABI.
func canonicalOps(module *everyhost.Module) []string {
	var ops []string
	for op, on := range canonicalOperations {
		if _, ok := module.Exports()[ed25519+on.function]; ok {
			ops = append(ops, op)
		}
	}
	slices.Sort(ops)
	return ops
}

// operationOn is how an operation is done on this module: through the canonical ABI if that is what its exports have.
func operationOn(module *everyhost.Module, op string) operation[*loaded] {
	on, ok := canonicalOperations[op]
	if _, has := module.Exports()[ed25519+on.function]; !ok || !has {
		return operations[op]
	}
	return operation[*loaded]{on.needs, func(module *loaded, in *protocol.Input) (protocol.Fields, error) {
		ctx, _ := everyhost.WithClearedMemory(context.Background()) // which grows faster
		instance, err := module.module.Instantiate(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { _ = instance.Close(context.Background()) }()
		return on.do(&canonical{instance: instance}, in)
	}}
}

// A canonical is an instance of such a core module. After an error nothing more is called.
type canonical struct {
	instance api.Module
	err      error
}

func (c *canonical) call(export string, arguments ...uint64) uint32 {
	if c.err != nil {
		return 0
	}
	results, err := c.instance.ExportedFunction(export).Call(context.Background(), arguments...)
	if err != nil {
		c.err = &everyhost.Error{Code: everyhost.Trapped, Err: err}
	}
	if len(results) == 0 {
		return 0
	}
	return uint32(results[0])
}

// allocate makes room for a list, which the callee frees.
func (c *canonical) allocate(align, length int) uint32 {
	return c.call("cabi_realloc", 0, 0, uint64(align), uint64(length))
}

func (c *canonical) write(at uint32, data []byte) {
	if c.err == nil && !c.instance.Memory().Write(at, data) {
		c.err = fmt.Errorf("cabi_realloc gave %d bytes at %d, which are not in memory", len(data), at)
	}
}

func (c *canonical) read(at, length uint32) []byte {
	if c.err != nil {
		return make([]byte, length)
	}
	window, ok := c.instance.Memory().Read(at, length)
	if !ok {
		c.err = fmt.Errorf("%d bytes at %d are not in memory", length, at)
		return make([]byte, length)
	}
	return slices.Clone(window)
}

// list passes a list<u8>: its address and its length.
func (c *canonical) list(data []byte) []uint64 {
	at := c.allocate(1, len(data))
	c.write(at, data)
	return []uint64{uint64(at), uint64(len(data))}
}

// lists passes a list<list<u8>>.
func (c *canonical) lists(all [][]byte) []uint64 {
	at := c.allocate(4, 8*len(all))
	var pairs []byte
	for _, data := range all {
		for _, number := range c.list(data) {
			pairs = binary.LittleEndian.AppendUint32(pairs, uint32(number))
		}
	}
	c.write(at, pairs)
	return []uint64{uint64(at), uint64(len(all))}
}

// result calls what returns a result<T, error>. T is read where it says, before it is given back.
func (c *canonical) result(function string, read func(at uint32), arguments ...[]uint64) error {
	export := ed25519 + function
	at := c.call(export, slices.Concat(arguments...)...)
	// A list is aligned to four bytes, and a bool or an enum follows the discriminant at once.
	payload := uint32(4)
	if strings.HasPrefix(function, "verify") {
		payload = 1
	}
	if c.read(at, 1)[0] != 0 {
		number := int(c.read(at+payload, 1)[0])
		if c.err == nil && number >= len(canonicalErrors) {
			c.err = fmt.Errorf("%s gave the unknown error %d", export, number)
		}
		if c.err != nil {
			return c.err
		}
		return &everyhost.Error{Code: canonicalErrors[number]}
	}
	read(at + payload)
	if post := "cabi_post_" + export; c.instance.ExportedFunction(post) != nil {
		c.call(post, uint64(at))
	}
	return c.err
}

// listAt reads a list<u8> whose address and length are at an address.
func (c *canonical) listAt(at uint32) []byte {
	pair := c.read(at, 8)
	return c.read(binary.LittleEndian.Uint32(pair), binary.LittleEndian.Uint32(pair[4:]))
}

func (c *canonical) bytes(name, function string, arguments ...[]uint64) (protocol.Fields, error) {
	var data []byte
	err := c.result(function, func(at uint32) { data = c.listAt(at) }, arguments...)
	return protocol.Fields{name: protocol.Hex(data)}, err
}

func (c *canonical) publicKey(in *protocol.Input) (protocol.Fields, error) {
	return c.bytes("public_key", "derive-public-key", c.list(in.Seed))
}

func (c *canonical) sign(in *protocol.Input) (protocol.Fields, error) {
	return c.bytes("signature", "sign", c.list(in.Keypair), c.list(in.Message))
}

func (c *canonical) signMany(in *protocol.Input) (protocol.Fields, error) {
	signatures := [][]byte{}
	read := func(at uint32) {
		pair := c.read(at, 8)
		first, count := binary.LittleEndian.Uint32(pair), binary.LittleEndian.Uint32(pair[4:])
		for n := uint32(0); n < count && c.err == nil; n++ {
			signatures = append(signatures, c.listAt(first+8*n))
		}
	}
	err := c.result("sign-many", read, c.list(in.Keypair), c.lists(in.MessageBytes()))
	return protocol.Fields{"signatures": protocol.Hexes(signatures)}, err
}

func verifyBy(function string) func(*canonical, *protocol.Input) (protocol.Fields, error) {
	return func(c *canonical, in *protocol.Input) (protocol.Fields, error) {
		var valid bool
		read := func(at uint32) { valid = c.read(at, 1)[0] != 0 }
		err := c.result(function, read, c.list(in.PublicKey), c.list(in.Message), c.list(in.Signature))
		return protocol.Fields{"valid": valid}, err
	}
}
