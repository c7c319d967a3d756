// The worker of `issuers`.

import { loadModule } from './ui.mjs';
import { serveRace } from './race-worker.mjs';
import { Signer } from './signer/signer.mjs';
import { Verifier } from './signer/verifier.mjs';

/** @typedef {import('./signer/verifier.mjs').Signed} Signed */

/** @returns {Promise<Signed[]>} signatures by so many keys in turn; one in eight is bad */
async function signed(/** @type {number} */ count, /** @type {number} */ issuers) {
  const { module } = await loadModule('signer-raw');
  await import(new URL('vendor/nacl-fast.min.js', import.meta.url).href);
  const { nacl } = /** @type {any} */ (globalThis);
  const signer = new Signer(module);
  /** @type {Signed[]} */
  const all = [];
  for (let issuer = 0; issuer < issuers; issuer += 1) {
    const seed = new Uint8Array(32);
    new DataView(seed.buffer).setUint32(0, issuer);
    // tweetnacl's secret key is the seed, and then the public key.
    const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(seed);
    signer.loadKey(secretKey);
    for (let n = issuer; n < count; n += issuers) {
      const message = new TextEncoder().encode(`token ${n}`);
      const signature = signer.sign(message);
      if (n % 8 === 7) signature[n % 64] ^= 1;
      all[n] = { publicKey, message, signature };
    }
  }
  signer.close();
  return all;
}

serveRace({
  modules: [
    { name: 'signer-raw', needs: '' },
    { name: 'verifier-lanes', needs: 'SIMD' },
    { name: 'verifier-lanes-relaxed', needs: 'relaxed SIMD' },
  ],
  use: (module) => new Verifier([module]),
  failed: 'it verified its known answer wrongly',
  prepare: signed,
  run: (verifier, items) => verifier.verifyMany(items),
  same: (verdicts) => verdicts.join(),
  verb: 'verifies',
});
