// What every adapter in JavaScript answers, in Node, Deno, Bun and the browsers. One adapter is given all of it, because no
// answer may depend on the requests before.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { toHex } from '../conformance/bytes.mjs';
import { built, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from './modules.mjs';
import { askFloats, askRawCases, askTooMuch } from './raw-cases.mjs';
import { identityModule, importingModule, memoryModule } from './small-modules.mjs';
import { askWasi } from './wasi-cases.mjs';

/** What every module can be asked. */
const RAW_OPS = ['raw', 'raw_deadline', 'raw_module', 'raw_imports', 'wasi'];

export const MODULES = {
  'signer-raw': { path: built('modules/signer-raw.wasm') },
  'signer-raw-simd': { path: built('modules/signer-raw-simd.wasm') },
  'signer-bindgen': { path: built('pkg/token_signer_bg.wasm'), glue: built('pkg/token_signer.js') },
  'add-raw': { path: built('modules/add-raw.wasm') },
  'add-bindgen': { path: built('pkg/c_linked_add_bg.wasm'), glue: built('pkg/c_linked_add.js') },
};

const PUBLIC_KEY = toHex(PUBLISHED_KEY.subarray(32));

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
 * @returns {Record<string, Ask>} each to be run as a test of its own, by its name
 */
export const adapterCases = ({ checkSelf }) => ({
  async 'says what it loaded, and answers in order'(adapter) {
    const { protocol, os: system, modules, ...self } = await adapter.hello(MODULES);
    assert.equal(protocol, 1);
    assert.equal(system, `${process.platform}/${process.arch}`);
    checkSelf(self);
    for (const [name, { path: file }] of Object.entries(MODULES)) {
      assert.equal(modules[name].sha256, sha256(readFileSync(file)), name);
    }
    const many = ['verify_many', 'verify_many_strict'];
    const signer = ['public_key', 'sign', 'sign_many', 'verify', 'verify_strict', 'session', ...many];
    assert.deepEqual(modules['signer-raw'].ops, [...signer, ...RAW_OPS]);
    assert.deepEqual(modules['signer-raw-simd'].ops, [...signer, ...RAW_OPS]);
    assert.deepEqual(modules['signer-bindgen'].ops, ['public_key', 'sign', 'verify', 'verify_strict']);
    assert.deepEqual(modules['add-raw'].ops, ['add', 'divide', ...RAW_OPS]);
    assert.deepEqual(modules['add-bindgen'].ops, ['add']);

    assert.match((await adapter.run('add-bindgen', 'divide', { a: 7, b: 1 })).unsupported, /add-bindgen has no divide/);
    assert.match((await adapter.run('other', 'add', { a: 7, b: 1 })).unsupported, /not among those of the hello/);
  },

  async 'batches of signatures'(adapter) {
    const { modules } = await adapter.hello({
      'signer-raw': MODULES['signer-raw'],
      'verifier-lanes': { path: built('modules/verifier-lanes.wasm') },
    });
    const many = ['verify_many', 'verify_many_strict'];
    assert.deepEqual(modules['verifier-lanes'].ops, ['verify', 'verify_strict', ...many, ...RAW_OPS]);
    const right = { public_key: PUBLIC_KEY, message: '68656c6c6f', signature: toHex(SIGNATURE_OF_HELLO) };
    const wrong = { ...right, message: { repeat: '61', times: 5 } };
    const short = { ...right, public_key: PUBLIC_KEY.slice(2) };
    const large = { ...right, message: { repeat: '61', times: 16 * 1024 * 1024 + 1 } };
    for (const module of Object.keys(modules)) {
      for (const op of many) {
        const run = (/** @type {object} */ input) => adapter.run(module, op, input);
        assert.deepEqual(await run({ items: [right, wrong] }), { ok: { verdicts: '0100' } });
        assert.deepEqual(await run({ items: [right, wrong], order: [1, 0, 0] }), { ok: { verdicts: '000101' } });
        assert.deepEqual(await run({ items: [right], order: [] }), { ok: { verdicts: '' } });
        assert.deepEqual(await run({ items: [right, short] }), { error: 'PUBLIC_KEY_LENGTH' });
        assert.deepEqual(await run({ items: [large, right] }), { error: 'MESSAGE_TOO_LARGE' });
        assert.deepEqual(Object.keys(await run({ items: [right], order: [1] })), ['unsupported']);
      }
      for (const op of ['verify', 'verify_strict']) {
        assert.deepEqual(await adapter.run(module, op, right), { ok: { valid: true } });
        assert.deepEqual(await adapter.run(module, op, wrong), { ok: { valid: false } });
        assert.deepEqual(await adapter.run(module, op, short), { error: 'PUBLIC_KEY_LENGTH' });
      }
    }
  },

  'raw steps at the edges of the contract': askRawCases,
  'raw steps that ask too much': askTooMuch,
  'floats in any order': askFloats,
  'programs of WASI': askWasi,

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
    assert.deepEqual([modules.importing.ops, modules.mixed.ops], [RAW_OPS, []]);
    assert.match((await adapter.run('importing', 'raw', { steps: [] })).detail, /env/);
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
