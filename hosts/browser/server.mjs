// Serves the pages, the modules and what the pages import, on 127.0.0.1 and nothing else.
//
//   node server.mjs [--port N] [--open-for SECONDS]

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = import.meta.dirname ?? path.dirname(fileURLToPath(import.meta.url));
const TARGET = path.join(HERE, '../../target');

/** What is served from where, longest prefix first. */
const FOLDERS = /** @type {const} */ ([
  ['/vendor/tweetnacl/', path.join(HERE, 'node_modules/tweetnacl')],
  ['/vendor/jose/', path.join(HERE, 'node_modules/jose/dist/webapi')],
  ['/modules/', path.join(TARGET, 'modules')],
  ['/pkg/', path.join(TARGET, 'pkg')],
  ['/', path.join(HERE, 'pages')],
]);

/** Single files beside the folders: the wrappers, and the module under the name that the book gives it. */
const FILES = new Map([
  ['/token_signer.wasm', path.join(TARGET, 'modules/signer-raw.wasm')],
  ...[
    ...['signer', 'batch-modules', 'adder', 'codes', 'token'],
    ...['bytes', 'deadline', 'operations', 'raw', 'requests', 'wasm-types'],
  ].map((name) => /** @type {const} */ ([`/${name}.mjs`, path.join(HERE, `${name}.mjs`)])),
]);

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

/** The pages of this folder load nothing from elsewhere and send nothing anywhere. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * @typedef {object} PageServer
 * @property {string} origin such as `http://127.0.0.1:40123`
 * @property {import('node:http').Server} http the server itself, for what else it is to do
 * @property {Map<string, string>} files more files to serve, by their path in the URL; may be changed at any time
 * @property {() => Promise<void>} close ends it, with every connection
 */

/**
 * @param {number} [port] a free one by default
 * @returns {Promise<PageServer>}
 * @throws {Error} where the port is taken, with what to do about it
 */
export async function startServer(port = 0) {
  const files = new Map(FILES);
  const server = createServer((request, response) => {
    handle(request, response, files).catch((error) => {
      console.error(`server: ${request.url}: ${error.message}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const taken = `port ${port} is in use; choose another one with --port, or leave it out for a free one`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error);
    });
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${address.port}`,
    http: server,
    files,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Map<string, string>} files
 */
async function handle(request, response, files) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'only GET and HEAD are answered here');
  }
  const pathname = decodedPath(request.url ?? '/');
  const file = pathname && (await locate(pathname, files));
  if (!pathname || !file) return refuse(response, 404, notFound(pathname));
  const { size } = await stat(file);
  /** @type {Record<string, string | number>} */
  const headers = {
    'content-type': CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream',
    'content-length': size,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    // Isolated from other origins, a page of Chromium has a clock of 5 µs and not of 100: it shows what the first key costs.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  };
  response.writeHead(200, headers);
  if (request.method === 'HEAD') return response.end();
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

/**
 * @param {string} url as the client sent it
 * @returns {string | undefined} undefined where it is no path that can be a file's
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
 * @param {string} pathname
 * @param {Map<string, string>} files
 * @returns {Promise<string | undefined>} the file to serve
 */
async function locate(pathname, files) {
  const single = files.get(pathname);
  if (single) return isFile(single);
  const [prefix, folder] = FOLDERS.find(([start]) => pathname.startsWith(start)) ?? FOLDERS[FOLDERS.length - 1];
  const wanted = path.join(folder, pathname.slice(prefix.length));
  const file = (await isFile(wanted)) ?? (await isFile(path.join(wanted, 'index.html')));
  const root = file && (await realpath(folder));
  // After links and ".." are resolved, so that nothing outside the folder is served.
  return file && root && file.startsWith(root + path.sep) ? file : undefined;
}

/**
 * @param {string} file
 * @returns {Promise<string | undefined>} its real path
 */
async function isFile(file) {
  try {
    const real = await realpath(file);
    return (await stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} pathname */
function notFound(pathname) {
  if (pathname && /^\/(pkg|modules)\/|^\/token_signer\.wasm$/.test(pathname)) {
    return `${pathname} is not there: the modules are not built. \`make run\` builds them.`;
  }
  if (pathname?.startsWith('/vendor/')) return `${pathname} is not there: run \`npm ci\` in hosts/browser first.`;
  return 'There is nothing here. The list of pages is at /';
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} message
 */
function refuse(response, status, message) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(`${message}\n`);
}

/**
 * @param {string | undefined} text
 * @param {string} option
 * @param {number} max
 */
function wholeNumber(text, option, max) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > max) throw new Error(`${option} takes a whole number up to ${max}, not ${text}`);
  return number;
}

async function main() {
  const { values } = parseArgs({ options: { port: { type: 'string' }, 'open-for': { type: 'string' } } });
  const openFor = wholeNumber(values['open-for'], '--open-for', 86400);
  const server = await startServer(wholeNumber(values.port, '--port', 65535));
  const end = () => server.close().then(() => process.exit(0));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  if (openFor !== undefined) setTimeout(end, openFor * 1000);
  console.log(`The pages are at ${server.origin}/ (${openFor ? `for ${openFor} s` : 'Ctrl-C ends it'})`);
}

if (process.argv[1] && (await realpath(process.argv[1])) === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(`server: ${error.message}`);
    process.exitCode = 1;
  });
}
