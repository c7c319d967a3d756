// Loads the modules of this package, which lie beside this file, and compiles each once. Uses nothing that a bundler for
// browsers would have to leave out.

/** @type {Map<string, Promise<any>>} What was made, or is being made, of the file of this URL. */
const kept = new Map();

/**
 * @param {URL} url of a .wasm file. Write `new URL('./name.wasm', import.meta.url)` where you call this: bundlers look for it
 * @returns {Promise<WebAssembly.Module>}
 * @throws {Error} if it cannot be read; the next call tries again
 */
export function compiled(url) {
  return once(url, async () => WebAssembly.compile(await read(url)));
}

/**
 * @template T
 * @param {URL} url
 * @param {() => Promise<T>} make
 * @returns {Promise<T>}
 */
export function once({ href }, make) {
  const known = kept.get(href);
  if (known) return known;
  const made = make();
  kept.set(href, made);
  made.catch(() => kept.delete(href));
  return made;
}

/**
 * @param {URL} url
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function read(url) {
  // Node's fetch reads no files.
  const files = url.protocol === 'file:' && globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (files) return files.readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot load ${url}: the server answers ${response.status}; serve the file there`);
  return new Uint8Array(await response.arrayBuffer());
}
