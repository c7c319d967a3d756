// node verify.mjs DIR: signs with DIR/sign.mjs, looks at memory, and at the first signature again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { TEST_KEYPAIR } from '../../further/keypair.mjs';

const HELLO =
  '5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303';

const { sign } = await import(pathToFileURL(path.resolve(process.argv[2], 'sign.mjs')).href);
const module = new WebAssembly.Module(readFileSync('target/modules/signer-component-core.wasm'));
const core = new WebAssembly.Instance(module, {}).exports;

const signature = sign(core, TEST_KEYPAIR, Buffer.from('hello'));
const before = core.memory.buffer.byteLength;
for (let n = 0; n < 4000; n += 1) sign(core, TEST_KEYPAIR, Buffer.from(`hello${n}`));
assert.equal(core.memory.buffer.byteLength, before, 'memory has grown');
assert.throws(() => sign(core, TEST_KEYPAIR.toReversed(), Buffer.from('hello')), /refused: 1/);

assert.equal(Buffer.from(signature).toString('hex'), HELLO, 'the first signature has changed');
