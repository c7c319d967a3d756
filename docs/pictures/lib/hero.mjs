// README's picture: one module, every host, the same bytes. For GitHub each theme and width is a file of its own: a picture
// there does not see the page's theme.

import { readFileSync } from 'node:fs';

import { data, escape } from './svg.mjs';

const THEMES = {
  light: {
    ...{ text: '#1f2328', soft: '#59636e', line: '#d1d9e0', box: '#f6f8fa', module: '#0b5a6f', same: '#14613a' },
    ...{ right: '#e3f2e8', wrong: '#fbe9e7', red: '#a1260d' },
  },
  dark: {
    ...{ text: '#e6edf3', soft: '#9198a1', line: '#30363d', box: '#161b22', module: '#7cc7dc', same: '#7ee2a8' },
    ...{ right: '#12261e', wrong: '#3c1618', red: '#ff9492' },
  },
};
/** The language of a row's host, in the order in which they are shown. */
const LANGUAGES = Object.entries({
  Rust: ['rust'],
  JavaScript: ['node', 'deno', 'bun'],
  Browsers: ['browser'],
  Python: ['python'],
  Go: ['go'],
  Java: ['java'],
  C: ['c'],
  'C#': ['csharp'],
});
/** Hosts that are known by their own name, not by their runtime's. */
const KNOWN_BY_NAME = ['node', 'deno', 'bun', 'csharp'];
const MODULE = 'signer-raw';
const ROW = 36;
const MONO = `font-family="ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace"`;

const number = (/** @type {number} */ value) => value.toLocaleString('en-US');
const capital = (/** @type {string} */ word) => word[0].toUpperCase() + word.slice(1);

/** What runs the module there, shortly: Node 20, 26; Chromium 156; and two rows of one runtime are "wazero × 2". */
function runtimes(/** @type {import('../../tool/data.mjs').Row[]} */ rows) {
  const all = rows.map(({ host, version, runtime }) => {
    const full = !KNOWN_BY_NAME.includes(host)
      ? runtime
      : /^\D/.test(version)
        ? version
        : `${capital(host)} ${version}`;
    // A major version, and the minor one of 0 and 1.
    const [, name, number = ''] = /^(.*?) ([01]\.\d+|\d+)/.exec(full) ?? [full, full];
    return { name, number };
  });
  const names = [...new Set(all.map(({ name }) => name))];
  return names
    .map((name) => {
      const numbers = all.filter((each) => each.name === name).map(({ number }) => number);
      const isOne = new Set(numbers).size === 1 && numbers.length > 1;
      return isOne ? `${name} × ${numbers.length}` : `${name} ${numbers.join(', ')}`;
    })
    .join(' · ');
}

/**
 * @param {'light' | 'dark'} theme
 * @param {{ narrow?: boolean }} [shape]
 */
export function printHero(theme, { narrow = false } = {}) {
  const matrix = /** @type {import('../../tool/data.mjs').Matrix} */ (data('matrix.json'));
  const { signature } = JSON.parse(
    readFileSync(new URL('../../../hosts/examples.json', import.meta.url), 'utf8'),
  ).known;
  const { bytes, sha256 } = matrix.modules[MODULE];
  const colours = THEMES[theme];
  /** @type {string[]} */
  const parts = [];
  /** @type {(x: number, y: number, size: number, words: string, style: string) => void} */
  const text = (x, y, size, words, style) =>
    parts.push(`<text x="${x}" y="${y}" font-size="${size}" ${style}>${escape(words)}</text>`);
  /** @type {(x: number, y: number, width: number, height: number, style: string) => void} */
  const box = (x, y, width, height, style) =>
    parts.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" ${style}/>`);
  const soft = `fill="${colours.soft}"`;
  const strong = `fill="${colours.text}" font-weight="600"`;

  const [width, left, list] = narrow ? [400, 8, 384] : [880, 250, 408];
  const top = narrow ? 134 : 8;
  const bottom = top + LANGUAGES.length * ROW - 8;
  const middle = (top + bottom) / 2;
  const hosts = matrix.rows.filter(({ cells }) => cells[MODULE]);

  LANGUAGES.forEach(([language, names], at) => {
    const rows = hosts.filter(({ host }) => names.includes(host));
    const cells = rows.map(({ cells: all }) => all[MODULE]);
    const isRight = cells.every(({ right, planned }) => right === planned);
    const counts = new Set(cells.map(({ right }) => right));
    const all = cells.reduce((sum, { right }) => sum + right, 0);
    const one =
      counts.size === 1 ? `${number(cells[0].right)}${rows.length > 1 ? ` × ${rows.length}` : ''}` : number(all);
    const y = top + at * ROW;
    if (!narrow) {
      const path = (/** @type {string} */ d) =>
        parts.push(`<path d="${d}" fill="none" stroke="${colours.line}" stroke-width="1.5"/>`);
      path(`M206 ${middle} C228 ${middle} 222 ${y + 14} 250 ${y + 14}`);
      path(`M658 ${y + 14} C686 ${y + 14} 676 ${middle} 696 ${middle}`);
    }
    box(left, y, list, 28, `fill="${isRight ? colours.right : colours.wrong}"`);
    text(left + 10, y + 19, 13.5, language, strong);
    text(left + 92, y + 19, 12.5, runtimes(rows), soft);
    const mark = `fill="${isRight ? colours.same : colours.red}" font-weight="600" text-anchor="end"`;
    text(left + list - 10, y + 19, 12.5, `${isRight ? '✓' : '✗'} ${one}`, mark);
  });

  const [x, y] = narrow ? [8, 8] : [2, middle - 52];
  box(x, y, narrow ? 384 : 204, 104, `fill="${colours.box}" stroke="${colours.module}" stroke-width="1.5"`);
  text(x + 16, y + 31, 15, `${MODULE}.wasm`, `${strong} ${MONO}`);
  text(x + 16, y + 57, 13, `${number(bytes)} bytes, no imports`, soft);
  text(x + 16, y + 81, 12, `sha256 ${sha256.slice(0, 12)}…`, `${soft} ${MONO}`);
  const [right, under] = narrow ? [8, bottom + 14] : [696, middle - 52];
  box(right, under, narrow ? 384 : 182, 104, `fill="${colours.box}" stroke="${colours.same}" stroke-width="1.5"`);
  text(right + 16, under + 31, 15, 'the same 64 bytes', strong);
  text(right + 16, under + 57, 12, signature.slice(0, 16), `${soft} ${MONO}`);
  text(right + 16, under + 81, 12, `…${signature.slice(-16)}`, `${soft} ${MONO}`);

  const total = `${number(matrix.right)} of ${number(matrix.planned)} answers as expected`;
  const rest = `${number(matrix.gaps)} known gaps, each with its reason · ${number(matrix.red)} red`;
  const end = narrow ? under + 132 : bottom + 36;
  const centred = `${soft} text-anchor="middle"`;
  for (const [at, line] of (narrow ? [total, rest] : [`${total} · ${rest}`]).entries())
    text(width / 2, end + at * 20, 13, line, centred);

  const languages = LANGUAGES.length;
  const what = `One Wasm file, ${hosts.length} hosts in ${languages} groups, the same answers and the same signature`;
  console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${end + (narrow ? 32 : 12)}" width="${width}" role="img" aria-labelledby="t d" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif">
<title id="t">${escape(what)}</title>
<desc id="d">${escape(`${total}, ${rest}`)}</desc>
${parts.join('\n')}
</svg>`);
}
