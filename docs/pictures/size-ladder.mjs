// docs/src/pictures/size-ladder.svg: how large the module is after each step.

import { WIDTH, box, data, print, text } from './lib/svg.mjs';

const LEFT = 16;
const ROW = 40;
const { sizes } = data('sizes.json');
const shown = sizes.filter(({ name }) => !name.startsWith('add-'));
const widest = Math.max(...shown.filter(({ name }) => name !== 'debug').map(({ bytes }) => bytes));
const scale = (WIDTH - LEFT * 2) / (widest * 1.06);
const number = (value) => value.toLocaleString('en-US');

const parts = [];
let y = 30;
for (const of of ['chapter', 'everyhost']) {
  parts.push(
    text(LEFT, y, of === 'chapter' ? 'The original build, step by step' : 'The modules of this workspace', 'strong'),
  );
  y += 22;
  for (const { name, bytes, gzip_bytes: gzip } of shown.filter((size) => size.of === of)) {
    const cut = bytes > widest * 1.06;
    const width = cut ? WIDTH - LEFT * 2 : bytes * scale;
    parts.push(text(LEFT, y, name), text(WIDTH - LEFT, y, `${number(bytes)} bytes`, 'end small'));
    parts.push(box(LEFT, y + 6, width, 12, of === 'chapter' ? 'b' : 'a'));
    if (cut) parts.push(`<path d="M${WIDTH - 70} ${y + 2} l8 10 l-8 10 h8 l8 -10 l-8 -10 z" class="card"/>`);
    else
      parts.push(
        `<rect x="${LEFT}" y="${y + 6}" width="${(gzip * scale).toFixed(1)}" height="12" rx="3" fill="#000" fill-opacity="0.25"/>`,
      );
    y += ROW;
  }
  y += 12;
}
parts.push(text(LEFT, y - 4, 'Dark part of a bar: what is left of it after gzip -9.', 'small soft'));
print({
  title: 'The size ladder',
  desc: `Bytes of each build: ${shown.map(({ name, bytes }) => `${name} ${number(bytes)}`).join(', ')}. The bar of the debug build is cut off.`,
  height: y + 12,
  parts,
});
