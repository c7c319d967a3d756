// What a component costs, from bench.json to the page.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { takeComponents } from '../data.mjs';
import { componentCost } from '../pages.mjs';

const signed = (/** @type {string} */ module, /** @type {number} */ bytes, /** @type {number} */ us) => ({
  ...{ module, bytes, what: 'sign' },
  ns: { median: us * 1000, quartiles: [us, us] },
});
const CALL = { module: 'signer-raw', what: 'call', bytes: 0, ns: { median: 3, quartiles: [3, 3] } };
const WASMTIME = {
  ...{ engine: 'wasmtime', clock: 'cpu' },
  crossing: [
    CALL,
    signed('signer-raw', 32, 24),
    signed('signer-component', 32, 36),
    signed('signer-raw', 1024, 30),
    signed('signer-component', 1024, 3000),
  ],
};
const GO = { engine: 'go-wazero', clock: 'cpu', crossing: [CALL] };

/** @param {object[]} engines */
function cost(engines) {
  const root = mkdtempSync(path.join(tmpdir(), 'components-'));
  try {
    mkdirSync(path.join(root, 'docs/data'), { recursive: true });
    const machine = { cpu: 'a processor', threads: 2, os: 'Linux', load: 1 };
    const file = path.join(root, 'bench.json');
    writeFileSync(file, JSON.stringify({ finished: '2026-11-30T10:00:00Z', machine, engines }));
    takeComponents(root, file);
    return componentCost(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('a host has a line for the module and one for the component, with how many times as long it takes', () => {
  const page = cost([WASMTIME, GO]);
  for (const line of [
    '| host | 32 bytes | 1,024 bytes |',
    '| **wasmtime**, raw ABI | 24.0 | 30.0 |',
    '| component | 36.0 (1.50 ×) | 3,000 (100 ×) |',
    'Measured on 2026-11-30: a processor, 2 threads, Linux.',
  ])
    assert.ok(page.includes(line), `${line} is not in\n${page}`);
  assert.ok(!page.includes('go-wazero'));
});

test('a bench without a component gives no figures', () => {
  assert.throws(() => cost([GO]), /no host was timed with the component and with the module/);
});
