// The bench program: what `make bench` talks to. hosts/BENCH.md has the lines that go in and out. The page signs.
//
//   node bench.mjs [chromium | firefox]

import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { versions } from '../javascript/conformance/bench/versions.mjs';
import { readLines } from '../javascript/conformance/lines.mjs';
import { startServer } from './server.mjs';

const JAVASCRIPT = new URL('../javascript/', import.meta.url);

/** The packages that the page loads, under /bench/. */
const PACKAGES = {
  'nacl-fast.min.js': 'node_modules/tweetnacl/nacl-fast.min.js',
  'libsodium.js': 'node_modules/libsodium/dist/modules/libsodium.js',
  'libsodium-wrappers.js': 'node_modules/libsodium-wrappers/dist/modules/libsodium-wrappers.js',
  'noble/ed25519.js': 'node_modules/@noble/ed25519/index.js',
  'noble/sha2.js': 'node_modules/@noble/hashes/sha2.js',
  'noble/_md.js': 'node_modules/@noble/hashes/_md.js',
  'noble/_u64.js': 'node_modules/@noble/hashes/_u64.js',
  'noble/utils.js': 'node_modules/@noble/hashes/utils.js',
};

// The browser ends with the process, but leaves it to us to end the process.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  await run(process.argv[2] ?? 'chromium');
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {string} name */
async function run(name) {
  const server = await startServer();
  const { ask, close } = await open(name, server);
  try {
    for await (const line of readLines(process.stdin)) {
      const request = JSON.parse(line);
      const answer = await ask(request.cmd === 'hello' ? serve(request, server) : request);
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
  } finally {
    await close();
    await server.close();
  }
}

/**
 * Opens the page in a browser; each has a driver of its own.
 *
 * @returns {Promise<{ ask: (request: object) => Promise<object>, close: () => Promise<void> }>}
 */
async function open(/** @type {string} */ name, /** @type {import('./server.mjs').PageServer} */ server) {
  server.files.set('/bench/', fileURLToPath(new URL('bench/page.html', import.meta.url)));
  server.files.set('/bench/page.mjs', fileURLToPath(new URL('bench/page.mjs', import.meta.url)));
  for (const [url, file] of Object.entries(PACKAGES)) {
    server.files.set(`/bench/${url}`, fileURLToPath(new URL(file, JAVASCRIPT)));
  }
  const url = `${server.origin}/bench/`;
  const call = (/** @type {object} */ request) => `bench(${JSON.stringify(request)})`;
  const setUp = `ready(${JSON.stringify(await versions())})`;
  const browser = await launch(name);
  const page = await browser.newPage();
  page.on('pageerror', (/** @type {Error} */ error) => console.error(`bench: in the page: ${error.message}`));
  await page.goto(url);
  await page.evaluate(setUp);
  return { ask: (request) => page.evaluate(call(request)), close: () => browser.close() };
}

/** @returns {Promise<any>} a browser of playwright or puppeteer, which are alike in what is used here */
async function launch(/** @type {string} */ name) {
  // The page collects the young generation between turns.
  if (name === 'chromium') return (await import('./chromium.mjs')).launchChromium(['--js-flags=--expose-gc']);
  // Firefox shows pages a clock of whole milliseconds otherwise.
  if (name === 'firefox')
    return (await import('./firefox.mjs')).launchFirefox({ 'privacy.reduceTimerPrecision': false });
  throw new Error(`no such browser: ${name}; expected chromium or firefox`);
}

/**
 * Serves the modules.
 *
 * @param {import('../javascript/conformance/bench/program.mjs').Task} task
 * @param {import('./server.mjs').PageServer} server
 * @returns {import('../javascript/conformance/bench/program.mjs').Task} with URLs in the place of paths
 */
function serve(task, { files }) {
  files.set('/bench/glue.js', task.glue);
  if (task.component_glue) files.set('/bench/component.js', task.component_glue);
  const modules = Object.fromEntries(
    Object.entries(task.modules).map(([name, file]) => {
      files.set(`/bench/modules/${name}.wasm`, file);
      return [name, `/bench/modules/${name}.wasm`];
    }),
  );
  return { ...task, modules, glue: '/bench/glue.js', component_glue: task.component_glue && '/bench/component.js' };
}
