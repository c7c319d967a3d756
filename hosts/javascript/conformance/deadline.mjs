// A time limit for calls, and programs that may end their process. JavaScript has no fuel and no interruption: both run in
// a thread or a process of their own, which can be ended. How such a worker is started is the adapter's business.

/**
 * @typedef {import('./answers.mjs').Json} Json
 * @typedef {import('./raw.mjs').Progress | { done: Json } | { refused: { code: string, detail?: string } }
 *   | { failed: string }} Told
 *
 * @typedef {object} Work
 * @property {Uint8Array<ArrayBuffer>} bytes of the module
 * @property {import('./raw.mjs').Step[]} [steps] of `raw`
 * @property {Json} [wasi] what there is instead: the input of `wasi`
 *
 * @callback StartWorker starts what runs {@link runTold}
 * @param {Work} work
 * @param {(told: Told) => void} hear
 * @param {(why: string) => void} fail
 * @returns {() => unknown} ends it for good, even in the midst of an endless loop
 */

import { Refusal } from './answers.mjs';
import { compile, runRaw } from './raw.mjs';
import { runWasi } from './wasi.mjs';

/**
 * @param {StartWorker} startWorker
 * @param {Work} work
 * @param {number} [deadlineMs] for making the instance, and for each call, from its beginning on; programs of WASI have none
 * @returns {Promise<Json>} for steps, one answer each; a trap or a call that was cut off is the last
 * @throws {Refusal} NO_INSTANCE; MODULE_REFUSED
 */
export function runInWorker(startWorker, work, deadlineMs) {
  return new Promise((resolve, reject) => {
    /** @type {object[]} */
    const answers = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let clock;
    let ended = false;
    const end = (/** @type {() => void} */ settle) => {
      ended = true;
      clearTimeout(clock);
      Promise.resolve(endWorker()).then(settle, reject);
    };
    const fail = (/** @type {Error} */ why) => end(() => reject(why));
    const notMade = () => fail(new Refusal('NO_INSTANCE', `no instance was made in ${deadlineMs} ms`));
    const cutOff = () => {
      answers.push({ error: 'CUT_OFF' });
      end(() => resolve({ steps: answers }));
    };
    const endWorker = startWorker(
      work,
      (told) => {
        if (ended) return; // told just before its end
        clearTimeout(clock);
        if ('making' in told) clock = setTimeout(notMade, deadlineMs);
        else if ('calling' in told) clock = setTimeout(cutOff, deadlineMs);
        else if ('answer' in told) answers.push(told.answer);
        else if ('refused' in told) fail(new Refusal(told.refused.code, told.refused.detail));
        else if ('failed' in told) fail(new Error(told.failed));
        else end(() => resolve(told.done));
      },
      (why) => ended || fail(new Error(why)),
    );
  });
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
    const done = wasi ? await runWasi(module, bytes, wasi, newWasi) : await runRaw(module, bytes, { steps }, tell);
    tell({ done });
  } catch (error) {
    if (error instanceof Refusal) tell({ refused: { code: error.code, detail: error.detail } });
    else tell({ failed: error instanceof Error ? error.message : String(error) });
  }
}
