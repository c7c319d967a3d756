// ANCHOR: all
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KEY, SIGNATURE_OF_HELLO } from './key.mjs';
import { loadSigner } from './signer.mjs';

const type = { headers: { 'content-type': 'application/wasm' } };
const signText = await loadSigner(new Response(readFileSync('token_signer.wasm'), type));
assert.equal(Buffer.from(signText('hello', KEY)).toString('hex'), SIGNATURE_OF_HELLO);

const x = Buffer.from(KEY.subarray(32)).toString('base64url');
const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
for (const text of ['', 'hello', 'blåbær', '签名', '🔑', 'a'.repeat(3_000_000)]) {
  assert(verify(null, Buffer.from(text), publicKey, signText(text, KEY)));
  console.log(`${text.slice(0, 6)} (${text.length} units): the signature is right`);
}
// ANCHOR_END: all
