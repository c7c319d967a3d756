import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { TEST_KEYPAIR } from '../../further/keypair.mjs';

const { signOnce } = await import(pathToFileURL(path.resolve(process.argv[2], 'sign-once.mjs')));
const module = new WebAssembly.Module(readFileSync('target/modules/signer-raw.wasm'));
const signature = '5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303';
const mismatched = Uint8Array.from(TEST_KEYPAIR);
mismatched[63] ^= 1;

const { exports } = new WebAssembly.Instance(module, {});
assert.equal(Buffer.from(signOnce(exports, TEST_KEYPAIR, Buffer.from('hello'))).toString('hex'), signature);
isClean(exports, 'a signature');

for (const [what, key, length] of [['a refused key', mismatched, 5], ['a refused message', TEST_KEYPAIR, (1 << 24) + 1]]) {
  const { exports } = new WebAssembly.Instance(module, {});
  assert.throws(() => signOnce(exports, key, new Uint8Array(length)), what);
  isClean(exports, what);
}

function isClean({ memory, sign_loaded }, what) {
  assert.equal(Buffer.from(memory.buffer).indexOf(TEST_KEYPAIR.subarray(0, 8)), -1, `the seed is there after ${what}`);
  assert.equal(sign_loaded(), 2, `a key is held after ${what}`);
}
