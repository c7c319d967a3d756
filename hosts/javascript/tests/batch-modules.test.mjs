// Batch modules: which one is picked, and that its signatures are the same. What stays of its key: memory.test.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { RUNTIME } from '../conformance/runtime.mjs';
import { Signer } from '../signer/signer.mjs';
import { built, compiled, MISMATCHED_KEY, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from './modules.mjs';
import { fakeBatchModule, importingModule, unknownFeatureModule } from './small-modules.mjs';

const main = compiled('signer-raw');
const fast = readFileSync(built('modules/signer-raw-simd.wasm'));
const fake = fakeBatchModule(0);
const selfTestFails = fakeBatchModule(8);
const garbage = new TextEncoder().encode('no module');
const MESSAGES = ['', 'hello', 'a third'];

/** @param {Signer} signer */
const oneByOne = (signer) => MESSAGES.map((message) => signer.sign(message));

/** @type {[name: string, modules: Uint8Array<ArrayBuffer>[]][]} */
const PASSED_OVER = [
  ['nothing', []],
  ['bytes that are no module, and none', [garbage, new Uint8Array(0)]],
  ['a module with a feature that the host lacks', [unknownFeatureModule()]],
  ['a module that fails its self-test', [selfTestFails]],
  ['all of them', [garbage, selfTestFails, unknownFeatureModule()]],
];
for (const [name, modules] of PASSED_OVER) {
  test(`${name} passed over, the first module that can be used signs`, async () => {
    const signer = await Signer.create(main, PUBLISHED_KEY, { batchModules: [...modules, fast, fake] });
    assert.equal(signer.batchModule, -1, 'nothing is made before it is needed');
    assert.deepEqual(signer.signMany(MESSAGES), oneByOne(signer));
    assert.equal(signer.batchModule, modules.length);
  });
}

test('of the modules made for batches, the fastest that can be used here signs', async () => {
  const names = ['signer-lanes-relaxed', 'signer-lanes'];
  const batchModules = names.map((name) => readFileSync(built(`modules/${name}.wasm`)));
  const signer = await Signer.create(main, PUBLISHED_KEY, { batchModules });
  const messages = Array.from({ length: 301 }, (_, n) => `${n}`.repeat(n % 7));
  assert.deepEqual(
    signer.signMany(messages),
    messages.map((message) => signer.sign(message)),
  );
  // Node 20 has relaxed SIMD behind a flag only. JavaScriptCore has it, but may not fuse the multiply-add.
  const usable = WebAssembly.validate(batchModules[0]) ? (RUNTIME.host === 'bun' ? [0, 1] : [0]) : [1];
  assert.ok(usable.includes(signer.batchModule), `${signer.batchModule}`);
});

test('where none can be used, the main module signs', async () => {
  const signer = await Signer.create(main, PUBLISHED_KEY, { batchModules: [garbage, selfTestFails] });
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(signer.signMany(MESSAGES), oneByOne(signer));
    assert.equal(signer.batchModule, -1);
  }
});

test('two messages go to the batch module, and all else to the main one', async () => {
  const signer = await Signer.create(main, PUBLISHED_KEY, { batchModules: [fake] });
  assert.deepEqual(signer.signMany([]), []);
  assert.deepEqual(signer.signMany(['hello']), [SIGNATURE_OF_HELLO]);
  assert.equal(signer.batchModule, -1);
  assert.notDeepEqual(signer.signMany(['hello', 'hello'])[0], SIGNATURE_OF_HELLO, 'the fake one shows');
  assert.equal(signer.batchModule, 0);
  assert.deepEqual(signer.signMany(['hello']), [SIGNATURE_OF_HELLO]);
  assert.deepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO);
});

test('what is no module at all is an error, and not passed over', async () => {
  const wrong = /** @type {any} */ ('signer-lanes.wasm');
  await assert.rejects(Signer.create(main, PUBLISHED_KEY, { batchModules: [wrong] }), TypeError);
  const signer = await Signer.create(main, PUBLISHED_KEY, { batchModules: [importingModule()] });
  assert.throws(() => signer.signMany(MESSAGES), 'and so is one that no signer can be made of');
});

test('a self-test that fails is told where it is the main module', async () => {
  await assert.rejects(Signer.create(selfTestFails, PUBLISHED_KEY), { code: 'SELF_TEST_FAILED' });
});

test('a large batch is split, and the signatures are those of the main module', () => {
  const signer = new Signer(main, PUBLISHED_KEY, { batchModules: [new WebAssembly.Module(fast)] });
  const messages = Array.from({ length: 4099 }, (_, n) => `${n}`);
  assert.deepEqual(signer.signMany(messages), new Signer(main, PUBLISHED_KEY).signMany(messages));
  assert.equal(signer.batchModule, 0);
  assert.throws(() => signer.signMany(['', new Uint8Array(16 * 1024 * 1024 + 1)]), { code: 'MESSAGE_TOO_LARGE' });
});

test('another key, a wipe and the end concern both', () => {
  const signer = new Signer(main, PUBLISHED_KEY, { batchModules: [new WebAssembly.Module(fast)] });
  signer.signMany(MESSAGES);
  const seed = new Uint8Array(32).fill(7);
  signer.loadKey(Uint8Array.from([...seed, ...signer.derivePublicKey(seed)]));
  assert.deepEqual(signer.signMany(MESSAGES), oneByOne(signer), 'with the new key');
  assert.notDeepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO);
  signer.wipe();
  assert.throws(() => signer.signMany(MESSAGES), { code: 'NO_KEY' });
  assert.throws(() => signer.loadKey(MISMATCHED_KEY), { code: 'KEY_PAIR_MISMATCH' });
  assert.throws(() => signer.signMany(MESSAGES), { code: 'NO_KEY' });
  signer.loadKey(PUBLISHED_KEY);
  assert.deepEqual(signer.signMany(MESSAGES)[1], SIGNATURE_OF_HELLO);
  signer.close();
  assert.throws(() => signer.signMany(MESSAGES), { code: 'CLOSED' });
});

test('a trap in one of them is told, and both go on with the key', async () => {
  const signer = await Signer.create(main, PUBLISHED_KEY, { batchModules: [fake] });
  const before = signer.signMany(['hello', 'hello']);
  for (let round = 0; round < 2; round += 1) {
    assert.throws(() => signer.signMany(['7 bytes', 'hello']), { code: 'TRAPPED' });
    assert.deepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO);
    assert.deepEqual(signer.signMany(['hello', 'hello']), before);
    assert.throws(() => signer.signWith(MISMATCHED_KEY, 'hello'), { code: 'TRAPPED' });
    assert.deepEqual(signer.signMany(['hello', 'hello']), before);
    assert.deepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO);
  }
});

test('an export that a module lacks is named, and is no trap', () => {
  const signer = new Signer(new WebAssembly.Module(fake), PUBLISHED_KEY);
  assert.throws(
    () => signer.derivePublicKey(new Uint8Array(32)),
    /does not export get_public_key_ptr|derive_public_key/,
  );
  assert.throws(() => signer.signWith(PUBLISHED_KEY, 'hello'), { code: 'NO_EXPORT' });
});
