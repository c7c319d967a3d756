// ../wasm-types.mjs: what it knows of a module that is newer than it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { moduleTypes } from '../conformance/wasm-types.mjs';
import { identityModule, moduleOf, NUMBERS, V128 } from './small-modules.mjs';

const { i32, i64, f32, f64 } = NUMBERS;
const FUNCTION = 0;
const MEMORY = 2;
const SEVEN = [0x60, 0, 1, i32];

/** @returns {(string[][] | undefined)[]} the types that a function of each is found to have */
function found(/** @type {number[][]} */ types) {
  const functions = types.map((_, index) => /** @type {[number]} */ ([index]));
  const exports = types.map((_, index) => /** @type {[string, number, number]} */ ([`${index}`, FUNCTION, index]));
  return moduleTypes(moduleOf({ types, functions, exports })).exports.map(
    ({ type }) => type && [type.params, type.results],
  );
}

test('types are in the order of the exports', () => {
  const kinds = WebAssembly.Module.exports(new WebAssembly.Module(identityModule()));
  const types = moduleTypes(identityModule()).exports;
  assert.deepEqual(
    kinds.map(({ name }, index) => [name, types[index].type?.params, types[index].is64]),
    [
      ...['i32', 'i64', 'f32', 'f64'].map((name) => [name, [name], undefined]),
      ['nothing', [], undefined],
      ['trap', [], undefined],
      ['memory', undefined, false],
    ],
  );
});

test('numbers, vectors and every kind of reference', () => {
  const references = [0x6f, 0x70, 0x69, 0x63, 0, 0x64, 0xff, 0x00, 0x63, 0x6e];
  assert.deepEqual(found([[0x60, 11, i32, i64, f32, f64, V128, ...references, 1, f64], SEVEN]), [
    [['i32', 'i64', 'f32', 'f64', 'v128', ...Array(6).fill('ref')], ['f64']],
    [[], ['i32']],
  ]);
});

for (const [what, type] of /** @type {[string, number[]][]} */ ([
  ['form', [0x5d, 0]],
  ['value', [0x60, 1, 0x40, 0]],
  ['reference', [0x60, 1, 0x64, 0x65, 0x6e, 0]],
])) {
  test(`an unknown ${what} leaves what is before it known, and nothing after it`, () => {
    assert.deepEqual(found([SEVEN, type, SEVEN]), [[[], ['i32']], undefined, undefined]);
  });
}

test('types that end elsewhere than their section were misread', () => {
  assert.deepEqual(found([[...SEVEN, 0]]), [undefined]);
});

test('memories of every form', () => {
  const memories = [
    [0, 1],
    [1, 1, 2],
    [3, 1, 2],
    [4, 1],
    [5, 1, 0x80, 0x80, 4],
    [8, 10, 0],
    [12, 10, 0],
    [4, 0x80, 0x80, 4],
  ];
  const exports = memories.map((_, index) => /** @type {[string, number, number]} */ (['m', MEMORY, index]));
  const types = moduleTypes(moduleOf({ memories, exports })).exports;
  assert.deepEqual(
    types.map(({ is64 }) => is64),
    [false, false, false, true, true, false, true, true],
  );
});
