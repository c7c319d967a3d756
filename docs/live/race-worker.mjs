// The worker's side of `race.mjs`: loads the modules, says which of them this browser can use, and has them work in turns.

import { load } from './ui.mjs';

/** Rounds that count, after one that does not: in it the engine compiles. */
const ROUNDS = 5;

/**
 * What the worker says, one after the other; `error` ends it.
 *
 * @typedef {{ modules: { name: string, refused?: string }[] } | { size: number, times: Record<string, number> }
 *   | { done: number } | { error: string }} Said
 */

/** @param {Said} said */
const say = (said) => self.postMessage(said);

/**
 * @template Runner, Items, Result
 * @typedef {object} Work
 * @property {{ name: string, needs: string }[]} modules in the order of the bars, the first being what the others are compared
 *   with. What a module needs beyond the first version of WebAssembly
 * @property {(module: WebAssembly.Module) => Runner} use may throw an error whose code is `SELF_TEST_FAILED`
 * @property {string} failed what a module did that fails its self-test
 * @property {(count: number, size: number) => Items | Promise<Items>} prepare what every module gets
 * @property {(runner: Runner, items: Items, size: number) => Result[]} run what is timed
 * @property {(results: Result[]) => string} same equal if the results are
 * @property {string} verb such as `signs`
 */

/**
 * Answers the page.
 *
 * @template Runner, Items, Result
 * @param {Work<Runner, Items, Result>} work
 */
export function serveRace(work) {
  self.addEventListener('message', async ({ data: { count, sizes } }) => {
    try {
      /** @type {Map<string, Runner>} */
      const usable = new Map();
      const modules = [];
      for (const module of work.modules) modules.push(await entered(module, work, usable));
      say({ modules });
      for (const size of sizes) race(usable, await work.prepare(count, size), { ...work, count, size });
      say({ done: count });
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  });
}

/**
 * @template Runner, Items, Result
 * @param {{ name: string, needs: string }} module
 * @param {Work<Runner, Items, Result>} work
 * @param {Map<string, Runner>} usable gets it
 * @returns {Promise<{ name: string, refused?: string }>}
 */
async function entered({ name, needs }, { use, failed }, usable) {
  const bytes = await (await load(new URL(`../modules/${name}.wasm`, import.meta.url))).arrayBuffer();
  let module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, refused: needs ? `this browser refuses it: it needs ${needs} (${why})` : why };
  }
  try {
    usable.set(name, use(module));
  } catch (error) {
    if (/** @type {any} */ (error).code !== 'SELF_TEST_FAILED') throw error;
    return { name, refused: `it refuses to work here: ${failed} (SELF_TEST_FAILED)` };
  }
  return { name };
}

/**
 * @template Runner, Items, Result
 * @param {Map<string, Runner>} usable
 * @param {Items} items
 * @param {Work<Runner, Items, Result> & { count: number, size: number }} work
 */
function race(usable, items, { run, same, verb, count, size }) {
  const names = [...usable.keys()];
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    /** @type {Map<string, string>} */
    const made = new Map();
    // Each round begins with another one, so that whatever else the machine does falls on all alike.
    for (let n = 0; n < names.length; n += 1) {
      const name = names[(n + round) % names.length];
      const runner = /** @type {Runner} */ (usable.get(name));
      const began = performance.now();
      const results = run(runner, items, size);
      if (round > 0) times[name].push((1000 * (performance.now() - began)) / count);
      made.set(name, same(results));
    }
    for (const [name, results] of made) {
      if (results !== made.get(names[0])) throw new Error(`${name} ${verb} otherwise than ${names[0]} does`);
    }
    if (round > 0)
      say({ size, times: Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])) });
  }
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
