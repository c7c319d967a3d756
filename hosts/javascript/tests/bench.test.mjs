// What the bench program of this runtime answers, not how fast anything is.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { toHex } from '../conformance/bytes.mjs';
import { Signer } from '../signer/signer.mjs';
import { built, compiled, PUBLISHED_KEY } from './modules.mjs';
import { commandOf } from './programs.mjs';

const GLUE = built('pkg/token_signer.js');
const HELLO = {
  cmd: 'hello',
  protocol: 1,
  keypair: toHex(PUBLISHED_KEY),
  messages: 3,
  glue: GLUE,
  modules: {
    'signer-raw': built('modules/signer-raw.wasm'),
    'add-raw': built('modules/add-raw.wasm'),
    'signer-bindgen': built('pkg/token_signer_bg.wasm'),
    // No Wasm module, and so one that cannot take part.
    chapter: GLUE,
    'signer-component': built('modules/signer-component.wasm'),
  },
  component_glue: built('component/signer-component.js'),
  signers: [
    { id: 'batch', module: 'signer-raw', use: 'batch' },
    { id: 'held', module: 'signer-raw', use: 'held' },
    { id: 'one-shot', module: 'signer-raw', use: 'one-shot' },
    { id: 'adder', module: 'add-raw', use: 'held' },
    { id: 'verify-raw', module: 'signer-raw', use: 'verify' },
    { id: 'verify-adder', module: 'add-raw', use: 'verify' },
  ],
};

/** @returns {any[]} the answers */
function ask(/** @type {object[]} */ questions) {
  const [program, ...args] = commandOf('bench');
  const { status, stdout, stderr } = spawnSync(program, args, {
    input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('every contestant signs what is asked for, with whole calls and over the end of the messages', () => {
  const [hello] = ask([HELLO]);
  assert.equal(hello.protocol, 1);
  const ids = hello.contestants.map((/** @type {{ id: string }} */ { id }) => id);
  const others = ['bindgen', 'tweetnacl', 'noble', 'noble-async', 'libsodium', 'webcrypto'];
  const verifiers = ['verify-libsodium', 'verify-noble', 'node-crypto', 'verify-node-crypto'];
  assert.deepEqual(ids, ['batch', 'held', 'one-shot', 'verify-raw', ...others, ...verifiers]);
  assert.deepEqual(
    hello.missing.map((/** @type {{ id: string }} */ { id }) => id),
    ['chapter', 'adder', 'verify-adder'],
  );
  const signers = ids.filter((/** @type {string} */ id) => !id.startsWith('verify-'));
  const turns = signers.map((/** @type {string} */ contestant) => ({
    cmd: 'sign',
    contestant,
    first: 2,
    count: 5,
    a_call: 2,
  }));
  const signatures = new Signer(compiled('signer-raw'), PUBLISHED_KEY).signMany([
    'hello2',
    'hello0',
    'hello1',
    'hello2',
    'hello0',
  ]);
  const expected = signatures.map(toHex).join('');
  const [, ...answers] = ask([HELLO, ...turns]);
  answers.forEach((answer, n) => {
    assert.equal(answer.signatures, expected, signers[n]);
    assert.ok(answer.wall_ns > 0 && answer.cpu_ns >= 0, signers[n]);
  });
});

test('every verifier gives a verdict for each signature, over the end of them', () => {
  const [deriving, ...others] = Array.from({ length: 3 }, () => new Signer(compiled('signer-raw')));
  others.forEach((signer, n) => {
    const seed = new Uint8Array(32).fill(n);
    signer.loadKey(Uint8Array.of(...seed, ...deriving.derivePublicKey(seed)));
  });
  const signatures = ['hello0', 'hello1', 'hello2'].map((message, n) => others[n % 2].sign(message));
  signatures[1][40] ^= 1;
  const signed = {
    issuers: 2,
    public_keys: others.map((signer) => toHex(signer.publicKey)).join(''),
    signatures: signatures.map(toHex).join(''),
  };
  const verifiers = ['verify-raw', 'verify-libsodium', 'verify-noble', 'verify-node-crypto'];
  const turn = { cmd: 'verify', issuers: 2, first: 2, count: 5, a_call: 2 };
  const [, ...answers] = ask([
    { ...HELLO, signed: [signed] },
    ...verifiers.map((contestant) => ({ ...turn, contestant })),
    { ...turn, contestant: 'verify-raw', issuers: 3 },
    { ...turn, contestant: 'held' },
  ]);
  verifiers.forEach((id, n) => {
    assert.equal(answers[n].verdicts, '0101000101', id);
    assert.ok(answers[n].wall_ns > 0, id);
  });
  assert.match(answers[4].error, /no signatures by 3 issuers/);
  assert.match(answers[5].error, /held can't do that/);
});

test('the component signs as the module does', () => {
  const crossing = { cmd: 'crossing', what: 'sign', bytes: 1000, calls: 2 };
  const [, raw, component, nobody] = ask([
    HELLO,
    { ...crossing, module: 'signer-raw' },
    { ...crossing, module: 'signer-component' },
    { ...crossing, module: 'signer-none' },
  ]);
  const signer = new Signer(compiled('signer-raw'), PUBLISHED_KEY);
  assert.equal(raw.signature, toHex(signer.sign('m'.repeat(1000))));
  assert.equal(component.signature, raw.signature);
  assert.ok(raw.wall_ns > 0 && component.wall_ns > 0);
  assert.match(nobody.error, /no module signer-none was given/);
});

test('starts a module, crosses the boundary, and says what it cannot do', () => {
  const crossing = { cmd: 'crossing', module: 'signer-raw', bytes: 8, calls: 10 };
  const [, started, call, inwards, outwards, adder, nobody] = ask([
    HELLO,
    { cmd: 'start', module: 'signer-raw' },
    { ...crossing, what: 'call' },
    { ...crossing, what: 'in' },
    { ...crossing, what: 'out' },
    { cmd: 'start', module: 'add-raw' },
    { cmd: 'sign', contestant: 'nobody', first: 0, count: 1, a_call: 1 },
  ]);
  const signer = new Signer(compiled('signer-raw'), PUBLISHED_KEY);
  assert.equal(started.signature, toHex(signer.sign('hello0')));
  for (const part of ['compile_ns', 'instantiate_ns', 'load_key_ns', 'first_signature_ns']) {
    assert.ok(started[part] >= 0, part);
  }
  for (const answer of [call, inwards, outwards]) assert.ok(answer.wall_ns >= 0);
  assert.equal(typeof adder.error, 'string');
  assert.match(nobody.error, /there is no contestant nobody/);
});
