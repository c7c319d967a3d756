// What every adapter in JavaScript answers, in Node, Deno, Bun and the browsers. One adapter is given all of it, because no
// answer may depend on the requests before.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { toHex } from '../conformance/bytes.mjs';
import { built, MISMATCHED_KEY, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from './modules.mjs';
import { askFloats, askRawCases, askTooMuch } from './raw-cases.mjs';
import { foreignTypesModule, identityModule, importingModule, memoryModule } from './small-modules.mjs';

const KEY = toHex(PUBLISHED_KEY);
const HELLO = toHex(new TextEncoder().encode('hello'));
const SIGNATURE = toHex(SIGNATURE_OF_HELLO);
const SIGNED = { ok: { signature: SIGNATURE } };
/** What every module without imports can be asked. */
const RAW_OPS = ['raw', 'raw_deadline', 'raw_module'];

export const MODULES = {
  'signer-raw': { path: built('modules/signer-raw.wasm') },
  'signer-raw-simd': { path: built('modules/signer-raw-simd.wasm') },
  'signer-bindgen': { path: built('pkg/token_signer_bg.wasm'), glue: built('pkg/token_signer.js') },
  'add-raw': { path: built('modules/add-raw.wasm') },
  'add-bindgen': { path: built('pkg/c_linked_add_bg.wasm'), glue: built('pkg/c_linked_add.js') },
};

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * @typedef {import('./adapter.mjs').Adapter} Adapter
 * @typedef {(name: string, bytes: Uint8Array | string) => { path: string }} Save writes a module to a file
 * @typedef {(adapter: Adapter, save: Save) => Promise<void>} Ask
 */

/**
 * @param {object} expected
 * @param {(self: { host: string, version: string, runtime: string }) => void} expected.checkSelf what hello says of the host
 * @param {boolean} expected.hasStructs whether the engine has Wasm's structs
 * @returns {Record<string, Ask>} each to be run as a test of its own, by its name
 */
export const adapterCases = ({ checkSelf, hasStructs }) => ({
  async 'says what it loaded, and answers in order'(adapter) {
    const { protocol, os: system, modules, ...self } = await adapter.hello(MODULES);
    assert.equal(protocol, 1);
    assert.equal(system, `${process.platform}/${process.arch}`);
    checkSelf(self);
    for (const [name, { path: file }] of Object.entries(MODULES)) {
      assert.equal(modules[name].sha256, sha256(readFileSync(file)), name);
    }
    const signer = ['public_key', 'sign', 'sign_many', 'verify', 'verify_strict', 'session'];
    assert.deepEqual(modules['signer-raw'].ops, [...signer, ...RAW_OPS]);
    assert.deepEqual(modules['signer-raw-simd'].ops, [...signer, ...RAW_OPS]);
    assert.deepEqual(modules['signer-bindgen'].ops, ['public_key', 'sign', 'verify', 'verify_strict']);
    assert.deepEqual(modules['add-raw'].ops, ['add', 'divide', ...RAW_OPS]);
    assert.deepEqual(modules['add-bindgen'].ops, ['add']);

    for (const name of ['signer-raw', 'signer-raw-simd', 'signer-bindgen']) {
      const key = { public_key: KEY.slice(64) };
      assert.deepEqual(await adapter.run(name, 'public_key', { seed: KEY.slice(0, 64) }), { ok: key });
      assert.deepEqual(await adapter.run(name, 'public_key', { seed: '00' }), { error: 'KEY_LENGTH' });
      const sign = (/** @type {string} */ keypair, /** @type {unknown} */ message = HELLO) =>
        adapter.run(name, 'sign', { keypair, message });
      assert.deepEqual(await sign(KEY), SIGNED);
      assert.deepEqual(await sign(KEY.slice(2)), { error: 'KEY_LENGTH' });
      assert.deepEqual(await sign(toHex(MISMATCHED_KEY)), { error: 'KEY_PAIR_MISMATCH' });
      assert.deepEqual(await sign(KEY, { repeat: '61', times: 16 * 1024 * 1024 + 1 }), { error: 'MESSAGE_TOO_LARGE' });
      for (const op of ['verify', 'verify_strict']) {
        const input = { ...key, message: HELLO, signature: SIGNATURE };
        assert.deepEqual(await adapter.run(name, op, input), { ok: { valid: true } });
        assert.deepEqual(await adapter.run(name, op, { ...input, message: '' }), { ok: { valid: false } });
        assert.deepEqual(await adapter.run(name, op, { ...input, signature: '00' }), { ok: { valid: false } });
        assert.deepEqual(await adapter.run(name, op, { ...input, public_key: '' }), { error: 'PUBLIC_KEY_LENGTH' });
      }
    }
    const many = await adapter.run('signer-raw', 'sign_many', { keypair: KEY, messages: Array(4097).fill(HELLO) });
    assert.deepEqual(new Set(many.ok.signatures), new Set([SIGNATURE]));
    assert.equal(many.ok.signatures.length, 4097);
    for (const name of ['add-raw', 'add-bindgen']) {
      assert.deepEqual(await adapter.run(name, 'add', { a: 2147483647, b: 1 }), { ok: { value: -2147483648 } });
    }
    assert.deepEqual(await adapter.run('add-raw', 'divide', { a: 7, b: -2 }), { ok: { value: -3 } });
    assert.equal((await adapter.run('add-raw', 'divide', { a: 7, b: 0 })).trap, true);
    assert.match((await adapter.run('add-bindgen', 'divide', { a: 7, b: 1 })).unsupported, /add-bindgen has no divide/);
    assert.match((await adapter.run('other', 'add', { a: 7, b: 1 })).unsupported, /not among those of the hello/);
  },

  async 'a session is one signer, with its traps, its wipes and its end'(adapter) {
    await adapter.hello(MODULES);
    const sign = { op: 'sign', in: { message: HELLO } };
    const session = await adapter.run('signer-raw', 'session', {
      keypair: KEY,
      steps: [
        { op: 'public_key', in: {} },
        { op: 'sign_with', in: { keypair: toHex(MISMATCHED_KEY), message: HELLO } },
        sign,
        { op: 'load_key', in: { keypair: '00' } },
        sign,
        { op: 'load_key', in: { keypair: KEY } },
        { op: 'sign_many', in: { messages: [HELLO, { repeat: '6c', times: 0 }] } },
        { op: 'wipe', in: {} },
        sign,
        { op: 'close', in: {} },
        { op: 'close', in: {} },
        sign,
      ],
    });
    const steps = session.ok.steps;
    const [trapped] = steps.splice(1, 1);
    assert.equal(trapped.trap, true);
    assert.match(trapped.detail, /RuntimeError/);
    const [many] = steps.splice(5, 1);
    assert.deepEqual([many.ok.signatures.length, many.ok.signatures[0]], [2, SIGNATURE]);
    const publicKey = { ok: { public_key: KEY.slice(64) } };
    const noKey = { error: 'NO_KEY' };
    const done = { ok: {} };
    const refused = { error: 'KEY_LENGTH' };
    assert.deepEqual(steps, [
      publicKey,
      SIGNED,
      refused,
      noKey,
      publicKey,
      done,
      noKey,
      done,
      done,
      { error: 'CLOSED' },
    ]);
    const unmade = await adapter.run('signer-raw', 'session', { keypair: toHex(MISMATCHED_KEY), steps: [sign] });
    assert.deepEqual(unmade, { error: 'KEY_PAIR_MISMATCH' });
  },

  async 'raw steps reach every value type, and memory to its last byte'(adapter, save) {
    const { modules } = await adapter.hello({ mine: save('identity', identityModule()), ...MODULES });
    assert.deepEqual(modules.mine.ops, RAW_OPS);
    const values = [{ i32: -1 }, { i64: '-9223372036854775808' }, { f32: '80000000' }, { f64: '7ff0000000000000' }];
    const { ok } = await adapter.run('mine', 'raw', {
      steps: [
        ...values.map((value) => ({ do: 'call', export: Object.keys(value)[0], args: [value] })),
        { do: 'call', export: 'nothing' },
        { do: 'call', export: 'i32', args: [{ i32: 65530 }], as: 'end' },
        { do: 'write', ptr: { var: 'end', plus: 4 }, bytes: 'abcd' },
        { do: 'write', ptr: { var: 'end', plus: 5 }, bytes: 'ffff' },
        { do: 'read', ptr: { var: 'end' }, len: 6 },
        { do: 'read', ptr: { i32: -1 }, len: 1 },
        { do: 'read', ptr: { var: 'end', plus: -65531 }, len: 1 },
        { do: 'pages' },
        { do: 'call', export: 'memory' },
        { do: 'call', export: 'trap' },
        { do: 'pages' },
      ],
    });
    const outOfBounds = { error: 'OUT_OF_BOUNDS' };
    assert.equal(ok.steps.pop().trap, true);
    assert.deepEqual(ok.steps, [
      ...values.map((value) => ({ ok: { results: [value] } })),
      { ok: { results: [] } },
      { ok: { results: [{ i32: 65530 }] } },
      { ok: {} },
      outOfBounds,
      { ok: { bytes: '00000000abcd' } },
      outOfBounds,
      outOfBounds,
      { ok: { pages: 1 } },
      { error: 'NO_EXPORT' },
    ]);
    const raw = await adapter.run('signer-raw', 'raw', { steps: [{ do: 'call', export: 'sign' }, { do: 'pages' }] });
    assert.deepEqual([raw.ok.steps.length, raw.ok.steps[0].trap], [1, true], 'nothing comes after a trap');
  },

  'raw steps at the edges of the contract': askRawCases,
  'raw steps that ask too much': askTooMuch,
  'floats in any order': askFloats,

  async 'a module that cannot be loaded is refused, and the others still work'(adapter, save) {
    const { modules } = await adapter.hello({
      text: save('text', 'not Wasm'),
      importing: save('importing', importingModule()),
      // Glue and a module that do not belong together.
      mixed: { path: MODULES['add-raw'].path, glue: MODULES['signer-bindgen'].glue },
      'add-raw': MODULES['add-raw'],
    });
    const { refused, ...rest } = modules.text;
    assert.deepEqual(rest, { sha256: sha256(Buffer.from('not Wasm')), ops: [] });
    assert.ok(refused);
    assert.deepEqual([modules.importing.ops, modules.mixed.ops], [[], []]);
    assert.match(modules.importing.refused, /env\.print \(function\)/);
    assert.ok(!('refused' in modules['add-raw']));
    assert.match((await adapter.run('text', 'raw', { steps: [] })).unsupported, /text has no raw/);
    assert.deepEqual(await adapter.run('add-raw', 'add', { a: 2, b: 3 }), { ok: { value: 5 } });
  },

  async 'a view that was made before memory grew shows nothing'(adapter, save) {
    const { modules } = await adapter.hello({ mine: save('memory', memoryModule()), 'add-raw': MODULES['add-raw'] });
    assert.deepEqual(modules.mine.ops, [...RAW_OPS, 'kept_view']);
    const seen = await adapter.run('mine', 'kept_view', { ptr: 1024, value: 0x04030201 });
    assert.deepEqual(seen, { error: 'VIEW_DETACHED' });
  },

  async 'a call is cut off at its deadline, and what comes after it is as before'(adapter, save) {
    await adapter.hello({ mine: save('memory', memoryModule()), identity: save('identity', identityModule()) });
    const store = { do: 'call', export: 'store', args: [{ i32: 8 }, { i32: 5 }] };
    const load = { do: 'call', export: 'load', args: [{ i32: 8 }] };
    const spin = { do: 'call', export: 'spin' };
    const stored = [{ ok: { results: [] } }, { ok: { results: [{ i32: 5 }] } }];
    for (let round = 0; round < 2; round += 1) {
      const cut = await adapter.run('mine', 'raw_deadline', { deadline_ms: 100, steps: [store, load, spin, load] });
      assert.deepEqual(cut, { ok: { steps: [...stored, { error: 'CUT_OFF' }] } });
      const inTime = await adapter.run('mine', 'raw_deadline', { deadline_ms: 5000, steps: [store, load] });
      assert.deepEqual(inTime, { ok: { steps: stored } });
    }
    const trap = { do: 'call', export: 'trap' };
    const trapped = await adapter.run('identity', 'raw_deadline', { deadline_ms: 5000, steps: [trap, trap] });
    assert.deepEqual([trapped.ok.steps.length, trapped.ok.steps[0].trap], [1, true]);
    const unknown = { do: 'read', ptr: { var: 'nowhere' }, len: 1 };
    const failed = await adapter.run('mine', 'raw_deadline', { deadline_ms: 5000, steps: [unknown] });
    assert.match(failed.unsupported, /no earlier step gave a result the name nowhere/);
  },

  async 'a module may come with the request'(adapter, save) {
    await adapter.hello({ mine: save('memory', memoryModule()) });
    const ask = (/** @type {Uint8Array} */ bytes, /** @type {object} */ step) =>
      adapter.run('mine', 'raw_module', { wasm: toHex(bytes), steps: [{ do: 'call', ...step }] });
    const same = { export: 'i64', args: [{ i64: '-5' }] };
    assert.deepEqual(await ask(identityModule(), same), { ok: { steps: [{ ok: { results: [{ i64: '-5' }] } }] } });
    for (const refused of [importingModule(), new Uint8Array(8)]) {
      assert.equal((await ask(refused, same)).error, 'MODULE_REFUSED');
    }
    const { ok, error } = await ask(foreignTypesModule(), { export: 'answer' });
    if (hasStructs) assert.deepEqual(ok, { steps: [{ ok: { results: [{ i32: 42 }] } }] });
    else assert.equal(error, 'MODULE_REFUSED');
  },

  async 'a changed module gives changed answers: they come from nowhere else'(adapter, save) {
    await adapter.hello(MODULES);
    assert.deepEqual(await adapter.run('add-raw', 'add', { a: 2, b: 3 }), { ok: { value: 5 } });
    const mutants = Object.fromEntries(
      /** @type {const} */ (['add-raw', 'add-bindgen']).map((name) => [
        name,
        { ...MODULES[name], ...save(name, subtracting(readFileSync(MODULES[name].path))) },
      ]),
    );
    const { modules } = await adapter.hello(mutants);
    for (const [name, { path: file }] of Object.entries(mutants)) {
      assert.equal(modules[name].sha256, sha256(readFileSync(file)));
      assert.deepEqual(await adapter.run(name, 'add', { a: 2, b: 3 }), { ok: { value: -1 } });
    }
    assert.match((await adapter.run('signer-raw', 'sign', {})).unsupported, /not among those/);
  },
});

/**
 * Gives what saves files in a folder of its own, and what removes that folder.
 *
 * @returns {{ folder: string, save: Save, remove: () => void }}
 */
export function scratchFolder() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'everyhost-'));
  return {
    folder,
    save: (name, bytes) => {
      const file = path.join(folder, `${name}.wasm`);
      writeFileSync(file, bytes);
      return { path: file };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** @param {Uint8Array} bytes of a module whose add_numbers is `local.get 0, local.get 1, i32.add` */
function subtracting(bytes) {
  const add = Buffer.from(bytes).indexOf(Buffer.from([0x20, 0x00, 0x20, 0x01, 0x6a]));
  assert.notEqual(add, -1);
  const changed = Uint8Array.from(bytes);
  changed[add + 4] = 0x6b; // i32.sub
  return changed;
}
