// A book of one page with every live part, served as strictly as the browser host serves its own pages.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startServer } from '../../../hosts/browser/server.mjs';

const INSTALL = fileURLToPath(new URL('../install.sh', import.meta.url));

/** The names of mdBook's variables that the parts use, and what else it sets that matters to them. */
const STYLE = `
  html { font-size: 62.5%; color-scheme: light dark; --bg: light-dark(#fff, #161923); --fg: light-dark(#000, #bcbdd0);
    --links: light-dark(#20609f, #2b79a2); --table-border-color: light-dark(#f2f2f2, #282e40); --mono-font: monospace; }
  body { margin: 0; padding: 1.5rem; font: 1.6rem/1.45 sans-serif; background: var(--bg); color: var(--fg); }
  main { max-width: 75rem; margin: 0 auto; }
  table { margin: 0 auto; border-collapse: collapse; }
  table td, table th { padding: 3px 20px; border: 1px var(--table-border-color) solid; }`;

/**
 * @typedef {object} Book
 * @property {string} origin
 * @property {Map<string, string>} files served, by their path in the URL; may be changed
 * @property {string} folder where they are
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<Book>} */
export async function serveBook() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'everyhost-live-'));
  execFileSync(INSTALL, [folder]);
  await writeFile(path.join(folder, 'style.css'), STYLE);
  await writeFile(path.join(folder, 'no-wasm.js'), 'delete globalThis.WebAssembly;\n');
  await writeFile(path.join(folder, 'live.html'), html(''));
  await writeFile(path.join(folder, 'no-wasm.html'), html('<script src="no-wasm.js"></script>'));
  const server = await startServer();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    server.files.set(`/book/${path.relative(folder, file)}`, file);
  }
  return {
    origin: server.origin,
    files: server.files,
    folder,
    async close() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/**
 * Serves the built book as any server of files does.
 *
 * @param {string} folder
 * @param {string} [wanted] what a page has in it to be one of `pages`: live parts by default
 * @returns {Promise<{ origin: string, pages: string[], close: () => Promise<void> }>}
 */
export async function serveFolder(folder, wanted = 'data-live=') {
  const server = await startServer();
  const pages = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const url = `/book/${path.relative(folder, file)}`;
    server.files.set(url, file);
    if (!/\.html$/.test(file) || /\/(print|toc|404)\.html$/.test(file)) continue;
    if ((await readFile(file, 'utf8')).includes(wanted)) pages.push(url);
  }
  // mdBook's pages have scripts of their own in them, which the browser host's policy forbids.
  server.http.prependListener('request', (_, response) => {
    const setAll = response.writeHead.bind(response);
    response.writeHead = (/** @type {any} */ status, /** @type {any} */ headers) => {
      delete headers?.['content-security-policy'];
      return setAll(status, headers);
    };
  });
  return { origin: server.origin, pages, close: server.close };
}

/** @param {string} head */
function html(head) {
  const parts = ['memory', 'comparison', 'lanes', 'issuers', 'bytes', 'adder', 'playground', 'stack', 'abi', 'matrix'];
  const places = parts.map(
    (name) => `<h2>${name}</h2><div class="live" data-live="${name}"><p>Fallback of ${name}.</p></div>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Live parts</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
    <link rel="stylesheet" href="style.css">${head}<script type="module" src="live/index.mjs"></script>
    <main>${places.join('\n')}<div class="live" data-live="nonsense">Fallback of nonsense.</div></main></html>`;
}
