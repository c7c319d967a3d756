// What `raw` steps answer at the edges of the contract, about modules that few would write. Neutral: the tests of every
// host in JavaScript ask their adapter all of it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { fromHex, toHex } from '../conformance/bytes.mjs';
import {
  foreignTypesModule,
  functions,
  identityModule,
  memories,
  moduleOf,
  NUMBERS,
  padded,
} from './small-modules.mjs';

/**
 * @typedef {Record<string, any>} Json
 *
 * @typedef {import('./adapter-cases.mjs').Ask} Ask
 *
 * @typedef {object} RawCase
 * @property {Uint8Array} module
 * @property {boolean} [newer] engines may refuse it
 * @property {boolean} [isHuge] left to the runner: of modules with all the memory there can be, one is enough here
 * @property {Json[]} steps
 * @property {Json} expect the answer, without `detail`
 * @property {RegExp} [says] what the last detail says
 */

const { i32, i64, f32, f64 } = NUMBERS;
const EXTERNREF = 0x6f;
const EXNREF = 0x69;

const ok = {};
const outOfBounds = { error: 'OUT_OF_BOUNDS' };
const mismatch = { error: 'TYPE_MISMATCH' };
const bytes = (/** @type {string} */ hex) => ({ ok: { bytes: hex } });
const pages = (/** @type {number} */ count) => ({ ok: { pages: count } });
const results = (/** @type {Json[]} */ ...values) => ({ ok: { results: values } });

const call = (/** @type {string} */ name, /** @type {Json[]} */ args = []) => ({ do: 'call', export: name, args });
const named = (/** @type {string} */ name, /** @type {string | string[]} */ as) => ({ do: 'call', export: name, as });
const variable = (/** @type {string} */ name, plus = 0) => ({ var: name, plus });
const read = (/** @type {number | Json} */ at, /** @type {unknown} */ len) => ({ do: 'read', ptr: pointer(at), len });
const write = (/** @type {number | Json} */ at, /** @type {unknown} */ written) => ({
  do: 'write',
  ptr: pointer(at),
  bytes: written,
});
const pointer = (/** @type {number | Json} */ at) => (typeof at === 'number' ? { i32: at } : at);

const toI32 = [0x60, 0, 1, i32];
const toNothing = [0x60, 0, 0];
const SEVEN = /** @type {[Json, Json]} */ ([call('seven'), results({ i32: 7 })]);
/** Names that mean something in JavaScript, or to those who read them. */
const NAMES = ['-1', 'a b"c\\\n', 'é🦀', '\u202e', 'x'.repeat(70_000)];

/** @type {Record<string, RawCase>} by the id of each */
const CONTRACT = Object.fromEntries(
  JSON.parse(readFileSync(new URL('../../../vectors/contract.json', import.meta.url), 'utf8')).cases.map(
    (/** @type {Json} */ { id, in: { wasm, steps }, flags, expect }) => [
      id,
      {
        module: fromHex(wasm),
        newer: flags.includes('Newer'),
        isHuge: flags.includes('Huge'),
        steps,
        expect,
        says: id.endsWith('overflow') || id.endsWith('overflows') ? /stack overflow/ : undefined,
      },
    ],
  ),
);

/** @type {(module: Uint8Array, ...steps: [step: Json, answer: Json][]) => RawCase} */
const of = (module, ...steps) => ({
  module,
  steps: steps.map(([step]) => step),
  expect: { ok: { steps: steps.map(([, answer]) => answer) } },
});
/** @type {typeof of} engines may refuse the module */
const newer = (...args) => ({ ...of(...args), newer: true });
const ofContract = (/** @type {string} */ id) => CONTRACT[`contract/${id}`].module;

const FLOATS = [{ f32: '3fc00000' }, { f64: '3ff0000000000000' }];
const ALL = [{ i32: -1 }, { i64: '-1' }, ...FLOATS];
const ADDED = [{ i32: 6 }, { i64: '-2' }];

/** A page of memory with a 5 at 4; `all` returns a number of each type, `take` what it takes, `none` nothing; and two globals. */
function namedModule() {
  const types = [i32, i64, f32, f64];
  const [single, double] = [
    [0x43, 0, 0, 0xc0, 0x3f],
    [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
  ];
  return moduleOf({
    types: [[0x60, 0, 4, ...types], [0x60, 4, ...types, 4, ...types], toNothing],
    functions: [[0, 0x41, 0x7f, 0x42, 0x7f, ...single, ...double], [1, 0x20, 0, 0x20, 1, 0x20, 2, 0x20, 3], [2]],
    memories: [[0, 1]],
    globals: [
      [i64, 0, 0x42, 0x80, 0x80, 0x80, 0x80, 0x10, 0x0b], // 2^32
      [f32, 0, ...single, 0x0b],
    ],
    exports: [...functions('all', 'take', 'none'), ['memory', 2, 0], ['far', 3, 0], ['float', 3, 1]],
    data: [[0, 0x41, 4, 0x0b, 1, 5]],
  });
}

/** @type {Record<string, RawCase>} beyond the contract's */
const CASES = {
  'bytes for the whole of memory and more': of(
    identityModule(),
    [write(0, { repeat: '00', times: 4294967295 }), outOfBounds],
    [write(-1, { repeat: '0001020304050607', times: 4294967295 }), outOfBounds],
    [read(65535, 1), bytes('00')],
  ),
  'the end of all the memory there can be': of(
    ofContract('huge/from-the-start'),
    [write(-1, 'ab'), { ok }],
    [read(-1, 1), bytes('ab')],
    [read(-1, 0), bytes('')],
    [read(-1, 2), outOfBounds],
    [read(-4, 4), bytes('000000ab')],
  ),
  'the end of memory of 64-bit addresses': newer(
    ofContract('memory/long-addresses'),
    [write({ i64: '65535' }, 'ab'), { ok }],
    [read({ i64: '65535' }, 1), bytes('ab')],
    [read(65535, 1), bytes('ab')],
    [read({ f64: '0000000000000000' }, 1), mismatch],
  ),
  'pages of one byte': newer(
    moduleOf({ memories: [[8, 10, 0]], exports: memories('memory') }),
    [{ do: 'pages' }, pages(0)],
    [read(0, 10), bytes('00'.repeat(10))],
    [read(0, 11), outOfBounds],
  ),
  'shared memory that grows': of(
    moduleOf({
      types: [toI32],
      functions: [[0, 0x41, 1, 0x40, 0]], // memory.grow of 1
      memories: [[3, 1, 4]],
      exports: [...functions('grow'), ...memories('memory')],
    }),
    [write(65534, 'abcd'), { ok }],
    [read(65536, 1), outOfBounds],
    [call('grow'), results({ i32: 1 })],
    [{ do: 'pages' }, pages(2)],
    [write(131071, 'ef'), { ok }],
    [read(131071, 1), bytes('ef')],
    [read(65534, 2), bytes('abcd')],
  ),
  'two results, one of them a reference': of(
    moduleOf({
      types: [toI32, [0x60, 0, 2, i32, EXTERNREF]],
      functions: [
        [0, 0x41, 7],
        [1, 0x41, 7, 0xd0, EXTERNREF], // ref.null
      ],
      exports: functions('seven', 'gives'),
    }),
    [call('gives'), mismatch],
    SEVEN,
  ),
  'a reference to a function of a type': newer(
    moduleOf({
      types: [toI32, [0x60, 1, 0x63, 0, 0]],
      functions: [[0, 0x41, 7], [1]],
      exports: functions('seven', 'takes'),
    }),
    [call('takes', [{ i32: 1 }]), mismatch],
    SEVEN,
  ),
  'a reference to an exception': newer(
    moduleOf({
      types: [[0x60, 1, EXNREF, 0], toI32],
      functions: [[0], [1, 0x41, 7]],
      exports: functions('takes', 'seven'),
    }),
    [call('takes', [{ i32: 1 }]), mismatch],
    SEVEN,
  ),
  'results of every type that are named': of(
    namedModule(),
    [named('all', ['a', 'b', 'c', 'd']), results(...ALL)],
    [
      call(
        'take',
        ['a', 'b', 'c', 'd'].map((name) => variable(name)),
      ),
      results(...ALL),
    ],
    [call('take', [variable('a', 7), variable('b', -1), variable('c'), variable('d')]), results(...ADDED, ...FLOATS)],
    [call('take', [variable('a'), variable('b'), variable('c', 1), variable('d')]), mismatch],
    [call('take', [variable('b'), variable('a'), variable('c'), variable('d')]), mismatch],
    [named('all', ['a', 'b', 'c', 'd', 'e']), mismatch],
    [named('none', 'e'), mismatch],
    [named('none', []), results()],
    [named('all', 'first'), results(...ALL)],
    [read(variable('first', 5), 1), bytes('05')],
    [{ do: 'global', export: 'far', as: 'far' }, results({ i64: '4294967296' })],
    [read(variable('far', -1), 0), outOfBounds],
    [{ do: 'global', export: 'float', as: 'float' }, results({ f32: '3fc00000' })],
    [read(variable('float'), 1), mismatch],
    [read(0, variable('float')), mismatch],
  ),
  'pointers and lengths of 64 bits': of(
    namedModule(),
    [write({ i64: '65535' }, '01'), { ok }],
    [read({ i64: '65535' }, 1), bytes('01')],
    [write({ i64: '65536' }, '01'), outOfBounds],
    [read({ i64: '4294967296' }, 0), outOfBounds],
    [read({ i64: '-1' }, 0), outOfBounds],
    [{ do: 'load', ptr: { i64: '2' }, as: 'five' }, { ok: { value: 0x050000 } }],
    [{ do: 'load', ptr: { i64: '65533' }, as: 'five' }, outOfBounds],
    [{ do: 'load', ptr: { f64: '0000000000000000' }, as: 'five' }, mismatch],
    [named('all', ['a', 'b']), results(...ALL)],
    [read(0, variable('a', 3)), bytes('0000')],
    [read(0, variable('b', 3)), bytes('0000')],
    [read(0, variable('b')), outOfBounds],
  ),
  'bytes up to a zero': of(
    namedModule(),
    [read(4, 'nul'), bytes('05')],
    [read({ i64: '5' }, 'nul'), bytes('')],
    [write(65533, '6869'), { ok }],
    [read(65533, 'nul'), bytes('6869')],
    [write(65535, '21'), { ok }],
    [read(65533, 'nul'), outOfBounds],
    [read(65536, 'nul'), outOfBounds],
    [read(-1, 'nul'), outOfBounds],
    [read({ f32: '00000000' }, 'nul'), mismatch],
  ),
  'a zero without memory': of(moduleOf({}), [read(0, 'nul'), outOfBounds], [read(0, 0), bytes('')]),
  'names that differ': of(
    moduleOf({
      types: [toI32],
      functions: NAMES.map((_, index) => [0, 0x41, index]),
      exports: functions(...NAMES),
    }),
    ...NAMES.map((name, index) => /** @type {[Json, Json]} */ ([call(name), results({ i32: index })])),
  ),
  'a struct among the types': newer(foreignTypesModule(), [call('answer'), results({ i32: 42 })]),
  // More than Chromium compiles, or makes an instance of, without a promise.
  'over 8 MB': of(padded(identityModule(), 9_000_000), [call('i32', [{ i32: 5 }]), results({ i32: 5 })]),
};

/**
 * All modules at once, so that none keeps another from being loaded; and each three times, because a module may come with a
 * request, and calls may have a deadline.
 *
 * @type {Ask}
 */
export const askRawCases = async (adapter, save) => {
  const cases = Object.entries({ ...CONTRACT, ...CASES }).filter(([, { isHuge }]) => !isHuge);
  const files = cases.map(([, { module }], index) => /** @type {const} */ ([`case-${index}`, module]));
  const { modules } = await adapter.hello(Object.fromEntries(files.map(([id, module]) => [id, save(id, module)])));
  for (const [index, [name, { module, newer, steps, expect, says }]] of cases.entries()) {
    const id = `case-${index}`;
    if (newer && modules[id].refused) continue;
    assert.equal(modules[id].refused, undefined, name);
    for (const [op, more] of /** @type {const} */ ([
      ['raw', {}],
      ['raw_deadline', { deadline_ms: 20_000 }],
      ['raw_module', { wasm: toHex(module) }],
    ])) {
      const seen = await adapter.run(id, op, { steps, ...more });
      const details = takeDetails(seen);
      assert.deepEqual(seen, expect, `${name}: ${op}`);
      if (says) assert.match(details.at(-1) ?? '', says, `${name}: ${op}`);
    }
  }
};

/** @type {Ask} what costs an adapter its life if it is careless */
export const askTooMuch = async (adapter, save) => {
  const loop = [0x03, 0x40, 0x0c, 0, 0x0b];
  const all = [[0, 0x80, 0x80, 4]];
  await adapter.hello({
    loops: save('loops', moduleOf({ types: [toNothing], functions: [[0, ...loop]], start: 0 })),
    large: save('large', moduleOf({ memories: all, exports: memories('memory') })),
  });
  const cut = await adapter.run('loops', 'raw_deadline', { deadline_ms: 200, steps: [] });
  assert.match(takeDetails(cut)[0], /200 ms/);
  assert.deepEqual(cut, { error: 'NO_INSTANCE' });
  const { unsupported } = await adapter.run('large', 'raw', { steps: [read(0, 4294967295)] });
  assert.match(unsupported, /4294967295 bytes in hex exceed a line/);
  assert.match((await adapter.run('large', 'raw', { steps: [{ do: 'dance' }] })).unsupported, /no such step/);
  assert.deepEqual(await adapter.run('large', 'raw', { steps: [read(-1, 1)] }), { ok: { steps: [bytes('00')] } });
};

/** @type {Ask} in any order, often enough for an engine to compile what answers: each answer is always the same */
export const askFloats = async (adapter, save) => {
  const module = moduleOf({
    types: [
      [0x60, 1, f32, 1, f32],
      [0x60, 1, f64, 1, f64],
      [0x60, 2, f64, f32, 2, f32, f64],
      [0x60, 1, f64, 1, i64],
      [0x60, 1, i64, 1, f64],
    ],
    functions: [
      [0, 0x20, 0],
      [1, 0x20, 0],
      [2, 0x20, 1, 0x20, 0],
      [3, 0x20, 0, 0xbd], // i64.reinterpret_f64
      [4, 0x20, 0, 0xbf], // f64.reinterpret_i64
    ],
    exports: functions('f32', 'f64', 'swap', 'bits', 'double'),
  });
  await adapter.hello({ floats: save('floats', module) });
  const singles = ['3f800000', '80000000', '7fc00000', 'ffc01234', '7fa00000', '7f800001'];
  const doubles = ['fff8000000001234', '3ff0000000000000', '7ff8000000000000', '7ff4000000000000', '7ff0000000000001'];
  const questions = [
    ...doubles.flatMap((double) => [
      call('f64', [{ f64: double }]),
      call('swap', [{ f64: double }, { f32: '3f800000' }]),
      call('bits', [{ f64: double }]),
      call('double', [{ i64: String(BigInt.asIntN(64, BigInt(`0x${double}`))) }]),
    ]),
    ...singles.map((single) => call('f32', [{ f32: single }])),
  ];
  /** @type {Map<Json, string>} */
  const first = new Map();
  for (let round = 0; round < 3000; round += 1) {
    // Each 20 times in a row to begin with: an engine may change what it knows about a place at one call of many.
    const question = questions[Math.floor(round / 20)] ?? questions[Math.floor(Math.random() * questions.length)];
    const seen = JSON.stringify(await adapter.run('floats', 'raw', { steps: [question] }));
    assert.equal(seen, first.get(question) ?? seen, `round ${round}: ${JSON.stringify(question)}`);
    first.set(question, seen);
  }
  // Numbers come through every engine, and so does the usual NaN.
  for (const same of [
    { f32: '3f800000' },
    { f32: '7fc00000' },
    { f64: '3ff0000000000000' },
    { f64: '7ff8000000000000' },
  ]) {
    const answer = await adapter.run('floats', 'raw', { steps: [call(Object.keys(same)[0], [same])] });
    assert.deepEqual(answer, { ok: { steps: [results(same)] } });
  }
};

/**
 * Takes every `detail` out of an answer: they are for people.
 *
 * @returns {string[]}
 */
function takeDetails(/** @type {Json} */ answer) {
  const { detail } = answer;
  delete answer.detail;
  const found = detail === undefined ? [] : [detail];
  for (const step of answer.ok?.steps ?? []) found.push(...takeDetails(step));
  assert.ok(found.every((one) => typeof one === 'string' && one));
  return found;
}
