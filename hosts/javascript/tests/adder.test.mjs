import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Adder, AdderError } from '../signer/adder.mjs';
import { built, compiled } from './modules.mjs';

const LOWEST = -2147483648;
const HIGHEST = 2147483647;

test('adds as the book does, and wraps around', async () => {
  const adder = await Adder.create(readFileSync(built('modules/add-raw.wasm')));
  for (const [a, b, sum] of [
    [2, 3, 5],
    [-2, -3, -5],
    [HIGHEST, 1, LOWEST],
    [LOWEST, -1, HIGHEST],
    [LOWEST, LOWEST, 0],
  ]) {
    assert.equal(adder.add(a, b), sum);
  }
});

test('divides, and drops the fraction', () => {
  const adder = new Adder(compiled('add-raw'));
  for (const [a, b, quotient] of [
    [7, 2, 3],
    [-7, 2, -3],
    [LOWEST, 1, LOWEST],
    [0, LOWEST, 0],
  ]) {
    assert.equal(adder.divide(a, b), quotient);
  }
});

test('a division that C leaves undefined traps, and the adder goes on', () => {
  const adder = new Adder(compiled('add-raw'));
  for (const [a, b] of [
    [1, 0],
    [0, 0],
    [LOWEST, -1],
  ]) {
    assert.throws(
      () => adder.divide(a, b),
      (error) =>
        error instanceof AdderError && error.code === 'TRAPPED' && error.cause instanceof WebAssembly.RuntimeError,
    );
    assert.equal(adder.add(2, 3), 5);
  }
});
