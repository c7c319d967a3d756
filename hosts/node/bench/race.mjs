// The race itself: who signs what, when, and what the clock says. The same in Node and in a browser's page. It does
// not judge: signatures and times go to `everyhost bench`, which compares them and works out the figures.

/**
 * @typedef {object} Contestant
 * @property {string} id as crates/everyhost/src/bench/contestants.rs has it
 * @property {string} [version] of a library that is not ours
 * @property {boolean} [whole] always signs all messages in one call, however long that takes
 * @property {(messages: Uint8Array[]) => Uint8Array[] | Promise<Uint8Array[]>} signAll
 *
 * @typedef {object} Settings
 * @property {Uint8Array[]} messages
 * @property {number} rounds
 * @property {number} warmUpMs how long each contestant runs, at least, before it is timed
 * @property {number} sliceMs about how long a contestant may take in a round; it gets fewer messages if it is slow
 * @property {() => number} [now] milliseconds
 * @property {() => number} [cpu] milliseconds that this process has had a processor, where the engine tells
 * @property {() => void} [tidy] runs before each slice, off the clock
 *
 * @typedef {object} Lane what one contestant did
 * @property {string} id
 * @property {string} [version]
 * @property {number} sliceMessages how many messages each timed slice had
 * @property {number[]} samplesUs microseconds a signature, one for each round
 * @property {number[]} [cpuSamplesUs] the same in the processor's time, which others on the machine do not lengthen
 * @property {Uint8Array[]} signatures of every message, in order, from before the clock ran
 * @property {{ message: number, signature: Uint8Array }[]} changed signatures that were others while the clock ran
 *
 * @typedef {(done: number, of: number, what: string) => void} Progress
 */

/**
 * Everyone signs every message once; that is checked later and warms up too. Then come the rounds: in each, every
 * contestant signs a slice of the messages, so that whatever else the machine does is spread over all of them.
 *
 * @param {Contestant[]} contestants
 * @param {Settings} settings
 * @param {Progress} [progress]
 * @returns {Promise<Lane[]>}
 */
export async function race(contestants, settings, progress = () => {}) {
  const { messages, rounds, now = () => performance.now(), cpu, tidy = collectYoungGarbage } = settings;
  const steps = contestants.length * (rounds + 1);
  let done = 0;
  /** @type {Lane[]} */
  const lanes = [];
  for (const contestant of contestants) {
    progress(done, steps, `${contestant.id}: warm-up`);
    lanes.push(await warmUp(contestant, settings, now));
    done += 1;
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const turn of order(lanes.length, round)) {
      const lane = lanes[turn];
      progress(done, steps, `${lane.id}: round ${round + 1} of ${rounds}`);
      const slice = sliceOf(messages, round, lane.sliceMessages);
      tidy();
      const cpuStart = cpu?.() ?? 0;
      const start = now();
      const signatures = await contestants[turn].signAll(slice.messages);
      const elapsedMs = now() - start;
      const cpuMs = cpu && cpu() - cpuStart;
      lane.samplesUs.push((elapsedMs * 1000) / slice.messages.length);
      if (cpuMs !== undefined)
        lane.cpuSamplesUs = [...(lane.cpuSamplesUs ?? []), (cpuMs * 1000) / slice.messages.length];
      lane.changed.push(...changes(lane.signatures, slice, signatures));
      done += 1;
    }
  }
  progress(steps, steps, 'done');
  return lanes;
}

/**
 * @param {Contestant} contestant
 * @param {Settings} settings
 * @param {() => number} now
 * @returns {Promise<Lane>}
 */
async function warmUp(contestant, { messages, warmUpMs, sliceMs }, now) {
  const start = now();
  const signatures = await contestant.signAll(messages);
  let perMessageMs = (now() - start) / messages.length;
  const length = () => (contestant.whole ? messages.length : sliceLength(perMessageMs, sliceMs, messages.length));
  /** @type {Lane['changed']} */
  const changed = [];
  for (let lap = 0; now() - start < warmUpMs; lap += 1) {
    const slice = sliceOf(messages, lap, length());
    const lapStart = now();
    const again = await contestant.signAll(slice.messages);
    perMessageMs = (now() - lapStart) / slice.messages.length;
    changed.push(...changes(signatures, slice, again));
  }
  return {
    id: contestant.id,
    version: contestant.version,
    sliceMessages: length(),
    samplesUs: [],
    signatures,
    changed,
  };
}

/**
 * Who is when: in each round another one begins, and the steps between turns change, so that nobody always comes after
 * the same one.
 *
 * @param {number} count
 * @param {number} round
 * @returns {number[]} every number below `count`, once
 */
export function order(count, round) {
  const steps = Array.from({ length: count }, (_, n) => n).filter((step) => greatestCommonDivisor(step, count) === 1);
  const step = steps[round % steps.length] ?? 0;
  return Array.from({ length: count }, (_, turn) => (round + turn * step) % count);
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * Nobody should pay for what another one left. Only where V8 was started with --expose-gc; and only the young
 * generation, because full collections make V8 forget compiled code.
 */
function collectYoungGarbage() {
  const { gc } = /** @type {{ gc?: (options: object) => void }} */ (globalThis);
  gc?.({ type: 'minor' });
}

/**
 * How many messages a slice has.
 *
 * @param {number} perMessageMs
 * @param {number} sliceMs
 * @param {number} most
 */
export function sliceLength(perMessageMs, sliceMs, most) {
  const fitting = Math.ceil(sliceMs / perMessageMs);
  return Math.min(Math.max(fitting, 1), most);
}

/**
 * Later rounds take later messages, and start over at the end.
 *
 * @param {Uint8Array[]} messages
 * @param {number} round
 * @param {number} length
 */
function sliceOf(messages, round, length) {
  const indexes = Array.from({ length }, (_, n) => (round * length + n) % messages.length);
  return { indexes, messages: indexes.map((index) => messages[index]) };
}

/**
 * @param {Uint8Array[]} first
 * @param {{ indexes: number[] }} slice
 * @param {Uint8Array[]} again
 */
function changes(first, slice, again) {
  return slice.indexes
    .map((message, n) => ({ message, signature: again[n] ?? new Uint8Array() }))
    .filter(({ message, signature }) => !sameBytes(first[message], signature));
}

/**
 * @param {Uint8Array | undefined} a
 * @param {Uint8Array} b
 */
function sameBytes(a, b) {
  return a !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
