import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { TEST_KEYPAIR } from '../../further/keypair.mjs';

const { signText } = await import(pathToFileURL(path.resolve(process.argv[2], 'sign.mjs')));
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync('target/modules/signer-raw.wasm')), {});
const x = Buffer.from(TEST_KEYPAIR.subarray(32)).toString('base64url');
const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
for (const text of ['hello', '', 'Grüße', '日本 🦀', 'ü'.repeat(100_000)]) {
  const signature = signText(exports, TEST_KEYPAIR, text);
  assert.ok(crypto.verify(null, Buffer.from(text), key, signature), `“${text.slice(0, 10)}” is not signed as its UTF-8 bytes`);
}
assert.throws(() => signText(exports, TEST_KEYPAIR, 'half \ud83e'), TypeError);
