// WASI in a browser, which has none of its own: npm's @bjorn3/browser_wasi_shim. Its files are in memory.

import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } from '/vendor/browser_wasi_shim/index.js';

import { fromHex, toHex } from '../../javascript/conformance/bytes.mjs';
import { MOST_READ } from '../../javascript/conformance/raw.mjs';

/** @typedef {import('../../javascript/conformance/wasi.mjs').Tree} Tree */

/** @type {import('../../javascript/conformance/wasi.mjs').NewWasi} */
export function newWasi({ args, env, stdin, dirs }) {
  const [stdout, stderr] = [output(), output()];
  const folders = dirs.map(({ guest, files }) => {
    if (!files) throw new TypeError(`the folder for ${guest} could not be read`);
    return new PreopenDirectory(guest, opened(files));
  });
  const variables = env.map(([name, value]) => `${name}=${value}`);
  const streams = [new OpenFile(new File(stdin)), stdout.stream, stderr.stream];
  // It prints what it does unless it is told not to.
  const wasi = new WASI(args, variables, [...streams, ...folders], { debug: false });
  return {
    functions: wasi.wasiImport,
    begin: (memory) => (wasi.inst = { exports: { memory } }),
    end: () => ({
      stdout: stdout.bytes(),
      stderr: stderr.bytes(),
      dirs: folders.map(({ dir }) => written(dir.contents)),
    }),
  };
}

/** What a program writes, up to what an answer can hold: it may write for ever. */
function output() {
  /** @type {number[]} */
  const bytes = [];
  const stream = new ConsoleStdout((more) => {
    if (bytes.length + more.length > MOST_READ) throw new RangeError('it writes too much');
    for (const byte of more) bytes.push(byte);
  });
  return { stream, bytes: () => Uint8Array.from(bytes) };
}

/** @returns {Map<string, File | Directory>} */
function opened(/** @type {Tree} */ tree) {
  return new Map(
    tree.map(([name, content]) => [
      name,
      typeof content === 'string' ? new File(fromHex(content)) : new Directory(opened(content)),
    ]),
  );
}

/** @returns {Tree} */
function written(/** @type {Map<string, unknown>} */ contents) {
  return [...contents].map(([name, entry]) => [
    name,
    entry instanceof Directory ? written(entry.contents) : toHex(/** @type {File} */ (entry).data),
  ]);
}
