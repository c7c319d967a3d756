// A time limit for calls. JavaScript has no fuel and no interruption: a call that is to be cut off must run in a thread
// or a process of its own, which is then ended. Neutral: how such a worker is started is the adapter's business.

/**
 * @typedef {{ calling: true } | { answer: object } | { done: true } | { failed: string }} Told
 *
 * @typedef {object} RawWorker runs {@link runTold} on what is posted to it
 * @property {(work: { bytes: Uint8Array<ArrayBuffer>, steps: import('./raw.mjs').Step[] }) => void} post
 * @property {() => unknown} end ends it for good, even in the midst of an endless loop
 *
 * @typedef {(hear: (told: Told) => void, fail: (why: string) => void) => RawWorker} StartWorker
 */

import { runRaw } from './raw.mjs';

/**
 * @param {StartWorker} startWorker
 * @param {Uint8Array<ArrayBuffer>} bytes of a module without imports
 * @param {import('./raw.mjs').Step[]} steps
 * @param {number} deadlineMs for each call, from its beginning on
 * @returns {Promise<{ steps: object[] }>} one answer a step; a trap or a call that was cut off is the last
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
    const fail = (/** @type {string} */ why) => end(() => reject(new Error(why)));
    const cutOff = () => {
      answers.push({ error: 'CUT_OFF' });
      end(() => resolve({ steps: answers }));
    };
    const worker = startWorker(
      (told) => {
        if (ended) return; // told just before its end
        clearTimeout(clock);
        if ('calling' in told) clock = setTimeout(cutOff, deadlineMs);
        else if ('answer' in told) answers.push(told.answer);
        else if ('failed' in told) fail(told.failed);
        else end(() => resolve({ steps: answers }));
      },
      (why) => ended || fail(why),
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
export function runTold({ bytes, steps }, tell) {
  try {
    // Compiled anew: not every host lets a compiled module go to a worker.
    runRaw(new WebAssembly.Module(bytes), bytes, steps, tell);
    tell({ done: true });
  } catch (error) {
    tell({ failed: error instanceof Error ? error.message : String(error) });
  }
}
