// ANCHOR: setup
import assert from 'node:assert/strict';
import { createPrivateKey, sign as opensslSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import sodium from 'libsodium-wrappers';
import nacl from 'tweetnacl';
import { KEY } from './key.mjs';
import { loadSigner } from './signer.mjs';

await sodium.ready;
const type = { headers: { 'content-type': 'application/wasm' } };
const signText = await loadSigner(new Response(readFileSync('token_signer.wasm'), type));
const base64 = bytes => Buffer.from(bytes).toString('base64url');
const [d, x] = [base64(KEY.subarray(0, 32)), base64(KEY.subarray(32))];
const privateKey = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
const encoder = new TextEncoder();
// ANCHOR_END: setup

// ANCHOR: contestants
const contestants = {
  'our module': text => signText(text, KEY),
  tweetnacl: text => nacl.sign.detached(encoder.encode(text), KEY),
  'libsodium-wrappers': text => sodium.crypto_sign_detached(encoder.encode(text), KEY),
  'node:crypto': text => new Uint8Array(opensslSign(null, encoder.encode(text), privateKey)),
};
// ANCHOR_END: contestants

// ANCHOR: measure
const texts = Array.from({ length: 1000 }, (_, n) => `hello${n}`);
const results = {};
for (const [name, sign] of Object.entries(contestants)) {
  texts.slice(0, 100).forEach(sign); // to warm up: the engine optimizes code that has run
  const start = performance.now();
  const signatures = texts.map(sign);
  results[name] = { ms: performance.now() - start, signatures };
}

for (const [name, { ms, signatures }] of Object.entries(results)) {
  assert.deepEqual(signatures, results.tweetnacl.signatures);
  console.log(`${name}: ${ms.toFixed(0)} µs a signature`);
}
assert(results['our module'].ms * 4 < results.tweetnacl.ms);
console.log('All signatures are the same, and tweetnacl took more than four times as long as ours.');
// ANCHOR_END: measure
