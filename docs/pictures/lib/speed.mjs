// Bars for one engine, on a logarithmic scale: the slowest takes a hundred times as long as the fastest.

import { WIDTH, box, data, print, round, text } from './svg.mjs';

const LEFT = 16;
const ROW = 38;

/** @param {string} engineName */
export function printSpeed(engineName) {
  const { engines, finished } = data('speed.json').machines[0];
  const engine = engines.find(({ engine: name }) => name === engineName);
  const times = engine.contestants.map(({ median_us: median }) => median);
  const from = 10 ** Math.floor(Math.log10(Math.min(...times)));
  const to = 10 ** Math.ceil(Math.log10(Math.max(...times)));
  const at = (/** @type {number} */ us) => (Math.log10(us / from) / Math.log10(to / from)) * (WIDTH - LEFT * 2);
  const number = (/** @type {number} */ us) => (us >= 100 ? Math.round(us).toLocaleString('en-US') : us.toPrecision(3));
  const top = 62;
  const bottom = top + engine.contestants.length * ROW;
  const parts = [
    text(LEFT, 26, `Microseconds a signature, ${engine.version.replace(/ (\d+)\..*/, ' $1')}`, 'strong'),
    text(
      LEFT,
      44,
      `Shorter is faster. Each grid line is ten times the one before. ${finished.slice(0, 10)}.`,
      'small soft',
    ),
  ];
  for (let us = from; us <= to; us *= 10) {
    const x = round(LEFT + at(us));
    const anchor = us === from ? '' : us === to ? ' end' : ' mid';
    parts.push(
      `<line x1="${x}" y1="${top - 8}" x2="${x}" y2="${bottom}" class="grid"/>`,
      text(x, bottom + 16, `${us.toLocaleString('en-US')} µs`, `small soft${anchor}`),
    );
  }
  engine.contestants.forEach(({ label, kind, median_us: us }, index) => {
    const y = top + 8 + index * ROW;
    const colour = kind === 'ours' ? 'a' : kind === 'chapter' ? 'b' : 'd';
    parts.push(
      text(LEFT, y, label, kind === 'ours' ? 'strong' : ''),
      text(WIDTH - LEFT, y, number(us), 'end small'),
      box(LEFT, y + 6, at(us), 11, colour),
    );
  });
  print({
    title: `Microseconds a signature in ${engine.version}`,
    desc: `From the fastest: ${engine.contestants.map(({ label, median_us: us }) => `${label} ${number(us)}`).join('; ')}.`,
    height: bottom + 28,
    parts,
  });
}
