// Draws each module beside the book as a bar of its sections, from the bytes that this page has loaded, and what gzip leaves.

import { sectionsOf } from './conformance/wasm-types.mjs';
import { sectionSizes } from './sections.mjs';
import { StatusLine, element, fill, load, number, row } from './ui.mjs';

const MODULES = [
  ...['signer-raw', 'signer-raw-simd', 'signer-lanes', 'signer-lanes-relaxed'],
  ...['signer-small-fast', 'signer-small', 'signer-small-sign'],
];
/** The sections that have a part of the bar; all others are one part. */
const PARTS = ['code', 'data'];

/** @param {HTMLElement} place */
export async function start(place) {
  const rows = [];
  for (const name of MODULES) rows.push(await measured(name));
  const widest = Math.max(...rows.map(({ bytes }) => bytes));
  const status = new StatusLine();
  const table = fill(
    element('table', { class: 'live-bars' }),
    'Bytes of each module by section; in the bar: code, data (striped), all others',
    ['module', 'bytes', 'code', 'data', 'others', 'gzip'],
    rows.flatMap((row) => tableRows(row, widest)),
  );
  place.append(status.node, element('div', { class: 'live-scroll' }, table));
  const [largest, smallest] = [rows[0], rows[rows.length - 1]];
  status.good(
    `Read from the modules that this page has loaded. ${smallest.name} has ${number((100 * smallest.bytes) / largest.bytes)} % of the bytes of ${largest.name}.`,
  );
}

/** @param {string} name of a module */
async function measured(name) {
  const wasm = new Uint8Array(await (await load(new URL(`../modules/${name}.wasm`, import.meta.url))).arrayBuffer());
  const sections = sectionSizes(sectionsOf(wasm));
  const parts = PARTS.map((part) => sections.get(part) ?? 0);
  const others = wasm.length - parts.reduce((sum, bytes) => sum + bytes);
  return { name, bytes: wasm.length, parts: [...parts, others], gzip: await gzipped(wasm) };
}

/** @returns {Promise<number | undefined>} undefined in a browser that does not compress */
async function gzipped(/** @type {Uint8Array<ArrayBuffer>} */ bytes) {
  if (typeof CompressionStream !== 'function') return undefined;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/**
 * @param {Awaited<ReturnType<typeof measured>>} row
 * @param {number} widest
 */
function tableRows({ name, bytes, parts, gzip }, widest) {
  const bar = element('span', { class: 'live-stack' });
  for (const [n, part] of parts.entries()) {
    const piece = element('span', { class: `live-part live-part-${n}` });
    piece.style.width = `${(100 * part) / widest}%`;
    bar.append(piece);
  }
  const figures = [bytes, ...parts, gzip].map((value) => (value === undefined ? '–' : number(value)));
  return [
    row([name], ...figures),
    // A row of its own, so that a phone has room for it.
    element('tr', { 'aria-hidden': 'true' }, element('td', { class: 'live-track', colspan: '6' }, bar)),
  ];
}
