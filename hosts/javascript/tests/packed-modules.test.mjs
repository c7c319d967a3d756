// How the modules of a package are stored and loaded. What a package does is for package/stranger.test.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { patchOf } from '../package/patch.mjs';
import { compiledBoth, patched } from '../signer/modules/both.mjs';
import { compiled } from '../signer/modules/load.mjs';
import { built } from './modules.mjs';

const [plain, relaxed] = ['signer-lanes', 'signer-lanes-relaxed'].map((name) =>
  readFileSync(built(`modules/${name}.wasm`)),
);
const none = new Uint8Array(0);

test('a patch makes the target of the source, whatever they are, and is small if they are alike', () => {
  const reversed = plain.toReversed();
  for (const [source, target] of [
    [plain, relaxed],
    [relaxed, plain],
    [plain, plain],
    [plain, reversed],
    [plain, plain.subarray(5000)],
    [plain.subarray(5000), plain],
    [none, plain],
    [plain, none],
    [none, none],
  ]) {
    assert.deepEqual(patched(source, patchOf(source, target)), Uint8Array.from(target));
  }
  assert.ok(patchOf(plain, plain).length < 20);
  assert.ok(patchOf(plain, relaxed).length < relaxed.length / 2);
});

test('a module is fetched and compiled once, and again if that failed', async () => {
  const { fetch } = globalThis;
  /** @type {string[]} */
  const asked = [];
  /** @type {Record<string, Uint8Array<ArrayBuffer>>} */
  const files = {};
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    const file = files[String(url)];
    return file ? new Response(file) : new Response(null, { status: 404 });
  };
  try {
    const [url, patch] = ['https://here.example/a.wasm', 'https://here.example/a.patch'].map((text) => new URL(text));
    await assert.rejects(compiled(url), /cannot load https:\/\/here\.example\/a\.wasm: the server answers 404/);
    files[url.href] = Uint8Array.from(plain);
    const [one, other] = await Promise.all([compiled(url), compiled(url)]);
    assert.ok(one instanceof WebAssembly.Module && one === other && one === (await compiled(url)));
    assert.deepEqual(asked, [url.href, url.href]);

    // A module that this host cannot compile stands there as its error.
    const both = new URL('https://here.example/b.wasm');
    files[both.href] = Uint8Array.from(plain);
    files[patch.href] = Uint8Array.from(patchOf(plain, Uint8Array.of(1, 2, 3)));
    const [broken, whole] = await compiledBoth(both, patch);
    assert.ok(broken instanceof WebAssembly.CompileError && whole instanceof WebAssembly.Module);
  } finally {
    globalThis.fetch = fetch;
  }
});
