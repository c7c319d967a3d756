package everyhost

import (
	"bytes"
	"context"
	"testing"

	"github.com/tetratelabs/wazero"

	"everyhost/hosts/go/tests/wasmtest"
)

const gib2 = 1 << 31

func TestPointersOver2GiBAreUnsigned(t *testing.T) {
	module := wasmtest.FakeSigner(map[string][]byte{
		"get_signing_key_ptr":      wasmtest.I32Const(-gib2),
		"get_signature_ptr":        wasmtest.I32Const(-gib2 + 64),
		"get_public_key_ptr":       wasmtest.I32Const(-gib2 + 128),
		"allocate_message":         wasmtest.I32Const(-gib2 + 192),
		"allocate_batch":           wasmtest.I32Const(-gib2 + 192),
		"get_batch_signatures_ptr": wasmtest.I32Const(-gib2 + 256),
	})
	module.MinPages = gib2/pageLen + 1
	s := newSigner(t, compiled(t, module), keypair)
	err := withKeyInBuffer(s.guest, keypair, func() error {
		wantBytes(t, must[[]byte](t)(s.guest.read(gib2, KeypairLen)), keypair, "the key buffer")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	noError(t, s.guest.write(gib2+64, helloSignature))
	wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "the signature")
	if got := must[[]byte](t)(s.guest.read(gib2+192, 5)); !bytes.Equal(got, hello) {
		t.Errorf("the message buffer has %q", got)
	}
	if got := must[[][]byte](t)(s.SignMany([][]byte{hello})); !bytes.Equal(got[0], make([]byte, SignatureLen)) {
		t.Errorf("the batch's signature is read as %x", got)
	}
	wantBytes(t, must[[]byte](t)(s.guest.read(gib2+192, 9)), append([]byte{5, 0, 0, 0}, hello...), "the batch")
}

func TestOutOfBoundsIsAnErrorAndChangesNothing(t *testing.T) {
	g := must[*guest](t)(compiled(t, wasmtest.Module{MinPages: 1}).instantiate())
	defer g.close()
	for _, ptr := range []uint32{pageLen - 3, pageLen, pageLen + 1, gib2, 1<<32 - 1, 1<<32 - pageLen} {
		if data, err := g.read(ptr, 4); err == nil {
			t.Errorf("4 bytes at %d are %x", ptr, data)
		}
		if err := g.write(ptr, []byte("abcd")); err == nil {
			t.Errorf("4 bytes at %d were written", ptr)
		}
	}
	wantBytes(t, must[[]byte](t)(g.read(0, pageLen)), make([]byte, pageLen), "something was written")
	if err := g.write(pageLen-1, []byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := g.read(pageLen, 0); err != nil {
		t.Error(err)
	}
}

func TestSigningGoesOnOverGrowth(t *testing.T) {
	s := testSigner(t)
	first := s.guest.memory.Len()
	for _, length := range []int{0, 1, 3_000_000, 10, 9_000_000, 16 * mib} {
		before := s.guest.memory.Len()
		message := bytes.Repeat([]byte{byte(length)}, length)
		expect(t, bytes.Equal(must[[]byte](t)(s.Sign(message)), oracleSign(seed, message)), "%d bytes are signed wrong", length)
		if s.guest.memory.Len() < before {
			t.Error("memory shrank")
		}
	}
	if last := s.guest.memory.Len(); last <= first+16*mib-pageLen {
		t.Errorf("memory did not grow: %d, then %d bytes", first, last)
	}
}

// What is copied when memory grows must not stay behind: the old slice would wait for the garbage collector with the
// held key in it.
func TestGrowthClearsTheMemoryThatItLeaves(t *testing.T) {
	s := testSigner(t)
	old := s.guest.everything()
	if len(foundIn(old, seed)) == 0 {
		t.Fatal("the held key is not in linear memory: the test shows nothing")
	}
	_ = must[[]byte](t)(s.Sign(make([]byte, 3*mib)))
	expect(t, bytes.Equal(old, make([]byte, len(old))), "the memory that was left has something in it")
	wantBytes(t, must[[]byte](t)(s.Sign(hello)), helloSignature, "it signs wrong after growth")
}

func TestTheHostsMemoryLimitIsOutOfMemoryAndNoTrap(t *testing.T) {
	wasm := wasmtest.Built(t, "signer-raw")
	ctx := context.Background()
	module, err := CompileWithConfig(ctx, wasm, wazero.NewRuntimeConfig().WithMemoryLimitPages(40))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = module.Close(ctx) }()
	s := newSigner(t, module, keypair)
	before := s.guest
	refused := only(t, isNil)
	wantCode(t, refused(s.Sign(make([]byte, 4*mib))), OutOfMemory)
	wantCode(t, refused(s.SignWith(keypair, make([]byte, 4*mib))), OutOfMemory)
	wantCode(t, errOf(s.SignMany([][]byte{make([]byte, 2*mib), make([]byte, 2*mib)})), OutOfMemory)
	expect(t, s.guest == before && bytes.Equal(must[[]byte](t)(s.Sign(hello)), helloSignature), "it does not go on with the same instance")
}

func TestWhatIsClosedIsNotKeptByTheRuntime(t *testing.T) {
	s := testSigner(t)
	instance := s.guest.instance
	noError(t, s.Close())
	expect(t, instance.IsClosed(), "the instance is open")
	// A signer that could not be made leaves none either.
	module := fakeSigner(t, map[string][]byte{"load_key": wasmtest.I32Const(3)})
	if _, err := NewSigner(module, keypair); err == nil {
		t.Error("it was made")
	}
}
