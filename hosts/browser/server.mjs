// Serves the pages, the modules and what the pages import, on 127.0.0.1 and nothing else.
//
//   node server.mjs [--port N] [--open-for SECONDS]

import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { framed } from './frame.mjs';
import { contentType, fileIn, listenLocally, realFile } from './http.mjs';

const HERE = import.meta.dirname ?? path.dirname(fileURLToPath(import.meta.url));
const PAGES = path.join(HERE, 'pages');
const JAVASCRIPT = path.join(HERE, '../javascript');
const TARGET = path.join(HERE, '../../target');

/** What is served from where, longest prefix first. */
const FOLDERS = /** @type {const} */ ([
  ['/javascript/signer/', path.join(JAVASCRIPT, 'signer')],
  ['/javascript/conformance/', path.join(JAVASCRIPT, 'conformance')],
  ['/vendor/tweetnacl/', path.join(JAVASCRIPT, 'node_modules/tweetnacl')],
  ['/vendor/jose/', path.join(JAVASCRIPT, 'node_modules/jose/dist/webapi')],
  ['/vendor/browser_wasi_shim/', path.join(HERE, 'node_modules/@bjorn3/browser_wasi_shim/dist')],
  ['/modules/', path.join(TARGET, 'modules')],
  ['/pkg/', path.join(TARGET, 'pkg')],
  ['/', PAGES],
]);

/** Single files beside the folders: the module under the name that the book gives it. */
const FILES = new Map([['/token_signer.wasm', path.join(TARGET, 'modules/signer-raw.wasm')]]);

/** The pages of this folder load nothing from elsewhere and send nothing anywhere. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * @typedef {import('./http.mjs').LocalServer & { files: Map<string, string> }} PageServer with more files to serve, by
 *   their path in the URL; they may be changed at any time
 */

/**
 * @param {number} [port] a free one by default
 * @returns {Promise<PageServer>}
 * @throws {Error} if the port is taken, with what to do about it
 */
export async function startServer(port = 0) {
  const files = new Map(FILES);
  const find = async (/** @type {string} */ pathname) => {
    const file = await locate(pathname, files);
    if (!file) return { missing: notFound(pathname) };
    if (path.dirname(file) === PAGES && file.endsWith('.html')) {
      return { type: contentType(file), body: framed(await readFile(file, 'utf8'), path.basename(file, '.html')) };
    }
    // A file that a program serves may have any name itself.
    const isNamed = files.has(pathname) && path.extname(pathname) !== '';
    return isNamed ? { file, type: contentType(pathname) } : { file };
  };
  return { ...(await listenLocally({ port, policy: CONTENT_SECURITY_POLICY, find })), files };
}

/** @returns {Promise<string | undefined>} the file to serve */
function locate(/** @type {string} */ pathname, /** @type {Map<string, string>} */ files) {
  const single = files.get(pathname);
  if (single) return realFile(single);
  const [prefix, folder] = FOLDERS.find(([start]) => pathname.startsWith(start)) ?? FOLDERS[FOLDERS.length - 1];
  return fileIn(folder, pathname.slice(prefix.length));
}

/** @param {string} pathname */
function notFound(pathname) {
  if (/^\/(pkg|modules)\/|^\/token_signer\.wasm$/.test(pathname)) {
    return `${pathname} is not there: the modules are not built. \`make run\` builds them.`;
  }
  if (pathname.startsWith('/vendor/')) return `${pathname} is not there: \`make setup\` gets it.`;
  return 'There is nothing here. The list of pages is at /';
}

function wholeNumber(/** @type {string | undefined} */ text, /** @type {string} */ option, /** @type {number} */ max) {
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
