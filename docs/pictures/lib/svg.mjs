// A card with its own background and its own text colours: readable in every theme of the book, whatever the browser makes
// of prefers-color-scheme in a picture. 480 units wide, so that its words can be read on a phone.

import { readFileSync } from 'node:fs';

export const WIDTH = 480;

const STYLE = `
  .card { fill: #f7f8fa; stroke: #c9ced6 } text { fill: #1c2430; font: 14px system-ui, sans-serif } .soft { fill: #566070 }
  .small { font-size: 12.5px } .strong { font-weight: 600 } .mono { font-family: ui-monospace, monospace; font-size: 13px } .end { text-anchor: end } .mid { text-anchor: middle }
  .a { fill: #3b76c4 } .b { fill: #b5651d } .c { fill: #3f8f5b } .d { fill: #8a93a0 }
  .box { fill: #ffffff; stroke: #8a93a0 } .line { stroke: #566070; fill: none; stroke-width: 1.5 } .grid { stroke: #dfe3e8 } .tip { fill: #566070 }
  .at { stroke-width: 2; fill: #ffffff } .as { stroke: #3b76c4 } .bs { stroke: #b5651d } .cs { stroke: #3f8f5b } .ds { stroke: #8a93a0; stroke-dasharray: 5 3 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #1d222d; stroke: #3d4657 } text { fill: #e3e7ee } .soft { fill: #a9b3c2 }
    .a { fill: #5b96e6 } .b { fill: #d98a3d } .c { fill: #5bb37b } .d { fill: #7d8796 }
    .box, .at { fill: #272e3b } .line { stroke: #a9b3c2 } .grid { stroke: #343c4b } .tip { fill: #a9b3c2 }
    .as { stroke: #5b96e6 } .bs { stroke: #d98a3d } .cs { stroke: #5bb37b } .ds { stroke: #7d8796 }
  }`;

/** @param {string} text */
export const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** @type {(x: number, y: number, words: string, classes?: string) => string} `y` is the base line */
export const text = (x, y, words, classes = '') =>
  `<text x="${x}" y="${y}"${classes && ` class="${classes}"`}>${escape(words)}</text>`;

/** @type {(x: number, y: number, width: number, height: number, classes: string) => string} */
export const box = (x, y, width, height, classes) =>
  `<rect x="${x}" y="${y}" width="${round(width)}" height="${height}" rx="3" class="${classes}"/>`;

/** @type {(x1: number, y1: number, x2: number, y2: number) => string} with its tip at the end */
export function arrow(x1, y1, x2, y2) {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return (
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="line"/>` +
    `<path d="M0 0 L-9 -4.5 L-9 4.5 z" class="tip" transform="translate(${x2} ${y2}) rotate(${round(angle)})"/>`
  );
}

/** @param {number} value */
export const round = (value) => Math.round(value * 10) / 10;

/**
 * @param {string} name of a file in docs/data
 * @returns {any}
 */
export const data = (name) => JSON.parse(readFileSync(new URL(`../../data/${name}`, import.meta.url), 'utf8'));

/**
 * @param {{ title: string, desc: string, height: number, parts: string[] }} picture
 */
export function print({ title, desc, height, parts }) {
  console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH * 1.35}" role="img" aria-labelledby="t d">
<title id="t">${escape(title)}</title>
<desc id="d">${escape(desc)}</desc>
<style>${STYLE}
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6" class="card"/>
${parts.join('\n')}
</svg>`);
}
