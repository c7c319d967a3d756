// Writes one module as what differs from another. The relaxed modules are the plain ones with other instructions here and there, and
// gzip, which looks back 32 KB, cannot see that of two files that are larger.

/** Matches around the place where the last one would go on are found if they have this many bytes, all others if they have more. */
const [NEAR, FAR, REACH] = [4, 12, 8];

/**
 * @typedef {object} Step
 * @property {number} jump from where the source would go on, as long as what was new
 * @property {number} copied bytes of the source
 * @property {number[]} fresh bytes that are new
 *
 * @param {Uint8Array} source
 * @param {Uint8Array} target
 * @returns {Uint8Array} what `patched` of signer/modules/both.mjs makes `target` of, with `source`: the length of the target and the
 *   number of steps; the jumps of all steps, with their sign in the lowest bit; how many bytes each copies; how many are new; and
 *   all new bytes. Numbers are LEB128
 */
export function patchOf(source, target) {
  const places = placesOf(source);
  /** @type {Step[]} */
  const steps = [{ jump: 0, copied: 0, fresh: [] }];
  let [at, expected] = [0, 0];
  while (at < target.length) {
    const step = steps[steps.length - 1];
    const { from, length } = bestMatch(at, expected);
    if (length > 0) {
      steps.push({ jump: from - expected, copied: length, fresh: [] });
      at += length;
      expected = from + length;
    } else {
      step.fresh.push(target[at]);
      at += 1;
      expected += 1;
    }
  }
  return Uint8Array.from([
    ...leb128(target.length),
    ...leb128(steps.length),
    ...steps.flatMap(({ jump }) => leb128(jump < 0 ? -2 * jump - 1 : 2 * jump)),
    ...steps.flatMap(({ copied }) => leb128(copied)),
    ...steps.flatMap(({ fresh }) => leb128(fresh.length)),
    ...steps.flatMap(({ fresh }) => fresh),
  ]);

  /**
   * @param {number} at in the target
   * @param {number} expected where the source would go on
   */
  function bestMatch(at, expected) {
    let best = { from: 0, length: 0, worth: 0 };
    const consider = (/** @type {number} */ from, /** @type {number} */ least) => {
      let length = 0;
      while (at + length < target.length && source[from + length] === target[at + length]) length += 1;
      const worth = length - Math.log2(2 + Math.abs(from - expected));
      if (length >= least && worth > best.worth) best = { from, length, worth };
    };
    for (let from = Math.max(0, expected - REACH); from <= expected + REACH; from += 1) consider(from, NEAR);
    for (const from of places.get(keyAt(target, at)) ?? []) consider(from, FAR);
    return best;
  }
}

/**
 * @param {Uint8Array} source
 * @returns {Map<string, number[]>} where each few bytes are in it
 */
function placesOf(source) {
  const places = new Map();
  for (let at = 0; at + FAR <= source.length; at += 1) {
    const key = keyAt(source, at);
    const known = places.get(key);
    if (known) known.push(at);
    else places.set(key, [at]);
  }
  return places;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function keyAt(bytes, at) {
  return String(bytes.subarray(at, at + FAR));
}

/** @param {number} number */
function leb128(number) {
  const bytes = [];
  for (; number >= 128; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
  return [...bytes, number];
}
