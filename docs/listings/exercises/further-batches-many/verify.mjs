import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { Signer } from '../../../../hosts/javascript/signer/signer.mjs';
import { TEST_KEYPAIR } from '../../further/keypair.mjs';

const { signLines } = await import(pathToFileURL(path.resolve(process.argv[2], 'sign-all.mjs')));
const wasm = readFileSync('target/modules/signer-raw.wasm');
const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}`);

const plain = await Signer.create(wasm, TEST_KEYPAIR);
const expected = lines.map((line) => plain.sign(line));

/** Counts what the solution calls. */
const calls = {};
const signer = new Proxy(await Signer.create(wasm), {
  get(target, name) {
    const member = Reflect.get(target, name, target);
    if (typeof member !== 'function') return member;
    return (...args) => {
      calls[name] = (calls[name] ?? 0) + 1;
      return member.apply(target, args);
    };
  },
});
assert.deepEqual(signLines(signer, TEST_KEYPAIR, lines.join('\n')), expected);
assert.deepEqual({ loadKey: calls.loadKey, signMany: calls.signMany, signWith: calls.signWith }, { loadKey: 1, signMany: 1, signWith: undefined });
assert.throws(() => signer.sign('more'), { code: 'NO_KEY' }, 'a key is still held');
