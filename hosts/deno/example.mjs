// Signs a message, makes an EdDSA JWT of it, and has the `jose` library verify the token.
//
//   deno run --allow-read example.mjs [--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]

import assert from 'node:assert/strict';

import { example } from '../javascript/example.mjs';
import { Signer } from '../javascript/signer/signer.mjs';

await example(async ({ message, keypair, module }) => {
  // ANCHOR: sign
  const wasm = await Deno.readFile(module);
  const signer = await Signer.create(wasm, keypair);
  keypair.fill(0); // the signer has its own copy
  try {
    const { publicKey } = signer;
    const signature = signer.sign(message);
    assert.ok(signer.verifyStrict(publicKey, message, signature), 'the signature does not verify');
    // ANCHOR_END: sign
    const token = signer.signToken({ message });
    return { wasm, publicKey, signature, token };
    // ANCHOR: close
  } finally {
    signer.close();
  }
  // ANCHOR_END: close
});
