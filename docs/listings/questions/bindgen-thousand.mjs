// Whether a thousand signatures of 64 KiB each make memory larger than the first few do.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { default: init, sign_message } = await import(pathToFileURL(path.resolve('pkg/token_signer.js')));
const { memory } = await init({ module_or_path: readFileSync('pkg/token_signer_bg.wasm') });
const KEY = Buffer.from(
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
    '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f',
  'hex',
);
const message = new Uint8Array(65536);
for (let n = 0; n < 3; n += 1) sign_message(message, KEY);
const before = memory.buffer.byteLength;
for (let n = 0; n < 1000; n += 1) sign_message(message, KEY);
console.log(memory.buffer.byteLength === before ? 'the same' : 'larger');
