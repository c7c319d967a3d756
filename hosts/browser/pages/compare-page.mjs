import { PUBLISHED_KEY } from '../../javascript/conformance/published.mjs';

import { element, say } from './ui.mjs';

const COUNT = 1000;

const go = /** @type {HTMLButtonElement} */ (element('go'));
const cancel = /** @type {HTMLButtonElement} */ (element('cancel'));
const progress = /** @type {HTMLProgressElement} */ (element('progress'));
/** @type {Worker | undefined} */
let worker;

go.addEventListener('click', () => {
  clear();
  go.disabled = true;
  cancel.disabled = false;
  say('', 'Signing…');
  worker = new Worker('compare-worker.mjs', { type: 'module' });
  worker.addEventListener('error', () => end('bad', 'The worker could not start. Are the modules built?'));
  worker.addEventListener('message', ({ data }) => {
    if (data.type === 'progress') progress.value = data.done;
    if (data.type === 'failed') end('bad', data.message);
    if (data.type === 'done') show(data);
  });
  worker.postMessage({ count: COUNT, key: PUBLISHED_KEY });
});

cancel.addEventListener('click', () => end('', `Cancelled after ${progress.value} of ${COUNT} messages.`));

/** @param {import('./compare-worker.mjs').Done} result */
function show({ count, timings, pairs }) {
  const slowest = timings[timings.length - 1];
  element('ratio').textContent = `The raw module is ${times(slowest, timings[0])} times as fast as tweetnacl`;
  const longest = Math.max(...timings.map(({ medianUs }) => medianUs));
  for (const timing of timings) element('bars').append(bar(timing, slowest, longest));
  for (const { names, equal } of pairs) {
    const row = document.createElement('tr');
    for (const text of [names.join(' and '), `${equal} of ${count}`, String(count - equal)]) {
      row.append(Object.assign(document.createElement('td'), { textContent: text }));
    }
    element('pairs').append(row);
  }
  const different = pairs.some(({ equal }) => equal !== count);
  if (different) end('bad', 'There are different signatures. That must not be.');
  else end('good', `All ${count} signatures are the same, byte for byte, from all three.`);
}

/**
 * @param {import('./compare-worker.mjs').Timing} timing
 * @param {import('./compare-worker.mjs').Timing} slowest
 * @param {number} longest in µs
 */
function bar(timing, slowest, longest) {
  const make = (/** @type {string} */ className, text = '') =>
    Object.assign(document.createElement('div'), { className, textContent: text });
  const figure =
    `${Math.round(timing.medianUs).toLocaleString('en')} µs (median), ` +
    `${Math.round(timing.totalMs).toLocaleString('en')} ms in all` +
    (timing === slowest ? '' : `, ${times(slowest, timing)}×`);
  const [whole, top, track, fill] = [make('bar'), make('top'), make('track'), make('fill')];
  top.append(make('name', timing.name), make('figure', figure));
  track.append(fill);
  whole.append(top, track);
  fill.style.width = `${(100 * timing.medianUs) / longest}%`;
  return whole;
}

/**
 * @param {import('./compare-worker.mjs').Timing} slow
 * @param {import('./compare-worker.mjs').Timing} fast
 */
function times(slow, fast) {
  const ratio = slow.medianUs / fast.medianUs;
  return ratio < 10 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString('en');
}

function end(/** @type {'' | 'good' | 'bad'} */ kind, /** @type {string} */ text) {
  worker?.terminate();
  worker = undefined;
  go.disabled = false;
  cancel.disabled = true;
  go.textContent = 'Start again';
  say(kind, text);
}

function clear() {
  progress.value = 0;
  for (const id of ['ratio', 'bars', 'pairs']) element(id).replaceChildren();
}
