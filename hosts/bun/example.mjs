// Signs a message, makes an EdDSA JWT of it, and has the `jose` library verify the token.
//
//   bun run example.mjs [--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]
//
// The module is signer-raw.wasm; without --module, the one that this workspace has built. A key file has the 64 bytes of
// the keypair, or their 128 hex digits. Without one the key of the book is used: it is published, so it is good for tests
// and for nothing else.

import assert from 'node:assert/strict';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { importJWK, jwtVerify } from 'jose';

import { fromHex, toHex } from './bytes.mjs';
import { Signer } from './signer.mjs';
import { publicJwk, signToken } from './token.mjs';

const MODULE = new URL('../../target/modules/signer-raw.wasm', import.meta.url);
const PUBLISHED_KEY =
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
  '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f';

async function main() {
  const { values } = parseArgs({
    options: {
      message: { type: 'string' },
      'message-file': { type: 'string' },
      'key-file': { type: 'string' },
      module: { type: 'string' },
    },
  });
  const message = values['message-file'] ? await Bun.file(values['message-file']).text() : (values.message ?? 'hello');
  const keypair = values['key-file'] ? readKey(await Bun.file(values['key-file']).bytes()) : fromHex(PUBLISHED_KEY);

  // ANCHOR: sign
  const signer = await Signer.create(await Bun.file(values.module ?? MODULE).bytes(), keypair);
  keypair.fill(0); // the signer has its own copy
  try {
    const signature = signer.sign(message);
    assert.equal(signer.verifyStrict(signer.publicKey, message, signature), true);
    // ANCHOR_END: sign

    const claims = { message };
    const token = signToken(signer, claims);
    const verified = await jwtVerify(token, await importJWK(publicJwk(signer.publicKey)));
    assert.deepEqual(verified.payload, claims);
    assert.equal(verified.protectedHeader.alg, 'EdDSA');

    console.log(`message     ${new TextEncoder().encode(message).length} bytes`);
    console.log(`public key  ${toHex(signer.publicKey)}`);
    console.log(`signature   ${toHex(signature)}`);
    console.log(`token       ${token}`);
    console.log(`jose        verified, ${verified.protectedHeader.alg}`);
    // ANCHOR: close
  } finally {
    signer.close();
  }
  // ANCHOR_END: close
}

/** @param {Uint8Array} file */
function readKey(file) {
  const text = new TextDecoder('latin1').decode(file).trim();
  return file.length !== 64 && /^[0-9a-f]{128}$/.test(text) ? fromHex(text) : file;
}

await main().catch((error) => {
  console.error(`example: ${error.message}`);
  process.exitCode = 1;
});
