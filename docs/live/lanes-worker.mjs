// The worker of `lanes`.

import { toHex } from './conformance/bytes.mjs';
import { PUBLISHED_KEY } from './conformance/published.mjs';
import { serveRace } from './race-worker.mjs';
import { Signer } from './signer/signer.mjs';

/** @typedef {Uint8Array[]} Batch one of one message is signed as that message */

serveRace({
  modules: [
    { name: 'signer-raw', needs: '' },
    { name: 'signer-raw-simd', needs: 'SIMD' },
    { name: 'signer-lanes', needs: 'SIMD' },
    { name: 'signer-lanes-relaxed', needs: 'relaxed SIMD' },
  ],
  use: (module) => new Signer(module, PUBLISHED_KEY),
  failed: 'it signed its known answer wrongly',
  prepare: (count, size) => {
    const messages = Array.from({ length: count }, (_, n) => new TextEncoder().encode(`hello${n}`));
    return Array.from({ length: Math.ceil(count / size) }, (_, n) => messages.slice(n * size, (n + 1) * size));
  },
  run: (signer, /** @type {Batch[]} */ batches) =>
    batches.flatMap((batch) => (batch.length === 1 ? [signer.sign(batch[0])] : signer.signMany(batch))),
  same: (signatures) => signatures.map(toHex).join(''),
  verb: 'signs',
});
