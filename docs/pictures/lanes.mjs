// docs/src/pictures/lanes.svg: where the limbs of two numbers are, and what one instruction does with them.

import { WIDTH, arrow, box, print, text } from './lib/svg.mjs';

const LEFT = 16;
const EXPONENTS = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255];
const across = (/** @type {number} */ bit) => WIDTH - LEFT - (bit / 255) * (WIDTH - 2 * LEFT);
const limbs = EXPONENTS.slice(0, -1).map((from, i) => ({ from, to: EXPONENTS[i + 1], i }));

/** A number, cut into its limbs: the lowest on the right. */
function number(/** @type {number} */ y, /** @type {string} */ name, /** @type {string} */ colour) {
  const parts = [text(LEFT, y, name, 'small')];
  for (const { from, to, i } of limbs) {
    const [right, left] = [across(from), across(to)];
    parts.push(box(left + 1, y + 8, right - left - 2, 24, i === 4 ? `at ${colour}s` : 'box'));
    parts.push(text((left + right) / 2, y + 25, String(i), 'mid small'));
  }
  return parts;
}

const parts = [text(LEFT, 28, 'Two numbers of 255 bits, in limbs of 21 or 22', 'strong')];
parts.push(...number(48, 'of the first message', 'a'));
parts.push(...number(100, 'of the second message', 'b'));
const middle = (across(EXPONENTS[4]) + across(EXPONENTS[5])) / 2;
parts.push(arrow(middle, 134, middle, 160));
parts.push(text(LEFT, 180, 'Vector 4 of twelve: the same limb of both', 'strong'));
const half = (WIDTH - 2 * LEFT) / 2;
parts.push(box(LEFT, 190, half - 3, 32, 'at as'), box(LEFT + half, 190, half, 32, 'at bs'));
parts.push(text(LEFT + half / 2, 211, 'lane 0: limb 4, an f64', 'mid small'));
parts.push(text(LEFT + half * 1.5, 211, 'lane 1: limb 4, an f64', 'mid small'));
parts.push(text(LEFT, 248, 'f64x2.mul multiplies lane 0 by lane 0 and lane 1 by lane 1.', 'small soft'));
parts.push(text(LEFT, 268, 'Nothing crosses, so two messages cost what one does.', 'small soft'));
print({
  title: 'Limbs and lanes',
  desc: 'Two numbers of 255 bits, each cut into twelve limbs of 21 or 22 bits. Limb 4 of both is one vector: that of the first message in lane 0, that of the second in lane 1.',
  height: 284,
  parts,
});
