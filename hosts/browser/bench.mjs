// Signing speed in Chromium: the same race as Node's, in a page. `everyhost bench` starts this program; see
// ../node/bench.mjs for what goes in and out. The packages are those of ../node, so that both race the same versions.

import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { versions } from '../node/bench/versions.mjs';
import { findChromium, launchChromium } from './chromium.mjs';
import { readLines } from './lines.mjs';
import { startServer } from './server.mjs';

const NODE_HOST = new URL('../node/', import.meta.url);

/** What the page loads besides the files that the server has anyway: its URL, and where it is in ../node. */
const FILES = {
  'contestants.mjs': 'bench/contestants.mjs',
  'race.mjs': 'bench/race.mjs',
  'result.mjs': 'bench/result.mjs',
  'nacl-fast.min.js': 'node_modules/tweetnacl/nacl-fast.min.js',
  'libsodium.js': 'node_modules/libsodium/dist/modules/libsodium.js',
  'libsodium-wrappers.js': 'node_modules/libsodium-wrappers/dist/modules/libsodium-wrappers.js',
  'noble/ed25519.js': 'node_modules/@noble/ed25519/index.js',
  'noble/sha2.js': 'node_modules/@noble/hashes/sha2.js',
  'noble/_md.js': 'node_modules/@noble/hashes/_md.js',
  'noble/_u64.js': 'node_modules/@noble/hashes/_u64.js',
  'noble/utils.js': 'node_modules/@noble/hashes/utils.js',
};

try {
  for await (const line of readLines(process.stdin)) await run(JSON.parse(line));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {import('../node/bench/result.mjs').Config} config */
async function run(config) {
  try {
    findChromium();
  } catch (error) {
    return print({ unavailable: /** @type {Error} */ (error).message });
  }
  const server = await startServer();
  // The race collects the young generation between turns.
  const browser = await launchChromium(['--js-flags=--expose-gc']);
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`bench: in the page: ${error.message}`));
    await page.exposeFunction(
      'tellProgress',
      (/** @type {number} */ done, /** @type {number} */ of, /** @type {string} */ what) =>
        print({ progress: { done, of, what } }),
    );
    const urls = serve(config, server);
    await page.goto(`${server.origin}/bench/`);
    await page.waitForFunction('typeof bench === "function"');
    const call = `bench(${JSON.stringify(urls)}, ${JSON.stringify(await versions())})`;
    print({ result: await page.evaluate(call) });
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * Serves the page, what it loads, and the modules.
 *
 * @param {import('../node/bench/result.mjs').Config} config
 * @param {import('./server.mjs').PageServer} server
 * @returns {import('../node/bench/result.mjs').Config} with URLs in the place of paths
 */
function serve(config, { files }) {
  files.set('/bench/', fileURLToPath(new URL('bench/page.html', import.meta.url)));
  files.set('/bench/page.mjs', fileURLToPath(new URL('bench/page.mjs', import.meta.url)));
  for (const [url, file] of Object.entries(FILES)) files.set(`/bench/${url}`, fileURLToPath(new URL(file, NODE_HOST)));
  files.set('/bench/glue.js', config.glue);
  const modules = Object.fromEntries(
    Object.entries(config.modules).map(([name, file]) => {
      files.set(`/bench/modules/${name}.wasm`, file);
      return [name, `/bench/modules/${name}.wasm`];
    }),
  );
  return { ...config, modules, glue: '/bench/glue.js' };
}

/** @param {object} line */
function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
