// Console blocks: commands and what they print, and how the two are compared.

/**
 * @typedef {object} Step one command of a console block
 * @property {number} line of the page, counted from 1
 * @property {string} command as the reader types it
 * @property {number} start the first line of its output, within the block, counted from 0
 * @property {string[]} expected the lines that the book shows
 */

/** A line that stands for any lines. */
export const ELLIPSIS = '…';

/** What the tool understands after `console`. */
export const ATTRIBUTES = new Set(['varies', 'near', 'fails']);

/**
 * @returns {Step[]}
 * @throws {Error} where it does not begin with a command, or a command has no end; the message says the line
 */
export function parseConsole(/** @type {import('./markdown.mjs').Block} */ block) {
  /** @type {Step[]} */
  const steps = [];
  for (let at = 0; at < block.lines.length; at++) {
    const line = block.lines[at];
    if (line.startsWith('$ ')) {
      const first = at;
      let command = line.slice(2);
      while (command.endsWith('\\')) {
        if (++at >= block.lines.length) throw new Error('the last command goes on after its \\, but the block ends');
        command += `\n${block.lines[at].replace(/^> /, '')}`;
      }
      steps.push({ line: block.line + 1 + first, command, start: at + 1, expected: [] });
    } else if (steps.length === 0) {
      throw new Error('a console block begins with a command: a line that starts with "$ "');
    } else {
      steps[steps.length - 1].expected.push(line);
    }
  }
  if (steps.length === 0) throw new Error('a console block without a command');
  return steps;
}

/** What cargo says where another cargo is at work: about the machine, not about the command. */
const WAITING = /^ +Blocking waiting for file lock on /;

/**
 * @returns {string[]} its lines, without blanks at their ends, without empty lines at the end, and without cargo's waiting
 */
export function outputLines(/** @type {string} */ output) {
  // A line that was overwritten, as progress is, shows its last state.
  const lines = output
    .split('\n')
    .map((line) => line.replace(/\r$/, '').split('\r').pop()?.trimEnd() ?? '')
    .filter((line) => !WAITING.test(line));
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** Every run of digits becomes one `0`, and blanks one blank, because columns follow the digits. */
export const shape = (/** @type {string} */ line) => line.replace(/\d+(?:[.,]\d+)*/g, '0').replace(/[ \t]+/g, ' ');

/** How far a figure may be from the one that is shown, where the block says `near`: tools and folders move a size a little. */
const NEAR = 0.02;

/** The numbers of a line that are not times, which differ from run to run. */
const figures = (/** @type {string} */ line) =>
  [...line.matchAll(/(?<![\d.,])\d+(?:[.,]\d+)*(?![.,]?\d| ?[µmn]?s\b)/g)].map(([number]) =>
    Number(number.replaceAll(',', '')),
  );

/** @type {Record<'exact' | 'varies' | 'near', (wanted: string, given: string) => boolean>} */
const SAME = {
  exact: (wanted, given) => wanted === given,
  varies: (wanted, given) => shape(wanted) === shape(given),
  near: (wanted, given) => {
    if (shape(wanted) !== shape(given)) return false;
    const now = figures(given);
    return figures(wanted).every((figure, index) => Math.abs(now[index] - figure) <= NEAR * Math.abs(figure));
  },
};

/** @returns {'exact' | 'varies' | 'near'} how a block is compared, by what follows `console` */
export const modeOf = (/** @type {ReadonlyMap<string, string> | Map<string, string>} */ attributes) =>
  attributes.has('near') ? 'near' : attributes.has('varies') ? 'varies' : 'exact';

/**
 * @param {string[]} expected
 * @param {string[]} actual
 * @param {'exact' | 'varies' | 'near'} mode `varies`: any number stands for any other; `near`: within 2 %, except times
 */
export function matches(expected, actual, mode) {
  const same = SAME[mode];
  const wanted = outputLines(expected.join('\n'));
  const given = actual;
  /** @type {Map<number, boolean>} */
  const known = new Map();
  /** @type {(i: number, j: number) => boolean} */
  const from = (i, j) => {
    if (i === wanted.length) return j === given.length;
    const key = i * (given.length + 1) + j;
    let fits = known.get(key);
    if (fits === undefined) {
      const any = wanted[i].trim() === ELLIPSIS;
      fits = any
        ? from(i + 1, j) || (j < given.length && from(i, j + 1))
        : j < given.length && same(wanted[i], given[j]) && from(i + 1, j + 1);
      known.set(key, fits);
    }
    return fits;
  };
  return from(0, 0);
}

/** @returns {string} what differs, between what is equal at the start and at the end */
export function diff(/** @type {string[]} */ expected, /** @type {string[]} */ actual) {
  let head = 0;
  while (head < expected.length && head < actual.length && expected[head] === actual[head]) head++;
  let tail = 0;
  while (
    tail < expected.length - head &&
    tail < actual.length - head &&
    expected[expected.length - 1 - tail] === actual[actual.length - 1 - tail]
  ) {
    tail++;
  }
  const cut = (/** @type {string[]} */ lines, /** @type {string} */ sign) => {
    const shown = lines.slice(head, lines.length - tail);
    const some =
      shown.length > 24 ? [...shown.slice(0, 16), `(${shown.length - 24} more lines)`, ...shown.slice(-8)] : shown;
    return some.map((line) => `    ${sign} ${line}`);
  };
  const before = head > 0 ? [`      ${expected[head - 1]}`] : [];
  return [...before, ...cut(expected, '-'), ...cut(actual, '+')].join('\n');
}

/**
 * What `bless` writes. If the book left lines out, as many are shown before and after as it showed.
 *
 * @returns {string[]}
 */
export function blessed(/** @type {string[]} */ expected, /** @type {string[]} */ actual) {
  const first = expected.findIndex((line) => line.trim() === ELLIPSIS);
  if (first < 0) return actual;
  const after =
    outputLines(expected.join('\n')).length - 1 - expected.findLastIndex((line) => line.trim() === ELLIPSIS);
  if (actual.length <= first + after) return actual;
  return [...actual.slice(0, first), ELLIPSIS, ...actual.slice(actual.length - after)];
}

/**
 * @param {string[]} lines to put into a block
 * @returns {string | undefined} why they cannot
 */
export function unprintable(lines) {
  const bad = lines.find((line) => /^\s*(```|~~~)/.test(line) || line.startsWith('$ ') || line.includes('{{#'));
  return bad === undefined ? undefined : `the output has a line that would not stay output in a page: ${bad}`;
}
