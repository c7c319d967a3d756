// The adapter as the runner meets it: a process, lines in, lines out, and a browser that goes when it goes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { MISMATCHED_KEY, SIGNATURE_HEX } from './open.mjs';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'everyhost-'));
after(() => rmSync(scratch, { recursive: true }));

const built = (/** @type {string} */ name) => fileURLToPath(new URL(`../../../target/${name}`, import.meta.url));
const KEY = MISMATCHED_KEY.slice(0, -2) + '9f';
const HELLO = Buffer.from('hello').toString('hex');

const MODULES = {
  'signer-raw': { path: built('modules/signer-raw.wasm') },
  'signer-raw-simd': { path: built('modules/signer-raw-simd.wasm') },
  'signer-bindgen': { path: built('pkg/token_signer_bg.wasm'), glue: built('pkg/token_signer.js') },
  'add-raw': { path: built('modules/add-raw.wasm') },
  'add-bindgen': { path: built('pkg/c_linked_add_bg.wasm'), glue: built('pkg/c_linked_add.js') },
};

class Adapter {
  #seq = 0;
  stderr = '';

  /** @param {NodeJS.ProcessEnv} [env] */
  constructor(env = process.env) {
    this.process = spawn(process.execPath, [fileURLToPath(new URL('../adapter.mjs', import.meta.url))], { env });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.stderr.on('data', (text) => (this.stderr += text));
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
    const { seq, ...answer } = await this.ask({ cmd: 'run', seq: this.#seq, module, op, in: input });
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

test('says what the page loaded, answers from there, and ends with its input', async () => {
  const adapter = new Adapter();
  const { version, runtime, os: system, modules, ...rest } = await adapter.hello(MODULES);
  assert.deepEqual(rest, { protocol: 1, host: 'browser' });
  assert.equal(runtime, `Chromium ${version}`);
  assert.equal(system, `${process.platform}/${process.arch}`);
  for (const [name, { path: file }] of Object.entries(MODULES)) {
    assert.equal(modules[name].sha256, createHash('sha256').update(readFileSync(file)).digest('hex'), name);
  }
  const signed = { ok: { signature: SIGNATURE_HEX } };
  for (const name of ['signer-raw', 'signer-raw-simd', 'signer-bindgen']) {
    assert.deepEqual(await adapter.run(name, 'sign', { keypair: KEY, message: HELLO }), signed);
    const refused = await adapter.run(name, 'sign', { keypair: MISMATCHED_KEY, message: HELLO });
    assert.deepEqual(refused, { error: 'KEY_PAIR_MISMATCH' });
    const large = { repeat: '61', times: 16 * 1024 * 1024 + 1 };
    const tooLarge = await adapter.run(name, 'sign', { keypair: KEY, message: large });
    assert.deepEqual(tooLarge, { error: 'MESSAGE_TOO_LARGE' });
  }
  const many = await adapter.run('signer-raw', 'sign_many', { keypair: KEY, messages: Array(4097).fill(HELLO) });
  assert.deepEqual(new Set(many.ok.signatures), new Set([SIGNATURE_HEX]));
  assert.equal(many.ok.signatures.length, 4097);
  const sign = { op: 'sign', in: { message: HELLO } };
  const session = await adapter.run('signer-raw', 'session', {
    keypair: KEY,
    steps: [{ op: 'sign_with', in: { keypair: MISMATCHED_KEY, message: HELLO } }, sign, { op: 'close', in: {} }, sign],
  });
  assert.equal(session.ok.steps[0].trap, true);
  assert.deepEqual(session.ok.steps.slice(1), [signed, { ok: {} }, { error: 'CLOSED' }]);
  const raw = await adapter.run('signer-raw', 'raw', { steps: [{ do: 'call', export: 'sign' }, { do: 'pages' }] });
  assert.deepEqual([raw.ok.steps.length, raw.ok.steps[0].trap], [1, true]);
  for (const name of ['add-raw', 'add-bindgen']) {
    assert.deepEqual(await adapter.run(name, 'add', { a: 2, b: 3 }), { ok: { value: 5 } });
  }
  assert.equal((await adapter.run('add-raw', 'divide', { a: 1, b: 0 })).trap, true);
  assert.match((await adapter.run('other', 'add', { a: 1, b: 1 })).unsupported, /not among those of the hello/);
  assert.equal(await adapter.end(), 0);
  assert.equal(adapter.stderr, '');
});

test('a changed module gives changed answers: they come from nowhere else', async () => {
  const adapter = new Adapter();
  const changed = (/** @type {string} */ file) => {
    const bytes = readFileSync(file);
    const add = bytes.indexOf(Buffer.from([0x20, 0x00, 0x20, 0x01, 0x6a])); // local.get 0, local.get 1, i32.add
    assert.notEqual(add, -1, file);
    bytes[add + 4] = 0x6b; // i32.sub
    const mutant = path.join(scratch, path.basename(file));
    writeFileSync(mutant, bytes);
    return { path: mutant, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  await adapter.hello(MODULES);
  const mutants = {
    'add-raw': changed(MODULES['add-raw'].path),
    'add-bindgen': { ...changed(MODULES['add-bindgen'].path), glue: MODULES['add-bindgen'].glue },
  };
  const { modules } = await adapter.hello(mutants);
  for (const [name, { sha256 }] of Object.entries(mutants)) {
    assert.equal(modules[name].sha256, sha256);
    assert.deepEqual(await adapter.run(name, 'add', { a: 2, b: 3 }), { ok: { value: -1 } });
  }
  assert.equal(await adapter.end(), 0);
});

for (const [what, line, message] of /** @type {[string, string, RegExp][]} */ ([
  ['not JSON', 'nonsense', /^adapter: .*JSON.*\n$/],
  ['another command', '{"cmd":"dance"}', /^adapter: no such command: dance; expected hello or run\n$/],
  [
    'a module that is not Wasm',
    JSON.stringify({ cmd: 'hello', protocol: 1, modules: { m: { path: fileURLToPath(import.meta.url) } } }),
    /^adapter: cannot load m: .*magic.*\n$/,
  ],
])) {
  test(`ends with one clear line for ${what}`, async () => {
    const adapter = new Adapter();
    assert.equal(await adapter.ask(line), undefined);
    assert.equal(await adapter.end(), 1);
    assert.match(adapter.stderr, message);
  });
}

test('without a Chromium it ends at once, and says what to do', async () => {
  const adapter = new Adapter({ ...process.env, CHROMIUM: path.join(scratch, 'none') });
  assert.equal(await adapter.end(), 1);
  assert.match(
    adapter.stderr,
    /^adapter: CHROMIUM is .*none, which is no program; name one, or unset it to search PATH\n$/,
  );
});

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
  test(
    `after ${signal} no browser is left behind`,
    { skip: process.platform !== 'linux' && '/proc is Linux' },
    async () => {
      const adapter = new Adapter();
      await adapter.hello({ 'add-raw': MODULES['add-raw'] });
      const browsers = childrenOf(Number(adapter.process.pid));
      assert.notEqual(browsers.length, 0);
      adapter.process.kill(signal);
      await once(adapter.process, 'exit');
      for (let wait = 0; browsers.some(isAlive) && wait < 100; wait += 1) await sleep(100);
      assert.deepEqual(browsers.filter(isAlive), []);
    },
  );
}

test('when the browser is gone, the adapter goes too', async () => {
  const adapter = new Adapter();
  await adapter.hello({ 'add-raw': MODULES['add-raw'] });
  for (const browser of childrenOf(Number(adapter.process.pid))) process.kill(browser, 'SIGKILL');
  assert.equal(await adapter.lines.next().then(({ done }) => done), true);
  assert.equal(await adapter.end(), 1);
  assert.equal(adapter.stderr, 'adapter: Chromium ended\n');
});

/**
 * @param {number} parent
 * @returns {number[]} the processes that it started
 */
function childrenOf(parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statOf(Number(name))?.parent === parent)
    .map(Number);
}

/** @param {number} pid */
function isAlive(pid) {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** @param {number} pid */
function statOf(pid) {
  try {
    // The name, in brackets, may have anything in it.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
