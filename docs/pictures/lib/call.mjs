// The path of one call: two columns, host and module, with a step a row.

import { WIDTH, arrow, box, print, text } from './svg.mjs';

const LEFT = 14;
const MIDDLE = WIDTH / 2;

/** Over the boundary, in which direction, or on one side alone. */
const WAYS = { to: 'host to module', from: 'module to host', host: 'in the host', module: 'in the module' };

/**
 * @typedef {[way: keyof typeof WAYS, call: string, what: string]} Step the call in code, and in words
 *
 * @param {{ title: string, host: string, module: string, steps: Step[], foot: string[] }} picture
 */
export function printCall({ title, host, module, steps, foot }) {
  const top = 66;
  const row = 58;
  const bottom = top + steps.length * row;
  const parts = [
    text(LEFT, 26, title, 'strong'),
    text(LEFT, 50, host, 'strong'),
    text(WIDTH - LEFT, 50, module, 'strong end'),
    `<line x1="${MIDDLE}" y1="58" x2="${MIDDLE}" y2="${bottom}" class="ds" stroke-width="2"/>`,
  ];
  steps.forEach(([way, call, what], index) => {
    const y = top + index * row;
    const inModule = way === 'module';
    const inside = way === 'host' || inModule;
    const width = inside ? MIDDLE - LEFT - 10 : WIDTH - LEFT * 2;
    const x = inModule ? MIDDLE + 10 : LEFT;
    parts.push(box(x, y, width, row - 12, `at ${inModule ? 'cs' : inside ? 'as' : 'bs'}`));
    parts.push(text(x + 10, y + 18, `${index + 1}  ${call}`, 'mono'), text(x + 10, y + 36, what, 'small soft'));
    if (way === 'to') parts.push(arrow(MIDDLE - 26, y - 5, MIDDLE + 26, y - 5));
    if (way === 'from') parts.push(arrow(MIDDLE + 26, y - 5, MIDDLE - 26, y - 5));
  });
  foot.forEach((line, index) => parts.push(text(LEFT, bottom + 14 + index * 18, line, 'small soft')));
  print({
    title,
    desc: steps.map(([way, call, what], index) => `${index + 1}, ${WAYS[way]}: ${call}, ${what}`).join('; '),
    height: bottom + 14 + foot.length * 18,
    parts,
  });
}
