// ANCHOR: all
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import init, { sign_message } from './pkg/token_signer.js';

// In a page, `await init()` fetches the module by itself.
const { memory } = await init({ module_or_path: readFileSync('pkg/token_signer_bg.wasm') });

const KEY = Buffer.from(
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
    '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f',
  'hex',
);
const signature = sign_message(new TextEncoder().encode('hello'), KEY);
console.log(Buffer.from(signature).toString('hex').match(/.{64}/g).join('\n'));

try {
  sign_message(new Uint8Array(0), KEY.subarray(1));
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}

const seed = KEY.subarray(0, 32);
const left = Buffer.from(memory.buffer).includes(seed.subarray(16));
console.log('half of the seed is still in linear memory:', left);
// ANCHOR_END: all
