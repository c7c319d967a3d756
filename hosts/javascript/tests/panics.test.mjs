// A panic in a module is a trap. Rust's own `catch_unwind` and `should_panic` cannot see it there; the host can.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { built, compiled, MISMATCHED_KEY, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from './modules.mjs';

/** @param {string} name */
const instantiate = (name) => /** @type {any} */ (new WebAssembly.Instance(compiled(name), {}).exports);

test("Rust's panic in sign() is a RuntimeError that the host catches", () => {
  const exports = instantiate('signer-raw');
  exports.allocate_message(5);
  new Uint8Array(exports.memory.buffer, exports.get_signing_key_ptr(), 64).set(MISMATCHED_KEY);
  assert.throws(() => exports.sign(), WebAssembly.RuntimeError);
  const signature = new Uint8Array(exports.memory.buffer, exports.get_signature_ptr() >>> 0, 64);
  assert.ok(
    signature.every((byte) => byte === 0),
    'nothing was signed',
  );
});

test('sign() without a message panics too, and try_sign() says so instead', () => {
  const exports = instantiate('signer-raw');
  new Uint8Array(exports.memory.buffer, exports.get_signing_key_ptr(), 64).set(PUBLISHED_KEY);
  assert.equal(exports.try_sign(), 1);
  assert.throws(() => exports.sign(), WebAssembly.RuntimeError);
});

test("C's trap in divide_numbers is a RuntimeError as well", () => {
  const exports = instantiate('add-raw');
  assert.throws(() => exports.divide_numbers(1, 0), WebAssembly.RuntimeError);
  assert.throws(() => exports.divide_numbers(-2147483648, -1), WebAssembly.RuntimeError);
});

test('the wasm-bindgen module throws real errors with a code, and does not trap', async () => {
  const { initSync, sign_message } = await import(built('pkg/token_signer.js'));
  initSync({ module: readFileSync(built('pkg/token_signer_bg.wasm')) });
  assert.deepEqual(sign_message(new TextEncoder().encode('hello'), PUBLISHED_KEY), SIGNATURE_OF_HELLO);
  assert.throws(() => sign_message(new Uint8Array(0), new Uint8Array(63)), {
    name: 'Error',
    code: 'KEY_LENGTH',
    message: 'Secret key must be 64 bytes long',
  });
  assert.throws(() => sign_message(new Uint8Array(0), MISMATCHED_KEY), {
    name: 'Error',
    code: 'KEY_PAIR_MISMATCH',
    message: /^Invalid key: /,
  });
});
