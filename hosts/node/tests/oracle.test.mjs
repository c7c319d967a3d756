// The oracle as the runner meets it: a process, lines in, lines out.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { toHex } from '../../javascript/conformance/bytes.mjs';
import { MISMATCHED_KEY, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from '../../javascript/tests/modules.mjs';

const KEY = toHex(PUBLISHED_KEY);
const PUBLIC_KEY = KEY.slice(64);
const HELLO = toHex(new TextEncoder().encode('hello'));
const SIGNATURE = toHex(SIGNATURE_OF_HELLO);
const TOO_LARGE = { repeat: '61', times: 16 * 1024 * 1024 + 1 };
const LARGEST = { repeat: '61', times: 16 * 1024 * 1024 };

/** @param {(object | string)[]} requests */
function converse(requests) {
  const input = requests.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
  const oracle = fileURLToPath(new URL('../oracle.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [oracle], { input, encoding: 'utf8' });
  return {
    status,
    stderr,
    replies: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

/** @param {[op: string, input: object][]} asked */
function answers(asked) {
  const requests = asked.map(([op, input], seq) => ({ cmd: 'run', seq, module: 'native', op, in: input }));
  const { status, stderr, replies } = converse(requests);
  assert.deepEqual([status, stderr], [0, '']);
  return replies.map(({ seq, ...answer }, index) => {
    assert.equal(seq, index);
    return answer;
  });
}

test('says which OpenSSL answers, and that it runs no module', () => {
  const modules = { native: { path: '', sha256: '' }, 'signer-raw': { path: 'signer-raw.wasm', sha256: '' } };
  const { status, replies } = converse([
    { cmd: 'hello', protocol: 1, modules },
    { cmd: 'run', seq: 1, module: 'signer-raw', op: 'sign', in: {} },
    { cmd: 'run', seq: 2, module: 'native', op: 'verify_strict', in: {} },
  ]);
  const [hello, ...unsupported] = replies;
  assert.deepEqual([status, hello.host, hello.version], [0, 'openssl', process.versions.openssl]);
  assert.deepEqual(hello.modules.native.ops, ['public_key', 'sign', 'sign_many', 'verify']);
  assert.match(hello.modules.native.sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(hello.modules['signer-raw'].ops, []);
  assert.match(hello.modules['signer-raw'].refused, /runs no module/);
  assert.deepEqual(
    unsupported.map(({ unsupported: why }) => typeof why),
    ['string', 'string'],
  );
});

test('signs and verifies as the book does', () => {
  const verify = { public_key: PUBLIC_KEY, message: HELLO, signature: SIGNATURE };
  const [derived, signed, many, none, ...verified] = answers([
    ['public_key', { seed: KEY.slice(0, 64) }],
    ['sign', { keypair: KEY, message: HELLO }],
    ['sign_many', { keypair: KEY, messages: [HELLO, { repeat: '00', times: 0 }, HELLO] }],
    ['sign_many', { keypair: KEY, messages: [] }],
    ['verify', verify],
    ['verify', { ...verify, message: '' }],
    ['verify', { ...verify, signature: SIGNATURE.slice(2) }],
    ['verify', { ...verify, signature: '' }],
    // No point has this for its y.
    ['verify', { ...verify, public_key: `02${'00'.repeat(31)}` }],
  ]);
  assert.deepEqual(derived, { ok: { public_key: PUBLIC_KEY } });
  assert.deepEqual(signed, { ok: { signature: SIGNATURE } });
  assert.deepEqual([many.ok.signatures[0], many.ok.signatures.length], [SIGNATURE, 3]);
  assert.deepEqual(none, { ok: { signatures: [] } });
  assert.deepEqual(
    verified.map(({ ok }) => ok.valid),
    [true, false, false, false, false],
  );
});

test('refuses with the stable codes, the key first, then the message', () => {
  const mismatched = toHex(MISMATCHED_KEY);
  /** @type {[code: string | undefined, op: string, input: object][]} */
  const cases = [
    ['KEY_LENGTH', 'public_key', { seed: KEY.slice(2, 64) }],
    ['KEY_LENGTH', 'sign', { keypair: KEY.slice(2), message: TOO_LARGE }],
    ['KEY_LENGTH', 'sign_many', { keypair: '', messages: [] }],
    ['KEY_PAIR_MISMATCH', 'sign', { keypair: mismatched, message: TOO_LARGE }],
    ['KEY_PAIR_MISMATCH', 'sign_many', { keypair: mismatched, messages: [HELLO] }],
    ['MESSAGE_TOO_LARGE', 'sign', { keypair: KEY, message: TOO_LARGE }],
    ['MESSAGE_TOO_LARGE', 'sign_many', { keypair: KEY, messages: [HELLO, TOO_LARGE] }],
    ['PUBLIC_KEY_LENGTH', 'verify', { public_key: PUBLIC_KEY.slice(2), message: TOO_LARGE, signature: '' }],
    ['MESSAGE_TOO_LARGE', 'verify', { public_key: PUBLIC_KEY, message: TOO_LARGE, signature: '' }],
    [undefined, 'sign', { keypair: KEY, message: LARGEST }],
  ];
  const given = answers(cases.map(([, op, input]) => [op, input]));
  assert.deepEqual(
    given.map(({ error }) => error),
    cases.map(([code]) => code),
  );
});

test('ends with one clear line for what is no request', () => {
  for (const [line, message] of /** @type {[string, RegExp][]} */ ([
    ['nonsense', /^oracle: .*JSON.*\n$/],
    ['{"cmd":"dance"}', /^oracle: no such command: dance; expected hello or run\n$/],
  ])) {
    const { status, stderr, replies } = converse([line]);
    assert.deepEqual([status, replies], [1, []]);
    assert.match(stderr, message);
  }
});
