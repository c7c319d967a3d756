// Prints what each module's bytes are, after checking that it answers as the others do.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import zlib from 'node:zlib';

import { sectionsOf } from '../../../../hosts/javascript/conformance/wasm-types.mjs';
import { sectionSizes } from '../../../live/sections.mjs';

const messages = ['', '123456789', 'hello', 'x'.repeat(200_000)];
/** As RFC 1952 defines it; its check value is that of the digits 1 to 9. */
const CHECK = 0xcbf4_3926;

// ANCHOR: call
async function answers(wasm) {
  const { memory, allocate, crc32: checksum } = (await WebAssembly.instantiate(wasm)).instance.exports;
  return messages.map((message) => {
    const bytes = new TextEncoder().encode(message);
    const place = allocate(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, place);
    return checksum() >>> 0;
  });
}
// ANCHOR_END: call

let first;
for (const name of process.argv.slice(2)) {
  const wasm = await readFile(`target/bytes/${name}.wasm`);
  const given = await answers(wasm);
  assert.equal(given[1], CHECK);
  // Node has it since 20.15.
  if (zlib.crc32)
    assert.deepEqual(
      given,
      messages.map((message) => zlib.crc32(message)),
    );
  assert.deepEqual(given, (first ??= given));
  const sections = sectionSizes(sectionsOf(wasm));
  const [code, data] = ['code', 'data'].map((section) => sections.get(section) ?? 0);
  const columns = [wasm.length, code, data, wasm.length - code - data].map((bytes) => String(bytes).padStart(8));
  console.log(`${name.padEnd(16)}${columns.join('')}`);
}
