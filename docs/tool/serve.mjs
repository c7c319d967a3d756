// Serves the built book on 127.0.0.1, and the pages of hosts/browser beside it. When something in docs/ changes, the book is
// built again and every open page reloads. Ctrl-C ends it.
//
//   node serve.mjs [--port N]     the book's port; a free one by default

import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startServer } from '../../hosts/browser/server.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BOOK = path.join(ROOT, 'target/book');

/** @type {Record<string, string>} */
const CONTENT_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** mdBook's own pages have scripts and styles in them; nothing is loaded from elsewhere or sent anywhere. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const EVENTS = '/reload-events';
const RELOAD = `<script>new EventSource('${EVENTS}').onmessage = () => location.reload();</script>`;

/** @type {Set<import('node:http').ServerResponse>} */
const listeners = new Set();

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const pathname = decodeURIComponent((request.url ?? '/').split(/[?#]/, 1)[0]);
  if (pathname === EVENTS) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    listeners.add(response);
    request.once('close', () => listeners.delete(response));
    return;
  }
  const wanted = path.join(BOOK, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
  const file = await realpath(wanted).catch(() => undefined);
  const body = file?.startsWith((await realpath(BOOK)) + path.sep) && (await readFile(file).catch(() => undefined));
  if (!file || !body) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('There is no such page in the book. It begins at /\n');
    return;
  }
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    // As hosts/browser/server.mjs does, so that live benches have a clock of 5 µs in Chromium and not of 100.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  response.end(file.endsWith('.html') ? `${body}${RELOAD}` : body);
}

/** @returns {Promise<boolean>} whether it could be built */
function build() {
  return new Promise((resolve) => {
    const child = spawn(path.join(ROOT, 'docs/build.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

function watchSources() {
  let again = false;
  let busy = false;
  const rebuild = async () => {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      // Editors write in several steps.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const good = await build();
      console.log(good ? 'built again' : 'not built; the last good one stays');
      if (good) for (const listener of listeners) listener.write('data: reload\n\n');
    }
    busy = false;
  };
  for (const folder of ['src', 'theme', 'live', 'listings']) {
    try {
      watch(path.join(ROOT, 'docs', folder), { recursive: true }, (_, name) => {
        if (!/(^|\/)(target|node_modules)(\/|$)|~$|\.sw.$/.test(name ?? '')) void rebuild();
      });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    }
  }
}

async function main() {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65535)
    throw new Error(`--port takes a number up to 65535, not ${values.port}`);
  if (!(await build())) throw new Error('the book cannot be built; what is wrong is above');
  const pages = await startServer();
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(`book: ${request.url}: ${error.message}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  watchSources();
  const end = () => process.exit(0); // with every connection, however long it was to stay open
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`The book is at http://127.0.0.1:${address.port}/ and follows what you change in docs/`);
  console.log(`The pages of hosts/browser are at ${pages.origin}/ (Ctrl-C ends both)`);
}

await main().catch((error) => {
  console.error(`serve: ${error.message}`);
  process.exitCode = 1;
});
