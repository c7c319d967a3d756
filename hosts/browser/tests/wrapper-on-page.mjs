// What every engine is asked about the wrappers (hosts/javascript/tests/wrapper.test.mjs), asked on a page.

import { fileURLToPath } from 'node:url';

/** What the server has to serve besides, by its path in the URL. */
export const FILES = new Map(
  [
    ...['wrong-values', 'mishaps', 'verifying', 'verifying-tokens', 'key-files', 'small-modules', 'neutral'].map(
      (name) => [`/javascript/tests/${name}.mjs`, '../..'],
    ),
    ['/token-cases.json', '../..'],
    ['/fixtures/signer-faulty.wasm', '../../../target'],
  ].map(([url, folder]) => [url, fileURLToPath(new URL(folder + url, import.meta.url))]),
);

/**
 * Runs on the page, and needs nothing from here.
 *
 * @returns {Promise<{ count: number, failures: string[] }>}
 */
export async function failuresOnPage() {
  /** @type {(path: string) => Promise<any>} */
  const load = (path) => import(path);
  const bytesOf = async (/** @type {string} */ path) => {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path} is not there; run \`make modules\``);
    return new Uint8Array(await response.arrayBuffer());
  };
  const names = [
    'signer-raw',
    'signer-raw-simd',
    'signer-small',
    'add-raw',
    'verifier-lanes',
    'verifier-lanes-relaxed',
    'keys',
  ];
  const [raw, simd, small, adder, lanes, relaxed, keys] = await Promise.all(
    names.map((name) => bytesOf(`/modules/${name}.wasm`)),
  );
  const faulty = await bytesOf('/fixtures/signer-faulty.wasm');
  const glue = await load('/pkg/token_signer.js');
  await glue.default();
  const { wrongValues, wrongValuesOfGlue } = await load('/javascript/tests/wrong-values.mjs');
  const { mishaps } = await load('/javascript/tests/mishaps.mjs');
  const { verifying } = await load('/javascript/tests/verifying.mjs');
  const { verifyingTokens } = await load('/javascript/tests/verifying-tokens.mjs');
  const { keyFiles } = await load('/javascript/tests/key-files.mjs');
  const jose = await load('/vendor/jose/index.js');
  const table = await (await fetch('/token-cases.json')).json();
  const all = [
    ...(await wrongValues({ raw, adder })),
    ...wrongValuesOfGlue(glue),
    ...(await mishaps({ raw, simd, small, faulty, adder })),
    ...(await verifying({ raw, lanes, relaxed })),
    ...(await verifyingTokens({ raw, lanes, table, jose })),
    ...(await keyFiles({ raw, lanes, keys, jose })),
  ];
  /** @type {string[]} */
  const failures = [];
  for (const [name, work] of all) {
    try {
      await work();
    } catch (error) {
      failures.push(`${name}: ${/** @type {Error} */ (error).message}`);
    }
  }
  return { count: all.length, failures };
}
