// The adapter as the runner meets it: a process, lines in, lines out, and a browser that goes when it goes.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { MISMATCHED_KEY, SIGNATURE_HEX } from './book.mjs';
import { Adapter, BROWSERS, saved, scratch } from './driven.mjs';
import { identityModule, importingModule, memoryModule } from './small-modules.mjs';

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

/** Starts its arguments as a runner would, and stays. */
const RUNNER = `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' });`;

for (const which of BROWSERS) {
  test(`${which.name}: says what the page loaded, answers from there, and ends with its input`, async () => {
    const adapter = new Adapter(which);
    const { version, runtime, os: system, modules, ...rest } = await adapter.hello(MODULES);
    assert.deepEqual(rest, { protocol: 1, host: 'browser' });
    assert.equal(runtime, `${which.name} ${version}`);
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
      steps: [
        { op: 'sign_with', in: { keypair: MISMATCHED_KEY, message: HELLO } },
        sign,
        { op: 'close', in: {} },
        sign,
      ],
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

  test(`${which.name}: a changed module gives changed answers, which come from nowhere else`, async () => {
    const adapter = new Adapter(which);
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

  test(`${which.name}: refused modules, limits of time, and views across growth`, async () => {
    const adapter = new Adapter(which);
    const { modules } = await adapter.hello({
      text: saved('text', 'not Wasm'),
      importing: saved('importing', importingModule()),
      memory: saved('memory', memoryModule()),
    });
    assert.deepEqual(modules.text.ops, []);
    assert.equal(modules.text.sha256, createHash('sha256').update('not Wasm').digest('hex'));
    assert.ok(modules.text.refused);
    assert.match(modules.importing.refused, /env\.print \(function\)/);
    assert.deepEqual(modules.memory.ops, ['raw', 'raw_deadline', 'raw_module', 'kept_view']);
    const detached = await adapter.run('memory', 'kept_view', { ptr: 1024, value: 1 });
    assert.deepEqual(detached, { error: 'VIEW_DETACHED' });
    const store = { do: 'call', export: 'store', args: [{ i32: 8 }, { i32: 5 }] };
    const spin = { do: 'call', export: 'spin' };
    for (let round = 0; round < 2; round += 1) {
      const cut = await adapter.run('memory', 'raw_deadline', { deadline_ms: 100, steps: [store, spin, store] });
      assert.deepEqual(cut, { ok: { steps: [{ ok: { results: [] } }, { error: 'CUT_OFF' }] } });
    }
    const inTime = await adapter.run('memory', 'raw_deadline', { deadline_ms: 5000, steps: [store] });
    assert.deepEqual(inTime, { ok: { steps: [{ ok: { results: [] } }] } });
    const ask = (/** @type {Uint8Array} */ bytes) =>
      adapter.run('memory', 'raw_module', {
        wasm: Buffer.from(bytes).toString('hex'),
        steps: [{ do: 'call', export: 'i64', args: [{ i64: '-5' }] }],
      });
    assert.deepEqual(await ask(identityModule()), { ok: { steps: [{ ok: { results: [{ i64: '-5' }] } }] } });
    assert.equal((await ask(importingModule())).error, 'MODULE_REFUSED');
    assert.equal(await adapter.end(), 0);
    assert.equal(adapter.stderr, '');
  });

  test(`without a ${which.name} it ends at once, and says what to do`, async () => {
    const variable = which.browser.toUpperCase();
    const adapter = new Adapter(which, { ...process.env, [variable]: path.join(scratch, 'none') });
    assert.equal(await adapter.end(), 1);
    const expected = new RegExp(
      `^adapter: ${variable} is .*none, which is no program; name one, or unset it to search PATH\\n$`,
    );
    assert.match(adapter.stderr, expected);
  });

  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
    test(
      `${which.name}: after ${signal} no browser is left behind`,
      { skip: process.platform !== 'linux' && '/proc is Linux' },
      async () => {
        const temporary = mkdtempSync(path.join(scratch, 'temporary-'));
        const adapter = new Adapter(which, { ...process.env, TMPDIR: temporary });
        await adapter.hello({ 'add-raw': MODULES['add-raw'] });
        const started = startedBy(Number(adapter.process.pid));
        assert.notEqual(started.length, 0);
        adapter.process.kill(signal);
        await once(adapter.process, 'exit');
        for (let wait = 0; started.some(isAlive) && wait < 200; wait += 1) await sleep(100);
        assert.deepEqual(started.filter(isAlive), []);
        // Firefox's profile; Chromium's is Playwright's.
        const profiles = () => readdirSync(temporary).filter((name) => name.startsWith('everyhost-firefox-'));
        for (let wait = 0; profiles().length > 0 && wait < 50; wait += 1) await sleep(100);
        assert.deepEqual(profiles(), []);
      },
    );
  }

  test(
    `${which.name}: a runner that was killed leaves nothing behind, though a module loops`,
    { skip: process.platform !== 'linux' && '/proc is Linux' },
    async () => {
      const adapter = new Adapter(which, process.env, [process.execPath, '--eval', RUNNER]);
      await adapter.hello({ loop: saved('loop', memoryModule()) });
      const spin = { steps: [{ do: 'call', export: 'spin' }] };
      adapter.process.stdin.write(`${JSON.stringify({ cmd: 'run', seq: 1, module: 'loop', op: 'raw', in: spin })}\n`);
      await sleep(500);
      const started = startedBy(Number(adapter.process.pid));
      adapter.process.kill('SIGKILL');
      adapter.process.stdin.end();
      for (let wait = 0; started.some(isAlive) && wait < 200; wait += 1) await sleep(100);
      assert.deepEqual(started.filter(isAlive), []);
    },
  );

  test(
    `${which.name}: when the browser is gone, the adapter goes too`,
    { skip: process.platform !== 'linux' && '/proc is Linux' },
    async () => {
      const adapter = new Adapter(which);
      await adapter.hello({ 'add-raw': MODULES['add-raw'] });
      // The first of its processes is the parent of the others.
      const browser = startedBy(Number(adapter.process.pid)).find((pid) =>
        /chrom|firefox/.test(statOf(pid)?.name ?? ''),
      );
      process.kill(Number(browser), 'SIGKILL');
      assert.equal(await adapter.lines.next().then(({ done }) => done), true);
      assert.equal(await adapter.end(), 1);
      assert.equal(adapter.stderr, `adapter: ${which.name} ended\n`);
    },
  );
}

for (const [what, line, message] of /** @type {[string, string, RegExp][]} */ ([
  ['not JSON', 'nonsense', /^adapter: .*JSON.*\n$/],
  ['another command', '{"cmd":"dance"}', /^adapter: no such command: dance; expected hello or run\n$/],
  [
    'a module that is not there',
    '{"cmd":"hello","protocol":1,"modules":{"m":{"path":"missing.wasm"}}}',
    /^adapter: cannot load \/adapter\/1\/m\.wasm: .*\n$/,
  ],
])) {
  test(`ends with one clear line for ${what}`, async () => {
    const adapter = new Adapter(BROWSERS[0]);
    assert.equal(await adapter.ask(line), undefined);
    assert.equal(await adapter.end(), 1);
    assert.match(adapter.stderr, message);
  });
}

test('a browser that is none is one clear line', async () => {
  const adapter = new Adapter(/** @type {any} */ ({ ...BROWSERS[0], browser: 'lynx' }));
  assert.equal(await adapter.end(), 1);
  assert.equal(adapter.stderr, 'adapter: no such browser: lynx; expected chromium or firefox\n');
});

/**
 * @param {number} ancestor
 * @returns {number[]} the processes that it and those have started, parents first
 */
function startedBy(ancestor) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = all.map(Number).filter((pid) => statOf(pid)?.parent === ancestor);
  return children.flatMap((pid) => [pid, ...startedBy(pid)]);
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
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const [state, parent] = rest.split(' ');
    return { name, state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
