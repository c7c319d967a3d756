// A time limit for calls. JavaScript has no fuel and no interruption: a call with a deadline runs in a thread or a
// process of its own, which can be ended. How such a worker is started is the adapter's business.

/**
 * @typedef {import('./raw.mjs').Progress | { done: true } | { refused: { code: string, detail?: string } }
 *   | { failed: string }} Told
 *
 * @typedef {object} RawWorker runs {@link runTold} on what is posted to it
 * @property {(work: { bytes: Uint8Array<ArrayBuffer>, steps: import('./raw.mjs').Step[] }) => void} post
 * @property {() => unknown} end ends it for good, even in the midst of an endless loop
 *
 * @typedef {(hear: (told: Told) => void, fail: (why: string) => void) => RawWorker} StartWorker
 */

import { Refusal } from './answers.mjs';
import { runRaw } from './raw.mjs';

/**
 * @param {StartWorker} startWorker
 * @param {Uint8Array<ArrayBuffer>} bytes of a module without imports
 * @param {import('./raw.mjs').Step[]} steps
 * @param {number} deadlineMs for making the instance, and for each call, from its beginning on
 * @returns {Promise<{ steps: object[] }>} one answer a step; a trap or a call that was cut off is the last
 * @throws {Refusal} NO_INSTANCE
 */
export function runWithDeadline(startWorker, bytes, steps, deadlineMs) {
  return new Promise((resolve, reject) => {
    /** @type {object[]} */
    const answers = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let clock;
    let ended = false;
    const end = (/** @type {() => void} */ settle) => {
      ended = true;
      clearTimeout(clock);
      Promise.resolve(worker.end()).then(settle, reject);
    };
    const fail = (/** @type {Error} */ why) => end(() => reject(why));
    const notMade = () => fail(new Refusal('NO_INSTANCE', `no instance was made in ${deadlineMs} ms`));
    const cutOff = () => {
      answers.push({ error: 'CUT_OFF' });
      end(() => resolve({ steps: answers }));
    };
    const worker = startWorker(
      (told) => {
        if (ended) return; // told just before its end
        clearTimeout(clock);
        if ('making' in told) clock = setTimeout(notMade, deadlineMs);
        else if ('calling' in told) clock = setTimeout(cutOff, deadlineMs);
        else if ('answer' in told) answers.push(told.answer);
        else if ('refused' in told) fail(new Refusal(told.refused.code, told.refused.detail));
        else if ('failed' in told) fail(new Error(told.failed));
        else end(() => resolve({ steps: answers }));
      },
      (why) => ended || fail(new Error(why)),
    );
    worker.post({ bytes, steps });
  });
}

/**
 * The worker's half.
 *
 * @param {{ bytes: Uint8Array<ArrayBuffer>, steps: import('./raw.mjs').Step[] }} work
 * @param {(told: Told) => void} tell
 */
export async function runTold({ bytes, steps }, tell) {
  try {
    // Compiled anew: not every host lets a compiled module go to a worker.
    await runRaw(await WebAssembly.compile(bytes), bytes, { steps }, tell);
    tell({ done: true });
  } catch (error) {
    if (error instanceof Refusal) tell({ refused: { code: error.code, detail: error.detail } });
    else tell({ failed: error instanceof Error ? error.message : String(error) });
  }
}
