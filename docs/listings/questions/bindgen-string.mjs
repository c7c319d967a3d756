import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { default: init, sign_message } = await import(pathToFileURL(path.resolve('pkg/token_signer.js')));
await init({ module_or_path: readFileSync('pkg/token_signer_bg.wasm') });
const KEY = Buffer.from(
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
    '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f',
  'hex',
);
const same = (a, b) => Buffer.compare(a, b) === 0;
const hello = new TextEncoder().encode('hello');
// ANCHOR: shown
try {
  const signature = sign_message('hello', KEY);
  if (same(signature, sign_message(hello, KEY))) console.log('hello');
  if (same(signature, sign_message(new Uint8Array(5), KEY))) console.log('five zero bytes');
} catch (error) {
  console.log(error.name);
}
// ANCHOR_END: shown
