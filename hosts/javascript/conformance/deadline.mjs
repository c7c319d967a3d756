// A time limit for calls, and programs that may end their process. JavaScript has no fuel and no interruption: both run in
// a thread or a process of their own, which can be ended. How such a worker is started is the adapter's business.

/**
 * @typedef {import('./answers.mjs').Json} Json
 * @typedef {import('./raw.mjs').Progress | { done: Json, spent?: boolean } | { refused: { code: string, detail?: string } }
 *   | { failed: string }} Told
 *
 * @typedef {object} Work
 * @property {Uint8Array<ArrayBuffer>} bytes of the module
 * @property {import('./raw.mjs').Step[]} [steps] of `raw`
 * @property {Json} [wasi] what there is instead: the input of `wasi`
 *
 * @callback StartWorker starts what runs {@link runTold}, one work after the other
 * @param {(told: Told) => void} hear
 * @param {(why: string) => void} fail
 * @returns {{ begin: (work: Work) => void, end: () => unknown }} end ends it for good, even in the midst of an endless loop
 */

import { Refusal } from './answers.mjs';
import { compile, runRaw } from './raw.mjs';
import { runWasi } from './wasi.mjs';

const NOTHING = () => {};

/** Keeps a worker from one work to the next, because starting one takes longer than most works. */
export class KeptWorker {
  #start;
  /** @type {ReturnType<StartWorker> | undefined} */
  #worker;
  /** @type {(told: Told) => void} what hears of the work that is being done */
  #hear = NOTHING;
  /** @type {(why: string) => void} */
  #fail = NOTHING;

  constructor(/** @type {StartWorker} */ start) {
    this.#start = start;
  }

  /**
   * @param {Work} work nothing else may be asked until it is done
   * @param {number} [deadlineMs] for making the instance, and for each call, from its beginning on; programs of WASI have none
   * @returns {Promise<Json>} for steps, one answer each; a trap or a call that was cut off is the last
   * @throws {Refusal} NO_INSTANCE; MODULE_REFUSED
   */
  run(work, deadlineMs) {
    return new Promise((resolve, reject) => {
      /** @type {object[]} */
      const answers = [];
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let clock;
      const settle = (/** @type {() => void} */ act) => {
        clearTimeout(clock);
        this.#hear = this.#fail = NOTHING;
        act();
      };
      const replace = (/** @type {() => void} */ act) => this.end().then(() => settle(act), reject);
      const notMade = () =>
        replace(() => reject(new Refusal('NO_INSTANCE', `no instance was made in ${deadlineMs} ms`)));
      const cutOff = () => replace(() => resolve({ steps: [...answers, { error: 'CUT_OFF' }] }));
      this.#fail = (why) => settle(() => reject(new Error(why)));
      this.#hear = (told) => {
        clearTimeout(clock);
        if ('making' in told) clock = setTimeout(notMade, deadlineMs);
        else if ('calling' in told) clock = setTimeout(cutOff, deadlineMs);
        else if ('answer' in told) answers.push(told.answer);
        else if ('refused' in told) settle(() => reject(new Refusal(told.refused.code, told.refused.detail)));
        else if ('failed' in told) settle(() => reject(new Error(told.failed)));
        else if (told.spent) replace(() => resolve(told.done));
        else settle(() => resolve(told.done));
      };
      this.#worker ??= this.#begin();
      this.#worker.begin(work);
    });
  }

  /** Ends it for good, so that nothing is left of it. */
  async end() {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.end();
  }

  /** What is heard of one that was ended is of no interest. */
  #begin() {
    const worker = this.#start(
      (told) => this.#worker === worker && this.#hear(told),
      (why) => {
        if (this.#worker !== worker) return;
        const fail = this.#fail;
        this.end().then(() => fail(why));
      },
    );
    return worker;
  }
}

/**
 * The worker's half.
 *
 * @param {Work} work
 * @param {(told: Told) => void} tell
 * @param {import('./wasi.mjs').NewWasi} newWasi
 */
export async function runTold({ bytes, steps = [], wasi }, tell, newWasi) {
  try {
    // Compiled anew: not every host lets a compiled module go to a worker.
    const module = await compile(bytes);
    if (wasi) tell(await runWasi(module, bytes, wasi, newWasi));
    else tell({ done: await runRaw(module, bytes, { steps }, tell) });
  } catch (error) {
    if (error instanceof Refusal) tell({ refused: { code: error.code, detail: error.detail } });
    else tell({ failed: error instanceof Error ? error.message : String(error) });
  }
}
