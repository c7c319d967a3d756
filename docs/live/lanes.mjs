// Signs the same messages with four modules, by batch size.

import { startRace } from './race.mjs';

/** @param {HTMLElement} place */
export const start = (place) =>
  startRace(place, {
    worker: 'lanes-worker.mjs',
    means: {
      'signer-raw': 'one at a time, no SIMD',
      'signer-raw-simd': 'the same source, with SIMD by the compiler',
      'signer-lanes': 'two in each SIMD vector',
      'signer-lanes-relaxed': 'two in each SIMD vector, fused multiply-add',
    },
    counts: 'Messages',
    sizeLabel: 'Batch size',
    sizes: [1, 2, 4, 16, 64, 256, 1024],
    size: '256',
    go: 'Sign them',
    all: 'Every batch size',
    intro: 'Each module signs with the test key held; the signatures are compared byte for byte.',
    busy: (count) => `Signing ${count} messages with each module, again and again…`,
    each: 'one signature',
    by: 'batch',
    done: (count, size) => `All ${count} signatures are the same from every module. In batches of ${size}`,
  });
