// The signer as a component, through jco's JavaScript.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

import { runCalls } from '../conformance/component-calls.mjs';
import { ComponentSigner, coreModules, isComponent, SignerComponent } from '../conformance/component.mjs';
import { built, MISMATCHED_KEY, PUBLISHED_KEY } from './modules.mjs';

const bytes = Uint8Array.from(readFileSync(built('modules/signer-component.wasm')));
const source = readFileSync(built('component/signer-component.js'), 'utf8');
const { instantiate } = await import(pathToFileURL(built('component/signer-component.js')).href);
const component = new SignerComponent(
  coreModules(bytes).map((core) => new WebAssembly.Module(core)),
  instantiate,
);
const hello = new TextEncoder().encode('hello');

/** @param {string} code */
const refused = (code) => (/** @type {any} */ error) => error.name === 'SignerError' && error.code === code;

test('the core modules are those that are in the component, the first of which is kept beside it', () => {
  assert.ok(isComponent(bytes));
  assert.ok(!isComponent(readFileSync(built('modules/signer-raw.wasm'))));
  const kept = Uint8Array.from(readFileSync(built('modules/signer-component.core.wasm')));
  assert.deepEqual(coreModules(bytes)[0], kept);
  assert.equal(coreModules(bytes).length, 3);
});

test('it signs with the held key, and verifies', () => {
  const signer = new ComponentSigner(component, PUBLISHED_KEY);
  const signature = signer.sign(hello);
  assert.deepEqual(signer.signMany([hello, hello]), [signature, signature]);
  assert.deepEqual(signer.derivePublicKey(PUBLISHED_KEY.slice(0, 32)), signer.publicKey);
  assert.ok(signer.verify(signer.publicKey, hello, signature));
  assert.ok(!signer.verifyStrict(signer.publicKey, hello.subarray(1), signature));
  signer.close();
  assert.throws(() => signer.sign(hello), refused('CLOSED'));
});

test('an error of the WIT is a code, and a refused key is not held', () => {
  const signer = new ComponentSigner(component, PUBLISHED_KEY);
  assert.throws(() => signer.loadKey(MISMATCHED_KEY), refused('KEY_PAIR_MISMATCH'));
  assert.throws(() => signer.sign(hello), refused('NO_KEY'));
  assert.throws(() => new ComponentSigner(component, hello), refused('KEY_LENGTH'));
});

test('after a trap a new instance has the held key', () => {
  const signer = new ComponentSigner(component, PUBLISHED_KEY);
  const signature = signer.sign(hello);
  assert.throws(() => signer.signWith(MISMATCHED_KEY, hello), refused('TRAPPED'));
  assert.deepEqual(signer.sign(hello), signature);
});

test("jco's JavaScript needs nothing but what it is given", () => {
  assert.doesNotMatch(source, /^\s*import\b|\brequire\(/m);
});

const echo = 'everyhost:component-probe/echo@0.1.0#';
const types = {
  [`${echo}text`]: { params: ['string'], result: 'string' },
  [`${echo}odd`]: null,
  'everyhost:component-probe/outcomes@0.1.0#trap': { params: [] },
};

/** @type {(steps: any) => any} */
const called = (steps) =>
  runCalls(
    () => ({
      'everyhost:component-probe/echo@0.1.0': { text: (/** @type {string} */ text) => text },
      'everyhost:component-probe/outcomes@0.1.0': {
        trap: () => {
          throw new WebAssembly.RuntimeError('unreachable');
        },
      },
    }),
    types,
    steps,
  ).steps.map((/** @type {any} */ answer) => ({ ...answer, detail: undefined }));

test('a call is answered by its type, and a trap ends the answers', () => {
  const trap = { do: 'call', export: 'everyhost:component-probe/outcomes@0.1.0#trap' };
  const answers = called([
    { do: 'call', export: `${echo}text`, args: ['é'] },
    { do: 'call', export: `${echo}text`, args: [1] },
    { do: 'call', export: `${echo}odd` },
    { do: 'call', export: 'toString' },
    trap,
    trap,
  ]);
  const codes = ['TYPE_MISMATCH', 'TYPE_MISMATCH', 'NO_EXPORT'].map((error) => ({ error }));
  const expected = [{ ok: { result: 'é' } }, ...codes, { trap: true }];
  assert.deepEqual(
    answers,
    expected.map((answer) => ({ ...answer, detail: undefined })),
  );
});

test('an option in an option in an option is told apart', () => {
  /** @type {any[]} */
  const came = [];
  const type = { option: { option: { option: 'u8' } } };
  const instance = { f: (/** @type {any} */ value) => (came.push(value), value) };
  const values = ['none', { some: 'none' }, { some: { some: 'none' } }, { some: { some: { some: 7 } } }];
  const steps = values.map((value) => ({ do: 'call', export: 'f', args: [value] }));
  const { steps: answers } = /** @type {any} */ (
    runCalls(() => instance, { f: { params: [type], result: type } }, /** @type {any} */ (steps))
  );
  assert.deepEqual(
    answers,
    values.map((result) => ({ ok: { result } })),
  );
  // As jco's own JavaScript has them.
  const some = (/** @type {any} */ val) => ({ tag: 'some', val });
  assert.deepEqual(came, [undefined, { tag: 'none', val: undefined }, some(undefined), some(7)]);
});

test('a number of 64 bits without a sign has none', () => {
  const instance = { f: (/** @type {any} */ value) => value };
  for (const arg of ['-0', '+1', '', '1n'])
    assert.equal(
      /** @type {any} */ (
        runCalls(() => instance, { f: { params: ['u64'] } }, [{ do: 'call', export: 'f', args: [arg] }])
      ).steps[0].error,
      'TYPE_MISMATCH',
    );
});

test('steps that make no sense are not guessed at', () => {
  for (const steps of [undefined, [{}], [{ do: 'drop', handle: -1 }], [{ do: 'call', export: 'f', args: 1 }]])
    assert.throws(() => called(steps), Error);
  const failing = () => {
    throw new Error('imports');
  };
  assert.throws(
    () => runCalls(failing, {}, []),
    (/** @type {any} */ error) => error.code === 'NO_INSTANCE',
  );
});
