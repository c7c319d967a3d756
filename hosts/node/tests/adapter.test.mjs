// The adapter as the runner meets it: a process, lines in, lines out.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { toHex } from '../bytes.mjs';
import { built, MISMATCHED_KEY, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from './modules.mjs';
import { askFloats, askRawCases, askTooMuch } from './raw-cases.mjs';
import { foreignTypesModule, identityModule, importingModule, memoryModule } from './small-modules.mjs';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'everyhost-'));
after(() => rmSync(scratch, { recursive: true }));

const KEY = toHex(PUBLISHED_KEY);
const HELLO = toHex(new TextEncoder().encode('hello'));
const SIGNATURE = toHex(SIGNATURE_OF_HELLO);

const MODULES = {
  'signer-raw': { path: built('modules/signer-raw.wasm') },
  'signer-bindgen': { path: built('pkg/token_signer_bg.wasm'), glue: built('pkg/token_signer.js') },
  'add-raw': { path: built('modules/add-raw.wasm') },
  'add-bindgen': { path: built('pkg/c_linked_add_bg.wasm'), glue: built('pkg/c_linked_add.js') },
};

/** What every module without imports can be asked. */
const RAW_OPS = ['raw', 'raw_deadline', 'raw_module'];

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 */
function saved(name, bytes) {
  const file = path.join(scratch, `${name}.wasm`);
  writeFileSync(file, bytes);
  return { path: file };
}

class Adapter {
  #seq = 0;
  stderr = '';

  constructor() {
    this.process = spawn(process.execPath, [fileURLToPath(new URL('../adapter.mjs', import.meta.url))]);
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.stderr.on('data', (text) => (this.stderr += text));
    // An adapter that has ended cannot be written to; its exit code tells more than EPIPE.
    this.process.stdin.on('error', () => {});
  }

  /** @param {object | string} request */
  async ask(request) {
    this.process.stdin.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    return done ? undefined : JSON.parse(value);
  }

  /** @param {Record<string, { path: string, glue?: string }>} modules */
  hello(modules) {
    return this.ask({ cmd: 'hello', protocol: 1, modules });
  }

  /**
   * @param {string} module
   * @param {string} op
   * @param {object} input
   */
  async run(module, op, input) {
    this.#seq += 1;
    const { seq, ...answer } = await this.ask({ cmd: 'run', seq: this.#seq, module, op, in: input, later: 'ignored' });
    assert.equal(seq, this.#seq);
    return answer;
  }

  /** Ends its input, and gives its exit code. */
  async end() {
    this.process.stdin.end();
    if (this.process.exitCode === null) await once(this.process, 'exit');
    return this.process.exitCode;
  }
}

test('says what it loaded, answers in order, and ends with its input', async () => {
  const adapter = new Adapter();
  const hello = await adapter.hello(MODULES);
  const { version, runtime, os: system, modules, ...rest } = hello;
  assert.deepEqual(rest, { protocol: 1, host: 'node' });
  assert.equal(version, process.versions.node);
  assert.match(runtime, /^V8 \d/);
  assert.equal(system, `${process.platform}/${process.arch}`);
  for (const [name, { path: file }] of Object.entries(MODULES)) {
    assert.equal(modules[name].sha256, createHash('sha256').update(readFileSync(file)).digest('hex'), name);
  }
  const signer = ['public_key', 'sign', 'sign_many', 'verify', 'verify_strict', 'session'];
  assert.deepEqual(modules['signer-raw'].ops, [...signer, ...RAW_OPS]);
  assert.deepEqual(modules['signer-bindgen'].ops, ['public_key', 'sign', 'verify', 'verify_strict']);
  assert.deepEqual(modules['add-raw'].ops, ['add', 'divide', ...RAW_OPS]);
  assert.deepEqual(modules['add-bindgen'].ops, ['add']);

  for (const name of ['signer-raw', 'signer-bindgen']) {
    const key = { public_key: KEY.slice(64) };
    assert.deepEqual(await adapter.run(name, 'public_key', { seed: KEY.slice(0, 64) }), { ok: key });
    assert.deepEqual(await adapter.run(name, 'public_key', { seed: '00' }), { error: 'KEY_LENGTH' });
    const signed = await adapter.run(name, 'sign', { keypair: KEY, message: HELLO });
    assert.deepEqual(signed, { ok: { signature: SIGNATURE } });
    for (const [keypair, error] of [
      [KEY.slice(2), 'KEY_LENGTH'],
      [toHex(MISMATCHED_KEY), 'KEY_PAIR_MISMATCH'],
    ]) {
      assert.deepEqual(await adapter.run(name, 'sign', { keypair, message: HELLO }), { error });
    }
    const large = { repeat: '61', times: 16 * 1024 * 1024 + 1 };
    const refused = { error: 'MESSAGE_TOO_LARGE' };
    assert.deepEqual(await adapter.run(name, 'sign', { keypair: KEY, message: large }), refused);
    for (const op of ['verify', 'verify_strict']) {
      const input = { ...key, message: HELLO, signature: SIGNATURE };
      assert.deepEqual(await adapter.run(name, op, input), { ok: { valid: true } });
      assert.deepEqual(await adapter.run(name, op, { ...input, message: '' }), { ok: { valid: false } });
      assert.deepEqual(await adapter.run(name, op, { ...input, signature: '00' }), { ok: { valid: false } });
      assert.deepEqual(await adapter.run(name, op, { ...input, public_key: '' }), { error: 'PUBLIC_KEY_LENGTH' });
    }
  }
  for (const name of ['add-raw', 'add-bindgen']) {
    assert.deepEqual(await adapter.run(name, 'add', { a: 2147483647, b: 1 }), { ok: { value: -2147483648 } });
  }
  assert.deepEqual(await adapter.run('add-raw', 'divide', { a: 7, b: -2 }), { ok: { value: -3 } });
  assert.equal((await adapter.run('add-raw', 'divide', { a: 7, b: 0 })).trap, true);
  assert.match((await adapter.run('add-bindgen', 'divide', { a: 7, b: 1 })).unsupported, /add-bindgen has no divide/);
  assert.match((await adapter.run('other', 'add', { a: 7, b: 1 })).unsupported, /not among those of the hello/);
  assert.equal(await adapter.end(), 0);
  assert.equal(adapter.stderr, '');
});

test('a session is one signer, with its traps, its wipes and its end', async () => {
  const adapter = new Adapter();
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
  assert.equal(steps[1].trap, true);
  assert.match(steps[1].detail, /RuntimeError/);
  assert.equal(steps[6].ok.signatures[0], SIGNATURE);
  assert.equal(steps[6].ok.signatures.length, 2);
  const publicKey = { ok: { public_key: KEY.slice(64) } };
  const noKey = { error: 'NO_KEY' };
  const rest = steps.filter((/** @type {object} */ _, /** @type {number} */ index) => index !== 1 && index !== 6);
  assert.deepEqual(rest, [
    publicKey,
    { ok: { signature: SIGNATURE } },
    { error: 'KEY_LENGTH' },
    noKey,
    publicKey,
    { ok: {} },
    noKey,
    { ok: {} },
    { ok: {} },
    { error: 'CLOSED' },
  ]);
  const unmade = await adapter.run('signer-raw', 'session', { keypair: toHex(MISMATCHED_KEY), steps: [sign] });
  assert.deepEqual(unmade, { error: 'KEY_PAIR_MISMATCH' });
  assert.equal(await adapter.end(), 0);
});

test('raw steps reach every value type, and memory to its last byte', async () => {
  const adapter = new Adapter();
  const hello = await adapter.hello({ mine: saved('identity', identityModule()) });
  assert.deepEqual(hello.modules.mine.ops, RAW_OPS);
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
  const trap = ok.steps.pop();
  assert.equal(trap.trap, true);
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
  assert.equal(await adapter.end(), 0);
});

for (const [what, ask] of Object.entries({
  'raw steps at the edges of the contract': askRawCases,
  'raw steps that ask too much': askTooMuch,
  'floats in any order': askFloats,
})) {
  test(what, async () => {
    const adapter = new Adapter();
    await ask(adapter, saved);
    assert.equal(await adapter.end(), 0);
    assert.equal(adapter.stderr, '');
  });
}

test('a module that cannot be loaded is refused, and the others are not concerned', async () => {
  const adapter = new Adapter();
  const text = Buffer.from('not Wasm');
  const { modules } = await adapter.hello({
    text: saved('text', text),
    importing: saved('importing', importingModule()),
    // Glue and a module that do not belong together.
    mixed: { path: built('modules/add-raw.wasm'), glue: built('pkg/token_signer.js') },
    'add-raw': MODULES['add-raw'],
  });
  const { refused, ...rest } = modules.text;
  assert.deepEqual(rest, { sha256: createHash('sha256').update(text).digest('hex'), ops: [] });
  assert.ok(refused);
  assert.deepEqual(modules.importing.ops, []);
  assert.match(modules.importing.refused, /env\.print \(function\)/);
  assert.deepEqual(modules.mixed.ops, []);
  assert.ok(!('refused' in modules['add-raw']));
  assert.match((await adapter.run('text', 'raw', { steps: [] })).unsupported, /text has no raw/);
  assert.deepEqual(await adapter.run('add-raw', 'add', { a: 2, b: 3 }), { ok: { value: 5 } });
  assert.equal(await adapter.end(), 0);
  assert.equal(adapter.stderr, '');
});

test('a view that was made before memory grew shows nothing', async () => {
  const adapter = new Adapter();
  const { modules } = await adapter.hello({ mine: saved('memory', memoryModule()), 'add-raw': MODULES['add-raw'] });
  assert.deepEqual(modules.mine.ops, [...RAW_OPS, 'kept_view']);
  const detached = { error: 'VIEW_DETACHED' };
  assert.deepEqual(await adapter.run('mine', 'kept_view', { ptr: 1024, value: 0x04030201 }), detached);
  assert.equal(await adapter.end(), 0);
});

test('a call is cut off at its deadline, and what comes after it is as before', async () => {
  const adapter = new Adapter();
  await adapter.hello({ mine: saved('memory', memoryModule()), identity: saved('identity', identityModule()) });
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
  assert.equal(await adapter.end(), 0);
});

test('a module may come with the request', async () => {
  const adapter = new Adapter();
  await adapter.hello({ mine: saved('memory', memoryModule()) });
  const ask = (/** @type {Uint8Array} */ bytes, /** @type {object} */ step) =>
    adapter.run('mine', 'raw_module', { wasm: toHex(bytes), steps: [{ do: 'call', ...step }] });
  const same = { export: 'i64', args: [{ i64: '-5' }] };
  assert.deepEqual(await ask(identityModule(), same), { ok: { steps: [{ ok: { results: [{ i64: '-5' }] } }] } });
  for (const refused of [importingModule(), new Uint8Array(8)]) {
    assert.equal((await ask(refused, same)).error, 'MODULE_REFUSED');
  }
  // References and structs are newer than some engines.
  const foreign = foreignTypesModule();
  const known = WebAssembly.validate(foreign);
  const { ok, error } = await ask(foreign, { export: 'answer' });
  if (known) assert.deepEqual(ok, { steps: [{ ok: { results: [{ i32: 42 }] } }] });
  else assert.equal(error, 'MODULE_REFUSED');
  assert.equal(await adapter.end(), 0);
});

test('a changed module gives changed answers: they come from nowhere else', async () => {
  const adapter = new Adapter();
  const bytes = readFileSync(MODULES['add-raw'].path);
  const mutant = path.join(scratch, 'mutant.wasm');
  const add = bytes.indexOf(Buffer.from([0x20, 0x00, 0x20, 0x01, 0x6a])); // local.get 0, local.get 1, i32.add
  assert.notEqual(add, -1);
  bytes[add + 4] = 0x6b; // i32.sub
  writeFileSync(mutant, bytes);
  await adapter.hello(MODULES);
  assert.deepEqual(await adapter.run('add-raw', 'add', { a: 2, b: 3 }), { ok: { value: 5 } });
  const hello = await adapter.hello({ 'add-raw': { path: mutant } });
  assert.equal(hello.modules['add-raw'].sha256, createHash('sha256').update(bytes).digest('hex'));
  assert.deepEqual(await adapter.run('add-raw', 'add', { a: 2, b: 3 }), { ok: { value: -1 } });
  assert.match((await adapter.run('signer-raw', 'sign', {})).unsupported, /not among those/);
  assert.equal(await adapter.end(), 0);
});

test('a line may have 64 MiB and no more', async () => {
  const adapter = new Adapter();
  await adapter.hello(MODULES);
  const room = 64 * 1024 * 1024;
  const request = { cmd: 'run', seq: 1, module: 'signer-raw', op: 'sign', in: { keypair: KEY, message: '' } };
  const full = JSON.stringify({ ...request, more: 'x'.repeat(room - JSON.stringify({ ...request, more: '' }).length) });
  assert.equal(full.length, room);
  assert.ok((await adapter.ask(full)).ok.signature);
  assert.equal(await adapter.ask(`${full} `), undefined);
  assert.equal(await adapter.end(), 1);
  assert.equal(adapter.stderr, "adapter: a line of over 67108864 bytes; that is the protocol's limit\n");
});

for (const [what, line, message] of [
  ['not JSON', 'nonsense', /^adapter: .*JSON.*\n$/],
  ['another command', '{"cmd":"dance"}', /^adapter: no such command: dance; expected hello or run\n$/],
  [
    'a module that is not there',
    '{"cmd":"hello","protocol":1,"modules":{"m":{"path":"missing.wasm"}}}',
    /^adapter: ENOENT.*missing.wasm.*\n$/,
  ],
]) {
  test(`ends with one clear line for ${what}`, async () => {
    const adapter = new Adapter();
    assert.equal(await adapter.ask(String(line)), undefined);
    assert.equal(await adapter.end(), 1);
    assert.match(adapter.stderr, /** @type {RegExp} */ (message));
  });
}
