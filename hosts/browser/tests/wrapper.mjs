// The wrapper in the browser itself. hosts/javascript/tests has more; this is what an engine may do differently.

import assert from 'node:assert/strict';

import { toHex } from '../../javascript/conformance/bytes.mjs';
import { PUBLISHED_KEY, SIGNATURE_OF_HELLO } from '../../javascript/conformance/published.mjs';
import { fakeBatchModule } from '../../javascript/tests/small-modules.mjs';
import { failuresOnPage } from './wrapper-on-page.mjs';

const [KEY, SIGNATURE_HEX] = [PUBLISHED_KEY, SIGNATURE_OF_HELLO].map(toHex);

/** @param {(what: string, work: (page: import('./any-page.mjs').Page) => Promise<void>) => void} onHost makes a test on a page */
export function testWrapper(onHost) {
  onHost('what every engine is asked about the wrappers', async (page) => {
    const { count, failures } = await page.evaluate(failuresOnPage);
    assert.ok(count > 100, `only ${count}`);
    assert.deepEqual(failures, []);
  });

  onHost('many messages go to the first batch module that the browser can use', async (page) => {
    const seen = await page.evaluate(
      async (/** @type {string} */ keyHex, /** @type {number[]} */ fakeBytes) => {
        /** @type {(path: string) => Promise<any>} */
        const load = (path) => import(path);
        const { Signer } = await load('/javascript/signer/signer.mjs');
        const { fromHex, toHex } = await load('/javascript/conformance/bytes.mjs');
        const bytesOf = async (/** @type {string} */ path) => (await fetch(path)).arrayBuffer();
        const module = await WebAssembly.compileStreaming(fetch('/modules/signer-raw.wasm'));
        const simd = await bytesOf('/modules/signer-raw-simd.wasm');
        const batchModules = [new ArrayBuffer(9), Uint8Array.from(fakeBytes), simd];
        const signer = await Signer.create(module, fromHex(keyHex), { batchModules });
        const signed = signer.signMany(['hello', 'hello']).map(toHex);
        const lanes = ['signer-lanes-relaxed', 'signer-lanes'].map((name) => bytesOf(`/modules/${name}.wasm`));
        const fast = await Signer.create(module, fromHex(keyHex), { batchModules: await Promise.all(lanes) });
        const fastSigned = fast.signMany(['hello', 'hello', '']).map(toHex);
        return {
          signed,
          picked: signer.batchModule,
          fastSigned,
          fastPicked: fast.batchModule,
          empty: toHex(fast.sign('')),
        };
      },
      KEY,
      [...fakeBatchModule(8)],
    );
    assert.deepEqual(seen.signed, [SIGNATURE_HEX, SIGNATURE_HEX]);
    assert.equal(seen.picked, 2);
    assert.deepEqual(seen.fastSigned, [SIGNATURE_HEX, SIGNATURE_HEX, seen.empty]);
    assert.equal(seen.fastPicked, 0, 'both browsers have relaxed SIMD, and fuse');
  });
}
