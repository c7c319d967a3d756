// What `raw` steps answer at the edges of the contract, about modules that few would write. Neutral: the tests of every
// host in JavaScript ask their adapter all of it.

import assert from 'node:assert/strict';

import { toHex } from '../conformance/bytes.mjs';
import { functions, identityModule, memories, moduleOf, NUMBERS, padded, V128 } from './small-modules.mjs';

/**
 * @typedef {Record<string, any>} Json
 *
 * @typedef {import('./adapter-cases.mjs').Ask} Ask
 *
 * @typedef {object} RawCase
 * @property {Uint8Array} module
 * @property {true} [newer] engines may refuse it
 * @property {[step: Json, answer: Json][]} [steps] and what each is answered, without `detail`
 * @property {Json} [answer] to the whole, if it has no answer for each step
 * @property {RegExp} [says] what the last detail says
 */

const { i32, i64, f32, f64 } = NUMBERS;
const EXTERNREF = 0x6f;
const EXNREF = 0x69;

const ok = {};
const outOfBounds = { error: 'OUT_OF_BOUNDS' };
const mismatch = { error: 'TYPE_MISMATCH' };
const noInstance = { error: 'NO_INSTANCE' };
const bytes = (/** @type {string} */ hex) => ({ ok: { bytes: hex } });
const pages = (/** @type {number} */ count) => ({ ok: { pages: count } });
const results = (/** @type {Json[]} */ ...values) => ({ ok: { results: values } });

const call = (/** @type {string} */ name, /** @type {Json[]} */ args = [], /** @type {object} */ more = {}) => ({
  do: 'call',
  export: name,
  args,
  ...more,
});
const read = (/** @type {number | Json} */ at, /** @type {number} */ len) => ({ do: 'read', ptr: pointer(at), len });
const write = (/** @type {number | Json} */ at, /** @type {unknown} */ written) => ({
  do: 'write',
  ptr: pointer(at),
  bytes: written,
});
const pointer = (/** @type {number | Json} */ at) => (typeof at === 'number' ? { i32: at } : at);

/** Functions `0`, `1` … that return 0, 1 …, under other names. */
const NAMES = ['', '\0', '\0a', 'a', 'A', '\ufeff', '\ufeffa', '0', '-1', '__proto__', 'constructor', 'length'];
NAMES.push('a b"c\\\n', 'é🦀', 'e\u0301', '\u202e', '\uffff', 'x'.repeat(70_000));

const toI32 = [0x60, 0, 1, i32];
const toNothing = [0x60, 0, 0];

/** @type {Record<string, RawCase>} */
const CASES = {
  'no memory': {
    module: moduleOf({ types: [toNothing], functions: [[0]], exports: functions('f') }),
    steps: [
      [{ do: 'pages' }, pages(0)],
      [read(0, 0), bytes('')],
      [write(0, ''), { ok }],
      [read(1, 0), outOfBounds],
      [write(0, '00'), outOfBounds],
      [read(0, 4294967295), outOfBounds],
      [call('f'), results()],
    ],
  },
  'memory of another name': {
    module: moduleOf({
      types: [toI32],
      functions: [[0, 0x41, 7]],
      memories: [[0, 1]],
      exports: [...functions('memory'), ...memories('mem')],
    }),
    steps: [
      [{ do: 'pages' }, pages(1)],
      [write(65535, 'ab'), { ok }],
      [read(65535, 1), bytes('ab')],
      [call('memory'), results({ i32: 7 })],
      [call('mem'), { error: 'NO_EXPORT' }],
    ],
  },
  'several memories, none of them `memory`': {
    newer: true,
    module: moduleOf({
      memories: [
        [0, 1],
        [0, 2],
      ],
      exports: memories('b', '0'),
    }),
    steps: [[{ do: 'pages' }, pages(1)]],
  },
  'several memories': {
    newer: true,
    module: moduleOf({
      memories: [
        [0, 1],
        [0, 2],
      ],
      exports: memories('b', 'memory'),
    }),
    steps: [[{ do: 'pages' }, pages(2)]],
  },
  'the end of memory': {
    module: identityModule(),
    steps: [
      [read(65536, 0), bytes('')],
      [write(65536, ''), { ok }],
      [read(65537, 0), outOfBounds],
      [write(65537, ''), outOfBounds],
      [read(65536, 1), outOfBounds],
      [read(-1, 4294967295), outOfBounds],
      [write(0, { repeat: '00', times: 4294967295 }), outOfBounds],
      [write(-1, { repeat: '0001020304050607', times: 4294967295 }), outOfBounds],
      [read(65535, 1), bytes('00')],
    ],
  },
  'all the memory there can be': {
    module: moduleOf({
      types: [toI32],
      functions: [[0, 0x3f, 0]], // memory.size
      memories: [[0, 0x80, 0x80, 4]],
      exports: [...functions('size'), ...memories('memory')],
    }),
    steps: [
      [{ do: 'pages' }, pages(65536)],
      [call('size'), results({ i32: 65536 })],
      [write(-1, 'ab'), { ok }],
      [read(-1, 1), bytes('ab')],
      [read(-1, 0), bytes('')],
      [read(-1, 2), outOfBounds],
      [read(-4, 4), bytes('000000ab')],
    ],
  },
  'memory of 64-bit addresses': {
    newer: true,
    module: moduleOf({ memories: [[4, 1]], exports: memories('memory') }),
    steps: [
      [write({ i64: '65535' }, 'ab'), { ok }],
      [read({ i64: '65535' }, 1), bytes('ab')],
      [read(65535, 1), bytes('ab')],
      [read({ i64: '-1' }, 1), outOfBounds],
      [read({ i64: '4294967296' }, 0), outOfBounds],
      [read({ f64: '0000000000000000' }, 1), mismatch],
      [{ do: 'pages' }, pages(1)],
    ],
  },
  'pages of one byte': {
    newer: true,
    module: moduleOf({ memories: [[8, 10, 0]], exports: memories('memory') }),
    steps: [
      [{ do: 'pages' }, pages(0)],
      [read(0, 10), bytes('00'.repeat(10))],
      [read(0, 11), outOfBounds],
    ],
  },
  'shared memory': {
    module: moduleOf({
      types: [toI32],
      functions: [[0, 0x41, 1, 0x40, 0]], // memory.grow of 1
      memories: [[3, 1, 4]],
      exports: [...functions('grow'), ...memories('memory')],
    }),
    steps: [
      [write(65534, 'abcd'), { ok }],
      [read(65534, 2), bytes('abcd')],
      [read(65536, 1), outOfBounds],
      [call('grow'), results({ i32: 1 })],
      [{ do: 'pages' }, pages(2)],
      [write(131071, 'ef'), { ok }],
      [read(131071, 1), bytes('ef')],
      [read(65534, 2), bytes('abcd')],
    ],
  },
  'no steps': { module: identityModule(), steps: [] },
  'arguments of another number or type': {
    module: identityModule(),
    steps: [
      [call('i32', [{ i32: 65530 }], { as: 'p' }), results({ i32: 65530 })],
      [call('i32'), mismatch],
      [call('i32', [{ i32: 1 }, { i32: 1 }]), mismatch],
      [call('i32', [{ i64: '1' }]), mismatch],
      [call('i32', [{ f64: '3ff0000000000000' }]), mismatch],
      [call('i64', [{ i32: 1 }]), mismatch],
      [call('i64', [{ var: 'p' }]), mismatch],
      [call('f32', [{ f64: '3ff0000000000000' }]), mismatch],
      [call('f64', [{ f32: '3f800000' }]), mismatch],
      [call('f64', [{ i32: 1 }]), mismatch],
      [call('trap', [{ i32: 1 }]), mismatch],
      [call('nothing', [], { as: 'q' }), mismatch],
      [call('i64', [{ i64: '1' }], { as: 'q' }), mismatch],
      [read({ i64: '0' }, 1), mismatch],
      [write({ f32: '00000000' }, '00'), mismatch],
      [call('i32', [{ var: 'p', plus: -1 }]), results({ i32: 65529 })],
    ],
  },
  'types that no step can pass': {
    module: moduleOf({
      types: [toI32, [0x60, 1, V128, 0], [0x60, 0, 1, V128], [0x60, 1, EXTERNREF, 0], [0x60, 0, 2, i32, EXTERNREF]],
      functions: [
        [0, 0x41, 7],
        [1],
        [2, 0xfd, 12, ...Array(16).fill(0)], // v128.const
        [3],
        [4, 0x41, 7, 0xd0, EXTERNREF], // ref.null
      ],
      exports: functions('seven', 'takes a vector', 'gives a vector', 'takes a reference', 'gives a reference'),
    }),
    steps: [
      [call('takes a vector', [{ i32: 1 }]), mismatch],
      [call('takes a vector'), mismatch],
      [call('gives a vector'), mismatch],
      [call('takes a reference', [{ i32: 1 }]), mismatch],
      [call('gives a reference'), mismatch],
      [call('seven'), results({ i32: 7 })],
    ],
  },
  'a reference to a function of a type': {
    newer: true,
    module: moduleOf({
      types: [toI32, [0x60, 1, 0x63, 0, 0]],
      functions: [[0, 0x41, 7], [1]],
      exports: functions('seven', 'takes'),
    }),
    steps: [
      [call('takes', [{ i32: 1 }]), mismatch],
      [call('seven'), results({ i32: 7 })],
    ],
  },
  'a reference to an exception': {
    newer: true,
    module: moduleOf({
      types: [[0x60, 1, EXNREF, 0], toI32],
      functions: [[0], [1, 0x41, 7]],
      exports: functions('takes', 'seven'),
    }),
    steps: [
      [call('takes', [{ i32: 1 }]), mismatch],
      [call('seven'), results({ i32: 7 })],
    ],
  },
  'names that differ': {
    module: moduleOf({
      types: [toI32],
      functions: NAMES.map((_, index) => [0, 0x41, index]),
      exports: functions(...NAMES),
    }),
    steps: NAMES.map((name, index) => [call(name), results({ i32: index })]),
  },
  'a start function that traps': {
    module: moduleOf({ types: [toNothing], functions: [[0, 0x00]], start: 0 }),
    answer: noInstance,
  },
  'a start function without an end to its recursion': {
    module: moduleOf({ types: [toNothing], functions: [[0, 0x10, 0]], start: 0 }),
    answer: noInstance,
    says: /stack overflow/,
  },
  'data beyond the end of memory': {
    module: moduleOf({ memories: [[0, 1]], data: [[0, 0x41, 0xff, 0xff, 3, 0x0b, 2, 1, 2]] }), // two bytes at 65535
    answer: noInstance,
  },
  'a recursion without an end': {
    module: moduleOf({ types: [toNothing], functions: [[0, 0x10, 0]], exports: functions('dive') }),
    steps: [[call('dive'), { trap: true }]],
    says: /stack overflow/,
  },
  // More than Chromium compiles, or makes an instance of, without a promise.
  'over 8 MB': {
    module: padded(identityModule(), 9_000_000),
    steps: [[call('i32', [{ i32: 5 }]), results({ i32: 5 })]],
  },
};

/**
 * All modules at once, so that none keeps another from being loaded; and each three times, because a module may come with a
 * request, and calls may have a deadline.
 *
 * @type {Ask}
 */
export const askRawCases = async (adapter, save) => {
  const cases = Object.entries(CASES);
  const files = cases.map(([, { module }], index) => /** @type {const} */ ([`case-${index}`, module]));
  const { modules } = await adapter.hello(Object.fromEntries(files.map(([id, module]) => [id, save(id, module)])));
  for (const [index, [name, { module, newer, steps = [], answer, says }]] of cases.entries()) {
    const id = `case-${index}`;
    if (newer && modules[id].refused) continue;
    assert.equal(modules[id].refused, undefined, name);
    const input = { steps: steps.map(([step]) => step) };
    const expected = answer ?? { ok: { steps: steps.map(([, one]) => one) } };
    for (const [op, more] of /** @type {const} */ ([
      ['raw', {}],
      ['raw_deadline', { deadline_ms: 20_000 }],
      ['raw_module', { wasm: toHex(module) }],
    ])) {
      const seen = await adapter.run(id, op, { ...input, ...more });
      const details = takeDetails(seen);
      assert.deepEqual(seen, expected, `${name}: ${op}`);
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
  assert.deepEqual(cut, noInstance);
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
