// Figures in sentences: `{bytes signer-raw}` stands for what docs/data has.

import { MATRIX, SIZES, readJson, readSpeeds } from './data.mjs';

export const number = (/** @type {number} */ value) => value.toLocaleString('en-US');

/** Three digits: nothing here is measured to more. */
export const digits = (/** @type {number} */ value) =>
  value >= 100 ? number(Math.round(value)) : value.toPrecision(value < 1 ? 2 : 3);

/** @type {Record<string, (root: string, ...names: string[]) => string | undefined>} */
const KINDS = {
  /** A build of `make size`. */
  bytes(root, name) {
    const { sizes } = /** @type {{ sizes: import('./data.mjs').Size[] }} */ (readJson(root, SIZES));
    const size = sizes.find((each) => each.name === name);
    return size && number(size.bytes);
  },
  /** Microseconds a signature, by the newest run of `make bench`. */
  us(root, engine, id) {
    const found = contestant(root, engine, id);
    return found && digits(found.median_us);
  },
  /** How many times as fast as another contestant, or as `bench` has it for those that everything is compared with. */
  times(root, engine, id, than) {
    const [fast, slow] = [contestant(root, engine, id), contestant(root, engine, than)];
    return fast && slow && digits(fast.times_as_fast_as[than] ?? slow.median_us / fast.median_us);
  },
  /** Right answers of a row with a module, in `everyhost run --all`. */
  right(root, row, module) {
    const { rows } = /** @type {import('./data.mjs').Matrix} */ (readJson(root, MATRIX));
    const cell = rows.find(({ name }) => name === row)?.cells[module];
    return cell && number(cell.right);
  },
};

function contestant(/** @type {string} */ root, /** @type {string} */ engine, /** @type {string} */ id) {
  const found = readSpeeds(root)[0].engines.find((each) => each.engine === engine);
  return found?.contestants.find((each) => each.id === id);
}

const FIGURE = /\{([^{}]*)\}/g;

/**
 * @param {string} root
 * @param {string} text
 * @returns {string} the text with its figures
 * @throws {Error} if there is no such figure
 */
export function withFigures(root, text) {
  return text.replace(FIGURE, (all, inside) => {
    const [kind, ...names] = inside.split(' ');
    const made = Object.hasOwn(KINDS, kind) ? KINDS[kind](root, ...names) : undefined;
    if (made === undefined)
      throw new Error(`docs/data has no ${all}: a figure is one of {${Object.keys(KINDS).join(' …}, {')} …}`);
    return made;
  });
}

/** @returns {string | undefined} the first number in the text that is typed, not taken from docs/data */
export const typedFigure = (/** @type {string} */ text) => /\d[\d,.]*\d|\d/.exec(text.replace(FIGURE, ''))?.[0];
