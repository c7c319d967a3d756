// docs/src/pictures/size-groups.svg: what the bytes of each module are for, as far as `make size` has told.

import { WIDTH, data, print, text } from './lib/svg.mjs';

const LEFT = 16;
const ROW = 40;
/** In the order in which they are drawn; neighbours differ in lightness too. */
const COLOURS = ['#2c5d9e', '#7fb0ea', '#b5651d', '#efb27a', '#3f8f5b', '#9aa3b0', '#555e6b'];

const { sizes } = data('sizes.json');
const shown = sizes.filter(({ of, groups, name }) => groups && of === 'everyhost' && !name.startsWith('add-'));
const names = [...new Set(shown.flatMap(({ groups }) => groups.map(({ name }) => name)))];
const scale = (WIDTH - 2 * LEFT) / Math.max(1, ...shown.map(({ bytes }) => bytes));
const number = (value) => value.toLocaleString('en-US');

const parts = [text(LEFT, 28, 'What the bytes of each module are for', 'strong')];
let y = 52;
for (const { name, bytes, groups } of shown) {
  parts.push(text(LEFT, y, name), text(WIDTH - LEFT, y, `${number(bytes)} bytes`, 'end small'));
  let x = LEFT;
  for (const group of groups) {
    const width = group.bytes * scale;
    const colour = COLOURS[names.indexOf(group.name) % COLOURS.length];
    parts.push(`<rect x="${x.toFixed(1)}" y="${y + 6}" width="${width.toFixed(1)}" height="14" fill="${colour}"/>`);
    x += width;
  }
  y += ROW;
}
names.forEach((name, at) => {
  const x = LEFT + (at % 3) * 150;
  const line = y + 8 + Math.floor(at / 3) * 22;
  parts.push(`<rect x="${x}" y="${line - 10}" width="12" height="12" fill="${COLOURS[at % COLOURS.length]}"/>`);
  parts.push(text(x + 18, line, name, 'small'));
});
print({
  title: 'What the bytes of each module are for',
  desc: shown
    .map(({ name, groups }) => `${name}: ${groups.map((group) => `${group.name} ${number(group.bytes)}`).join(', ')}`)
    .join('; '),
  height: y + 16 + Math.ceil(names.length / 3) * 22,
  parts,
});
