// Serves the built book on 127.0.0.1, and the pages of hosts/browser beside it. When something in docs/ changes, the book is
// built again and every open page reloads. Ctrl-C ends it.
//
//   node serve.mjs [--port N]     the book's port; a free one by default

import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { contentType, fileIn, listenLocally } from '../../hosts/browser/http.mjs';
import { startServer } from '../../hosts/browser/server.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BOOK = path.join(ROOT, 'target/book');

/** mdBook's own pages have scripts and styles in them; nothing is loaded from elsewhere or sent anywhere. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const EVENTS = '/reload-events';
const RELOAD = `<script>new EventSource('${EVENTS}').onmessage = () => location.reload();</script>`;

/**
 * @param {string} folder of the built book
 * @param {number} [port] a free one by default
 * @returns {Promise<import('../../hosts/browser/http.mjs').LocalServer & { reload: () => void }>} `reload` has every open
 *   page load itself again
 */
export async function serveBook(folder, port = 0) {
  /** @type {Set<import('node:http').ServerResponse>} */
  const listeners = new Set();
  const listen = (/** @type {import('node:http').ServerResponse} */ response) => {
    response.write(': open\n\n');
    listeners.add(response);
    response.once('close', () => listeners.delete(response));
  };
  const server = await listenLocally({
    port,
    policy: CONTENT_SECURITY_POLICY,
    async find(pathname) {
      if (pathname === EVENTS) return { type: 'text/event-stream', open: listen };
      const file = await fileIn(folder, pathname);
      if (!file) return { missing: 'There is no such page in the book. It begins at /' };
      if (!file.endsWith('.html')) return { file };
      return { type: contentType(file), body: `${await readFile(file)}${RELOAD}` };
    },
  });
  return {
    ...server,
    reload() {
      for (const listener of listeners) listener.write('data: reload\n\n');
    },
  };
}

/** @returns {Promise<boolean>} whether it could be built */
function build() {
  return new Promise((resolve) => {
    const child = spawn(path.join(ROOT, 'docs/build.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** @param {() => void} built is called after each build that succeeded */
function watchSources(built) {
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
      if (good) built();
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
  const book = await serveBook(BOOK, port);
  watchSources(book.reload);
  const end = () => process.exit(0); // with every connection, however long it was to stay open
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  console.log(`The book is at ${book.origin}/ and follows what you change in docs/`);
  console.log(`The pages of hosts/browser are at ${pages.origin}/ (Ctrl-C ends both)`);
}

if (process.argv[1] && (await realpath(process.argv[1])) === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(`serve: ${error.message}`);
    process.exitCode = 1;
  });
}
