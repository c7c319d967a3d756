// A program of WASI preview 1, which every adapter in JavaScript runs with the WASI of its own host.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { fromHex, toHex } from '../conformance/bytes.mjs';
import { importingModule } from './small-modules.mjs';

/** Of wasi-program.wat, by wat2wasm. */
const PROGRAM = fromHex(
  '0061736d0100000001370960027f7f017f60047f7f7f7f017f60097f7f7f7f7f7e7e7f7f017f60017f0060017f017f60027f7f0060037f7f' +
    '7f006000006000017f02c8020916776173695f736e617073686f745f70726576696577310e617267735f73697a65735f6765740000167761' +
    '73695f736e617073686f745f707265766965773108617267735f676574000016776173695f736e617073686f745f70726576696577311165' +
    '6e7669726f6e5f73697a65735f676574000016776173695f736e617073686f745f70726576696577310b656e7669726f6e5f676574000016' +
    '776173695f736e617073686f745f70726576696577310766645f72656164000116776173695f736e617073686f745f707265766965773108' +
    '66645f7772697465000116776173695f736e617073686f745f707265766965773109706174685f6f70656e000216776173695f736e617073' +
    '686f745f70726576696577310970726f635f65786974000316776173695f736e617073686f745f70726576696577310a70726f635f726169' +
    '736500040308070506070708070705030100010606017f0141000b073706066d656d6f72790200065f7374617274000b0b5f696e69746961' +
    '6c697a65000c05626567756e000d0474726170000e0465786974000f0aab0207120041c000200036020041c40020013602000b1500200120' +
    '021009200041c000410141c80010051a0bdd0101027f41d00041d40010001a41800841801010011a410141801041d400280200100a41d000' +
    '41d40010021a41800841801010031a410141801041d400280200100a41802041e4001009410041c000410141c80010041a41c80028020021' +
    '0041024180202000100a4103410041004103410142c0004200410041d800100645044041d8002802004180202000100a0b41034101410341' +
    '05410042024200410041d8001006450440410141084107100a0b4180202d00002101200141f400460440000b200141f800460440417f1007' +
    '0b200141f200460440410910081a0b0b0900230041016a24000b0c00410141004103100a23000b0300000b0600410710070b0b1501004100' +
    '0b0f6f75742e2e2f696e65736361706564',
);

const hex = (/** @type {string} */ text) => toHex(new TextEncoder().encode(text));
const call = (/** @type {string} */ name) => ({ do: 'call', export: name });

/** @type {import('./adapter-cases.mjs').Ask} */
export const askWasi = async (adapter, save) => {
  const program = save('program', PROGRAM);
  await adapter.hello({ program });
  const parent = path.join(path.dirname(program.path), 'wasi');
  const host = path.join(parent, 'folder');
  mkdirSync(host, { recursive: true });
  writeFileSync(path.join(parent, 'in'), 'not for the program');
  const dirs = [{ guest: '/', host }];
  const run = (/** @type {string} */ stdin, /** @type {object} */ more = {}) =>
    adapter.run('program', 'wasi', { args: ['prog', '-v'], env: ['B=1', 'A=é='], stdin: hex(stdin), dirs, ...more });
  const stdout = hex('prog\0-v\0B=1\0A=é=\0');

  assert.deepEqual(await run('hello'), { ok: { exit_code: 0, stdout, stderr: hex('hello') } });
  assert.equal(readFileSync(path.join(host, 'out'), 'utf8'), 'hello');
  assert.deepEqual(await run('x'), { ok: { exit_code: 4294967295, stdout, stderr: hex('x') } });
  assert.deepEqual(await run('t'), { ok: { stdout, stderr: hex('t') } });
  assert.equal(readFileSync(path.join(host, 'out'), 'utf8'), 'tello');
  assert.deepEqual([readdirSync(parent).sort(), readdirSync(host)], [['folder', 'in'], ['out']]);
  // Some hosts raise it, and their process ends: what comes after it is as before.
  assert.ok(await run('r'));
  assert.deepEqual(await adapter.run('program', 'wasi', {}), { ok: { exit_code: 0, stdout: '', stderr: '' } });

  const begun = { ok: { results: [{ i32: 1 }] } };
  const steps = [call('begun'), call('trap'), call('begun'), call('exit'), call('begun')];
  const reactor = async (/** @type {object} */ more) => {
    const { ok } = await run('', { steps, ...more });
    for (const step of ok.steps) delete step.detail;
    return ok;
  };
  assert.deepEqual(await reactor({}), { stdout: hex('out'), stderr: '', steps: [begun, { trap: true }] });
  const afterTrap = await reactor({ after_trap: true });
  const answers = [begun, { trap: true }, begun, { trap: true }];
  assert.deepEqual(afterTrap, { exit_code: 7, stdout: hex('outout'), stderr: '', steps: answers });

  assert.equal((await run('', { wasm: toHex(importingModule()) })).error, 'NO_INSTANCE');
  assert.equal((await run('', { wasm: '00' })).error, 'MODULE_REFUSED');
  for (const wrong of [{ env: ['A'] }, { args: ['\0'] }, { dirs: [{ guest: '/', host: path.join(host, 'none') }] }]) {
    assert.ok((await run('', wrong)).unsupported, JSON.stringify(wrong));
  }
};
