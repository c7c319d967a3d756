// The adapter as the runner meets it: a process, lines in, lines out, and a browser that goes when it goes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { adapterCases, MODULES, scratchFolder } from '../../javascript/tests/adapter-cases.mjs';
import { memoryModule } from '../../javascript/tests/small-modules.mjs';
import { adapterIn, BROWSERS } from './driven.mjs';

const { folder, save, remove } = scratchFolder();
after(remove);

/** @type {(name: string, work: () => Promise<void>) => void} needs /proc */
const onLinux = (name, work) => void test(name, { skip: process.platform !== 'linux' && '/proc is Linux' }, work);

/** Starts its arguments as a runner would, and stays. */
const RUNNER = `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' });`;

for (const which of BROWSERS) {
  /** @type {import('../../javascript/tests/adapter.mjs').Adapter | undefined} */
  let shared;
  const cases = adapterCases({
    checkSelf({ host, version, runtime }) {
      assert.deepEqual([host, runtime], ['browser', `${which.name} ${version}`]);
    },
  });
  for (const [name, work] of Object.entries(cases)) {
    test(`${which.name}: ${name}`, () => work((shared ??= adapterIn(which)), save));
  }

  test(`${which.name}: the adapter ends with its input, and has said nothing on stderr`, async () => {
    assert.deepEqual([await shared?.end(), shared?.stderr], [0, '']);
  });

  test(`without a ${which.name} it ends at once, and says what to do`, async () => {
    const variable = which.browser.toUpperCase();
    const adapter = adapterIn(which, { ...process.env, [variable]: path.join(folder, 'none') });
    assert.equal(await adapter.end(), 1);
    const expected = new RegExp(
      `^adapter: ${variable} is .*none, which is no program; name one, or unset it to search PATH\\n$`,
    );
    assert.match(adapter.stderr, expected);
  });

  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
    onLinux(`${which.name}: after ${signal} no browser is left behind`, async () => {
      const temporary = mkdtempSync(path.join(folder, 'temporary-'));
      const adapter = adapterIn(which, { ...process.env, TMPDIR: temporary });
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
    });
  }

  onLinux(`${which.name}: a runner that was killed leaves nothing behind, though a module loops`, async () => {
    const adapter = adapterIn(which, process.env, [process.execPath, '--eval', RUNNER]);
    await adapter.hello({ loop: save('loop', memoryModule()) });
    const spin = { steps: [{ do: 'call', export: 'spin' }] };
    adapter.process.stdin.write(`${JSON.stringify({ cmd: 'run', seq: 1, module: 'loop', op: 'raw', in: spin })}\n`);
    await sleep(500);
    const started = startedBy(Number(adapter.process.pid));
    adapter.process.kill('SIGKILL');
    adapter.process.stdin.end();
    for (let wait = 0; started.some(isAlive) && wait < 200; wait += 1) await sleep(100);
    assert.deepEqual(started.filter(isAlive), []);
  });

  onLinux(`${which.name}: when the browser is gone, the adapter goes too`, async () => {
    const adapter = adapterIn(which);
    await adapter.hello({ 'add-raw': MODULES['add-raw'] });
    // The first of its processes is the parent of the others.
    const browser = startedBy(Number(adapter.process.pid)).find((pid) => /chrom|firefox/.test(statOf(pid)?.name ?? ''));
    process.kill(Number(browser), 'SIGKILL');
    assert.equal(await adapter.lines.next().then(({ done }) => done), true);
    assert.equal(await adapter.end(), 1);
    assert.equal(adapter.stderr, `adapter: ${which.name} ended\n`);
  });
}

test('a browser that is none is one clear line', async () => {
  const adapter = adapterIn({ ...BROWSERS[0], browser: 'lynx' });
  assert.equal(await adapter.end(), 1);
  assert.equal(adapter.stderr, 'adapter: no such browser: lynx; expected chromium or firefox\n');
});

/** @returns {number[]} the processes that it and those have started, parents first */
function startedBy(/** @type {number} */ ancestor) {
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
