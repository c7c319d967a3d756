// What the servers of this workspace have in common: this folder's, and the book's (docs/tool/serve.mjs). They listen on
// 127.0.0.1, answer only to that name, and send every answer with the same headers.

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

/** @type {Record<string, string>} */
const CONTENT_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};
const TEXT = CONTENT_TYPES['.txt'];

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Isolated from other origins, a page may use shared memory, and in Chromium it has a clock of 5 µs and not of 100.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * @typedef {{ file: string, type?: string } | { missing: string } | { type: string, body: string }
 *   | { type: string, open: (response: import('node:http').ServerResponse) => void }} Found a file; nothing, with what to
 *   say; what was made for this answer; or an answer that goes on
 *
 * @typedef {object} LocalServer
 * @property {import('node:http').Server} http the server itself, for what else it is to do
 * @property {string} origin such as `http://127.0.0.1:40123`
 * @property {(request: import('node:http').IncomingMessage) => boolean} isForUs whether a request names this server
 * @property {() => Promise<void>} close ends it, with every connection
 */

/**
 * @param {object} options
 * @param {number} options.port 0 for a free one
 * @param {string} options.policy the Content-Security-Policy of every answer
 * @param {(pathname: string) => Promise<Found>} options.find what is at a path, which is decoded and begins with `/`
 * @returns {Promise<LocalServer>}
 * @throws {Error} if the port is taken, with what to do about it
 */
export async function listenLocally({ port, policy, find }) {
  /** @type {string[]} */
  let names = [];
  // Any page may have its own name resolve to 127.0.0.1, and would then read this server as its own.
  const isForUs = (/** @type {import('node:http').IncomingMessage} */ request) =>
    names.includes(request.headers.host?.toLowerCase() ?? '');
  const http = createServer((request, response) => {
    const send = sender(request, response, policy);
    answer(request, isForUs, find, send).catch((error) => {
      console.error(`server: ${request.url}: ${error.message}`);
      if (response.headersSent) response.destroy();
      else send(500, { type: TEXT, body: 'the server failed' });
    });
  });
  await new Promise((resolve, reject) => {
    http.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const taken = `port ${port} is in use; choose another one with --port, or leave it out for a free one`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error);
    });
    http.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const bound = /** @type {import('node:net').AddressInfo} */ (http.address()).port;
  names = ['127.0.0.1', 'localhost'].flatMap((name) => [`${name}:${bound}`, ...(bound === 80 ? [name] : [])]);
  return {
    http,
    origin: `http://127.0.0.1:${bound}`,
    isForUs,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {LocalServer['isForUs']} isForUs
 * @param {(pathname: string) => Promise<Found>} find
 * @param {ReturnType<typeof sender>} send
 */
async function answer(request, isForUs, find, send) {
  if (!isForUs(request))
    return send(403, { type: TEXT, body: 'this server answers to 127.0.0.1 and localhost only\n' });
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(405, { type: TEXT, body: 'only GET and HEAD are answered here\n' }, { allow: 'GET, HEAD' });
  }
  const pathname = decodedPath(request.url ?? '/');
  const found = pathname ? await find(pathname) : { missing: 'There is nothing here. It begins at /' };
  if ('missing' in found) return send(404, { type: TEXT, body: `${found.missing}\n` });
  if (!('file' in found)) return send(200, found);
  const { size } = await stat(found.file);
  const open = (/** @type {import('node:http').ServerResponse} */ response) =>
    createReadStream(found.file)
      .on('error', () => response.destroy())
      .pipe(response);
  return send(200, { type: found.type ?? contentType(found.file), open }, { 'content-length': size });
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} policy
 */
function sender(request, response, policy) {
  /**
   * @param {number} status
   * @param {Exclude<Found, { file: string } | { missing: string }>} content
   * @param {Record<string, string | number>} [more] headers
   */
  return (status, content, more) => {
    const headers = { ...HEADERS, 'content-security-policy': policy, 'content-type': content.type, ...more };
    response.writeHead(status, headers);
    if (request.method === 'HEAD') response.end();
    else if ('open' in content) content.open(response);
    else response.end(content.body);
  };
}

/** @param {string} file */
export function contentType(file) {
  return CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream';
}

/**
 * @param {string} url as the client sent it
 * @returns {string | undefined} undefined if it is no path that can be a file's
 */
function decodedPath(url) {
  try {
    const pathname = decodeURIComponent(url.split(/[?#]/, 1)[0]);
    return pathname.startsWith('/') && !/[\0\\]/.test(pathname) ? pathname : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @param {string} name of a file in it; of a folder, with a `/` at its end, index.html is meant
 * @returns {Promise<string | undefined>} its real path, which is in the folder
 */
export async function fileIn(folder, name) {
  const file = await realFile(path.join(folder, name === '' || name.endsWith('/') ? `${name}index.html` : name));
  const root = file && (await realpath(folder));
  // After links and ".." are resolved, so that nothing outside the folder is served.
  return file && root && file.startsWith(root + path.sep) ? file : undefined;
}

/** @returns {Promise<string | undefined>} its real path */
export async function realFile(/** @type {string} */ file) {
  try {
    const real = await realpath(file);
    return (await stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}
