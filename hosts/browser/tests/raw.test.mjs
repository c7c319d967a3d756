// Raw steps at the edges of the contract, in both browsers.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Adapter, BROWSERS, saved } from './driven.mjs';
import { askFloats, askRawCases, askTooMuch } from './raw-cases.mjs';

for (const which of BROWSERS) {
  test(`${which.name}: raw steps at the edges of the contract, and floats in any order`, async () => {
    const adapter = new Adapter(which);
    for (const ask of [askRawCases, askTooMuch, askFloats]) await ask(adapter, saved);
    assert.equal(await adapter.end(), 0);
    assert.equal(adapter.stderr, '');
  });
}
