// The adapter and the example as others meet them: a process, lines in, lines out. For the runtime's own test runner.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { toHex } from '../bytes.mjs';
import { MISMATCHED_KEY, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from './behaviour.mjs';
import { built } from './built.mjs';
import { askFloats, askRawCases, askTooMuch } from './raw-cases.mjs';
import { foreignTypesModule, identityModule, importingModule, memoryModule } from './small-modules.mjs';

const KEY = toHex(PUBLISHED_KEY);
const HELLO = toHex(new TextEncoder().encode('hello'));
const SIGNATURE = toHex(SIGNATURE_OF_HELLO);
/** What every module without imports can be asked. */
const RAW_OPS = ['raw', 'raw_deadline', 'raw_module'];

const MODULES = {
  'signer-raw': { path: built('modules/signer-raw.wasm') },
  'signer-bindgen': { path: built('pkg/token_signer_bg.wasm'), glue: built('pkg/token_signer.js') },
  'add-raw': { path: built('modules/add-raw.wasm') },
  'add-bindgen': { path: built('pkg/c_linked_add_bg.wasm'), glue: built('pkg/c_linked_add.js') },
};

/**
 * @param {{ host: string, version: string, runtime: RegExp, adapter: string[], example: string[] }} expected what hello
 *   says, and the commands
 * @returns {[name: string, work: () => Promise<void>][]} each to be run as a test of its own
 */
export function programs(expected) {
  /** @type {(work: (adapter: Adapter, save: Save) => Promise<void>) => () => Promise<void>} */
  const withAdapter = (work) =>
    withFiles(async (save) => {
      const adapter = new Adapter(expected.adapter);
      await work(adapter, save);
      assert.deepEqual([await adapter.end(), adapter.stderr], [0, '']);
    });
  return [
    [
      'the adapter says what it loaded, answers in order, and ends with its input',
      withAdapter(async (adapter) => {
        const { version, runtime, os: system, modules, ...rest } = await adapter.hello(MODULES);
        assert.deepEqual(rest, { protocol: 1, host: expected.host });
        assert.equal(version, expected.version);
        assert.match(runtime, expected.runtime);
        assert.match(system, /^[a-z0-9]+\/[a-z0-9_]+$/);
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
          const sign = (/** @type {string} */ keypair, /** @type {unknown} */ message = HELLO) =>
            adapter.run(name, 'sign', { keypair, message });
          assert.deepEqual(await sign(KEY), { ok: { signature: SIGNATURE } });
          assert.deepEqual(await sign(KEY.slice(2)), { error: 'KEY_LENGTH' });
          assert.deepEqual(await sign(toHex(MISMATCHED_KEY)), { error: 'KEY_PAIR_MISMATCH' });
          assert.deepEqual(await sign(KEY, { repeat: '61', times: 16777217 }), { error: 'MESSAGE_TOO_LARGE' });
          for (const op of ['verify', 'verify_strict']) {
            const input = { ...key, message: HELLO, signature: SIGNATURE };
            assert.deepEqual(await adapter.run(name, op, input), { ok: { valid: true } });
            assert.deepEqual(await adapter.run(name, op, { ...input, message: '' }), { ok: { valid: false } });
            assert.deepEqual(await adapter.run(name, op, { ...input, public_key: '' }), { error: 'PUBLIC_KEY_LENGTH' });
          }
        }
        for (const name of ['add-raw', 'add-bindgen']) {
          assert.deepEqual(await adapter.run(name, 'add', { a: 2147483647, b: 1 }), { ok: { value: -2147483648 } });
        }
        assert.equal((await adapter.run('add-raw', 'divide', { a: 7, b: 0 })).trap, true);
        assert.match((await adapter.run('add-bindgen', 'divide', { a: 7, b: 1 })).unsupported, /has no divide/);
        assert.match((await adapter.run('other', 'add', { a: 7, b: 1 })).unsupported, /not among those of the hello/);
      }),
    ],

    [
      'a session is one signer, with its traps, its wipes and its end',
      withAdapter(async (adapter) => {
        await adapter.hello(MODULES);
        const sign = { op: 'sign', in: { message: HELLO } };
        const session = await adapter.run('signer-raw', 'session', {
          keypair: KEY,
          steps: [
            { op: 'sign_with', in: { keypair: toHex(MISMATCHED_KEY), message: HELLO } },
            sign,
            { op: 'load_key', in: { keypair: '00' } },
            sign,
            { op: 'load_key', in: { keypair: KEY } },
            { op: 'sign_many', in: { messages: [HELLO, { repeat: '6c', times: 0 }] } },
            { op: 'wipe', in: {} },
            sign,
            { op: 'close', in: {} },
            sign,
          ],
        });
        const [trap, first, refused, afterRefusal, loaded, many, ...rest] = session.ok.steps;
        assert.equal(trap.trap, true);
        assert.ok(trap.detail);
        assert.deepEqual([first, refused, afterRefusal, loaded], [
          { ok: { signature: SIGNATURE } },
          { error: 'KEY_LENGTH' },
          { error: 'NO_KEY' },
          { ok: { public_key: KEY.slice(64) } },
        ]);
        assert.deepEqual([many.ok.signatures.length, many.ok.signatures[0]], [2, SIGNATURE]);
        assert.deepEqual(rest, [{ ok: {} }, { error: 'NO_KEY' }, { ok: {} }, { error: 'CLOSED' }]);
      }),
    ],

    [
      'raw steps reach memory to its last byte, and end with a trap',
      withAdapter(async (adapter, save) => {
        const file = save('identity', identityModule());
        const { modules } = await adapter.hello({ mine: file });
        assert.deepEqual(modules.mine.ops, RAW_OPS);
        const { ok } = await adapter.run('mine', 'raw', {
          steps: [
            { do: 'call', export: 'i64', args: [{ i64: '-9223372036854775808' }] },
            { do: 'call', export: 'f64', args: [{ f64: '7ff0000000000000' }] },
            { do: 'call', export: 'i32', args: [{ i32: 65530 }], as: 'end' },
            { do: 'write', ptr: { var: 'end', plus: 4 }, bytes: 'abcd' },
            { do: 'write', ptr: { var: 'end', plus: 5 }, bytes: 'ffff' },
            { do: 'read', ptr: { var: 'end' }, len: 6 },
            { do: 'read', ptr: { i32: -1 }, len: 1 },
            { do: 'pages' },
            { do: 'call', export: 'memory' },
            { do: 'call', export: 'trap' },
            { do: 'pages' },
          ],
        });
        assert.equal(ok.steps.pop().trap, true);
        assert.deepEqual(ok.steps, [
          { ok: { results: [{ i64: '-9223372036854775808' }] } },
          { ok: { results: [{ f64: '7ff0000000000000' }] } },
          { ok: { results: [{ i32: 65530 }] } },
          { ok: {} },
          { error: 'OUT_OF_BOUNDS' },
          { ok: { bytes: '00000000abcd' } },
          { error: 'OUT_OF_BOUNDS' },
          { ok: { pages: 1 } },
          { error: 'NO_EXPORT' },
        ]);
      }),
    ],

    ['raw steps at the edges of the contract', withAdapter(askRawCases)],
    ['raw steps that ask too much', withAdapter(askTooMuch)],
    ['floats in any order', withAdapter(askFloats)],

    [
      'a call is cut off at its deadline, and what comes after it is as before',
      withAdapter(async (adapter, save) => {
        await adapter.hello({ mine: save('memory', memoryModule()) });
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
      }),
    ],

    [
      'a view that was made before memory grew shows nothing',
      withAdapter(async (adapter, save) => {
        const { modules } = await adapter.hello({ mine: save('memory', memoryModule()) });
        assert.deepEqual(modules.mine.ops, [...RAW_OPS, 'kept_view']);
        const seen = await adapter.run('mine', 'kept_view', { ptr: 1024, value: 0x04030201 });
        assert.deepEqual(seen, { error: 'VIEW_DETACHED' });
      }),
    ],

    [
      'a module may come with the request',
      withAdapter(async (adapter, save) => {
        await adapter.hello({ mine: save('memory', memoryModule()) });
        const ask = (/** @type {Uint8Array} */ bytes, /** @type {string} */ name) =>
          adapter.run('mine', 'raw_module', { wasm: toHex(bytes), steps: [{ do: 'call', export: name }] });
        assert.deepEqual(await ask(identityModule(), 'nothing'), { ok: { steps: [{ ok: { results: [] } }] } });
        assert.deepEqual(await ask(foreignTypesModule(), 'answer'), {
          ok: { steps: [{ ok: { results: [{ i32: 42 }] } }] },
        });
        for (const refused of [importingModule(), new Uint8Array(8)]) {
          assert.equal((await ask(refused, 'nothing')).error, 'MODULE_REFUSED');
        }
      }),
    ],

    [
      'a module that cannot be loaded is refused, and the others are not concerned',
      withAdapter(async (adapter, save) => {
        const { modules } = await adapter.hello({
          text: save('text', new TextEncoder().encode('not Wasm')),
          importing: save('importing', importingModule()),
          'add-raw': MODULES['add-raw'],
        });
        assert.deepEqual([modules.text.ops, modules.importing.ops], [[], []]);
        assert.equal(modules.text.sha256, createHash('sha256').update('not Wasm').digest('hex'));
        assert.ok(modules.text.refused);
        assert.match(modules.importing.refused, /env\.print \(function\)/);
        assert.ok(!('refused' in modules['add-raw']));
        assert.deepEqual(await adapter.run('add-raw', 'add', { a: 2, b: 3 }), { ok: { value: 5 } });
      }),
    ],

    [
      'a changed module gives changed answers: they come from nowhere else',
      withAdapter(async (adapter, save) => {
        await adapter.hello(MODULES);
        const mutants = Object.fromEntries(
          /** @type {const} */ (['add-raw', 'add-bindgen']).map((name) => [
            name,
            { ...MODULES[name], ...save(name, subtracting(readFileSync(MODULES[name].path))) },
          ]),
        );
        const { modules } = await adapter.hello(mutants);
        for (const [name, { path: file }] of Object.entries(mutants)) {
          assert.equal(modules[name].sha256, createHash('sha256').update(readFileSync(file)).digest('hex'));
          assert.deepEqual(await adapter.run(name, 'add', { a: 2, b: 3 }), { ok: { value: -1 } });
        }
        assert.match((await adapter.run('signer-raw', 'sign', {})).unsupported, /not among those/);
      }),
    ],

    ['a line may have 64 MiB and no more', async () => {
      const adapter = new Adapter(expected.adapter);
      await adapter.hello(MODULES);
      const room = 64 * 1024 * 1024;
      const request = { cmd: 'run', seq: 1, module: 'signer-raw', op: 'sign', in: { keypair: KEY, message: '' } };
      const padding = 'x'.repeat(room - JSON.stringify({ ...request, more: '' }).length);
      const full = JSON.stringify({ ...request, more: padding });
      assert.ok((await adapter.ask(full)).ok.signature);
      assert.equal(await adapter.ask(`${full} `), undefined);
      assert.equal(await adapter.end(), 1);
      assert.equal(adapter.stderr, "adapter: a line of over 67108864 bytes; that is the protocol's limit\n");
    }],

    ...[
      'nonsense',
      '{"cmd":"dance"}',
      '{"cmd":"hello","protocol":1,"modules":{"m":{"path":"missing.wasm"}}}',
    ].map((line) => /** @type {[string, () => Promise<void>]} */ ([
      `the adapter ends with one clear line for ${line}`,
      async () => {
        const adapter = new Adapter(expected.adapter);
        assert.equal(await adapter.ask(line), undefined);
        assert.equal(await adapter.end(), 1);
        assert.match(
          adapter.stderr,
          /^adapter: .*(JSON|no such command: dance; expected hello or run|missing\.wasm).*\n$/,
        );
      },
    ])),

    ['the example prints what the README shows', async () => {
      const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
      const shown = /```console\n\$ [^\n]*example\.mjs\n(.*?)```/s.exec(readme)?.[1];
      const { stdout } = await run(expected.example);
      assert.equal(stdout, shown);
    }],

    [
      'the example takes a message, a key and a module from files',
      withFiles(async (save) => {
        const { stdout: shown } = await run(expected.example);
        const message = save('message', new TextEncoder().encode('hello')).path;
        const module = ['--module', built('modules/signer-raw-simd.wasm')];
        for (const key of [PUBLISHED_KEY, new TextEncoder().encode(`${KEY}\n`)]) {
          const args = ['--message-file', message, '--key-file', save('key', key).path, ...module];
          assert.equal((await run([...expected.example, ...args])).stdout, shown);
        }
        const short = save('short', new TextEncoder().encode('short')).path;
        await assert.rejects(run([...expected.example, '--key-file', short]), {
          code: 1,
          stderr: 'example: a keypair must be 64 bytes long (a seed of 32, then its public key); this one has 5\n',
        });
      }),
    ],
  ];
}

class Adapter {
  #seq = 0;
  stderr = '';

  /** @param {string[]} command */
  constructor([program, ...args]) {
    this.process = spawn(program, args);
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.stderr.on('data', (text) => (this.stderr += text));
    // An adapter that has ended cannot be written to; its exit code tells more than EPIPE.
    this.process.stdin.on('error', () => {});
    this.closed = once(this.process, 'close');
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
    const [code] = await this.closed;
    return code;
  }
}

/** @param {string[]} command */
function run([program, ...args]) {
  return promisify(execFile)(program, args);
}

/** @typedef {(name: string, bytes: Uint8Array) => { path: string }} Save */

/**
 * Gives `work` what saves files, in a folder that is there for this test only.
 *
 * @param {(save: Save) => Promise<void>} work
 */
function withFiles(work) {
  return async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'everyhost-'));
    try {
      await work((name, bytes) => {
        const file = path.join(folder, name);
        writeFileSync(file, bytes);
        return { path: file };
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
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

/** @param {string} name of a file of this host */
export const fileOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
