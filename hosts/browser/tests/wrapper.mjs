// The wrapper in the browser itself. hosts/javascript/tests has more; this is what an engine may do differently.

import assert from 'node:assert/strict';

import { toHex } from '../../javascript/conformance/bytes.mjs';
import * as book from '../../javascript/tests/modules.mjs';
import { fakeBatchModule } from '../../javascript/tests/small-modules.mjs';
import { failuresOnPage } from './wrapper-on-page.mjs';

const [KEY, MISMATCHED_KEY, SIGNATURE_HEX] = [book.PUBLISHED_KEY, book.MISMATCHED_KEY, book.SIGNATURE_OF_HELLO].map(
  toHex,
);

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

  for (const name of ['signer-raw', 'signer-raw-simd']) {
    onHost(`${name}: growth, a trap, text, wiping and closing`, async (page) => {
      const seen = await page.evaluate(
        async (/** @type {string} */ name, /** @type {string} */ keyHex, /** @type {string} */ badHex) => {
          /** @type {(path: string) => Promise<any>} */
          const load = (path) => import(path);
          const { Signer } = await load('/javascript/signer/signer.mjs');
          const { Adder } = await load('/javascript/signer/adder.mjs');
          const { fromHex, toHex } = await load('/javascript/conformance/bytes.mjs');
          /** @param {() => unknown} work */
          const codeOf = (work) => {
            try {
              return work();
            } catch (error) {
              const { code, cause } = /** @type {any} */ (error);
              return cause instanceof WebAssembly.RuntimeError ? `${code}, a RuntimeError` : code;
            }
          };
          const module = await WebAssembly.compileStreaming(fetch(`/modules/${name}.wasm`));
          const signer = await Signer.create(module, fromHex(keyHex));
          const large = new Uint8Array(16 * 1024 * 1024);
          const adder = await Adder.create(await WebAssembly.compileStreaming(fetch('/modules/add-raw.wasm')));
          return {
            first: toHex(signer.sign('hello')),
            largeVerifies: signer.verify(signer.publicKey, large, signer.sign(large)),
            afterGrowth: toHex(signer.sign('hello')),
            tooLarge: codeOf(() => signer.sign(new Uint8Array(large.length + 1))),
            trap: codeOf(() => signer.signWith(fromHex(badHex), 'hello')),
            afterTrap: toHex(signer.sign('hello')),
            text: toHex(signer.sign('é🦀')) === toHex(signer.sign(new TextEncoder().encode('é🦀'))),
            many: signer
              .signMany(Array(4097).fill('hello'))
              .every((/** @type {Uint8Array} */ one) => toHex(one) === toHex(signer.sign('hello'))),
            wiped: codeOf(() => (signer.wipe(), signer.sign('hello'))),
            closed: codeOf(() => (signer.close(), signer.sign('hello'))),
            divided: codeOf(() => adder.divide(1, 0)),
            afterDivision: adder.add(2, 3),
          };
        },
        name,
        KEY,
        MISMATCHED_KEY,
      );
      assert.deepEqual(seen, {
        first: SIGNATURE_HEX,
        largeVerifies: true,
        afterGrowth: SIGNATURE_HEX,
        tooLarge: 'MESSAGE_TOO_LARGE',
        trap: 'TRAPPED, a RuntimeError',
        afterTrap: SIGNATURE_HEX,
        text: true,
        many: true,
        wiped: 'NO_KEY',
        closed: 'CLOSED',
        divided: 'TRAPPED, a RuntimeError',
        afterDivision: 5,
      });
    });
  }
}
