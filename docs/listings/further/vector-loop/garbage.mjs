// Counts the arrays that tweetnacl makes for one signature.

import { createRequire } from 'node:module';

import { TEST_KEYPAIR } from '../keypair.mjs';

const nacl = createRequire(new URL('../../../../hosts/javascript/package.json', import.meta.url))('tweetnacl');
const message = new TextEncoder().encode('hello');

// ANCHOR: count
let made = 0;
for (const name of ['Float64Array', 'Uint8Array', 'Int32Array']) {
  const Original = globalThis[name];
  globalThis[name] = new Proxy(Original, {
    construct(...all) {
      made += 1;
      return Reflect.construct(...all);
    },
  });
}
nacl.sign.detached(message, TEST_KEYPAIR);
console.log(`${made} arrays for one signature`);
// ANCHOR_END: count
