// Multiplies pairs of numbers modulo 2^255 - 19 in two lanes, and compares each product with plain integers.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const P = 2n ** 255n - 19n;
const EXPONENTS = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255];

const { instance } = await WebAssembly.instantiate(await readFile('target/vector-loop/field.wasm'));
const { memory, a, b, multiply } = instance.exports;
const limbs = (pointer) => new Float64Array(memory.buffer, pointer, 24);

// ANCHOR: limbs
/** Limb by limb from below; each is at most half of its range, either way. */
function toLimbs(number) {
  let rest = number;
  return EXPONENTS.slice(1).map((to, i) => {
    const last = to === 255;
    const range = 1n << BigInt(to - EXPONENTS[i]);
    let limb = last ? rest : rest % range;
    if (!last && limb >= range / 2n) limb -= range;
    rest = (rest - limb) / range;
    return Number(limb) * 2 ** EXPONENTS[i];
  });
}

const fromLimbs = (values) => values.reduce((sum, value) => sum + BigInt(value), 0n);
// ANCHOR_END: limbs

// ANCHOR: compare
const random = () => BigInt(`0x${randomBytes(32).toString('hex')}`) % P;
const corners = [0n, 1n, 19n, P - 1n, P - 19n, 2n ** 254n, 2n ** 255n - 20n, (P - 1n) / 2n];
const numbers = [
  ...corners.flatMap((x) => corners.map((y) => [x, y])),
  ...Array.from({ length: 10_000 }, () => [random(), random()]),
];
for (let at = 0; at < numbers.length; at += 2) {
  const pairs = [numbers[at], numbers[at + 1]];
  for (const lane of [0, 1]) {
    toLimbs(pairs[lane][0]).forEach((limb, i) => (limbs(a())[2 * i + lane] = limb));
    toLimbs(pairs[lane][1]).forEach((limb, i) => (limbs(b())[2 * i + lane] = limb));
  }
  multiply();
  for (const lane of [0, 1]) {
    const product = fromLimbs([...limbs(b())].filter((_, i) => i % 2 === lane));
    assert.equal(((product % P) + P) % P, (pairs[lane][0] * pairs[lane][1]) % P);
  }
}
console.log(`${numbers.length} products, two at a time, are those of plain integers`);
// ANCHOR_END: compare
