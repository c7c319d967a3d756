// Verifies the same signatures with three modules, by the number of keys.

import { startRace } from './race.mjs';

/** @param {HTMLElement} place */
export const start = (place) =>
  startRace(place, {
    worker: 'issuers-worker.mjs',
    means: {
      'signer-raw': 'one at a time, holds no keys',
      'verifier-lanes': 'two in each SIMD vector, holds keys',
      'verifier-lanes-relaxed': 'two in each SIMD vector, holds keys, fused multiply-add',
    },
    counts: 'Signatures',
    sizeLabel: 'Issuers',
    sizes: [1, 4, 16, 64, 256],
    size: '1',
    go: 'Verify them',
    all: 'Every number of issuers',
    intro: 'One signature in eight is bad; the verdicts are compared.',
    busy: (count) => `Verifying ${count} signatures with each module, again and again…`,
    each: 'one verdict',
    by: 'issuers',
    done: (count, size) =>
      `All ${count} verdicts are the same from every module. With ${size} issuer${size === 1 ? '' : 's'}`,
  });
