// Signs the same messages with four modules, in a worker, and draws the bars; by batch size, or for every size.

import { Bar, StatusLine, button, element, enable, fill, labelled, loadModule, number, row } from './ui.mjs';

const SIZES = [1, 2, 4, 16, 64, 256, 1024];
/** @type {Record<string, string>} */
const MEANS = {
  'signer-raw': 'one at a time, no vectors',
  'signer-raw-simd': 'the same source, vectors by the compiler',
  'signer-lanes': 'two a vector',
  'signer-lanes-relaxed': 'two a vector, fused multiply-add',
};

/** @typedef {{ name: string, refused?: string, bar: Bar }} Row */

/** @param {HTMLElement} place */
export async function start(place) {
  // Says what is wrong before anything is pressed.
  await loadModule('signer-raw');
  if (typeof Worker !== 'function') throw new Error('this browser has no workers, in which the signing runs');

  const options = (/** @type {number[]} */ values) => values.map((value) => element('option', {}, String(value)));
  const count = element('select', {}, ...options([256, 1024, 4096]));
  const size = element('select', {}, ...options(SIZES));
  size.value = '256';
  const status = new StatusLine();
  const bars = element('table', { class: 'live-bars' });
  const curve = element('table', { class: 'live-curve' });

  /** @type {Worker | undefined} */
  let worker;
  const stop = (/** @type {() => void} */ tell) => {
    worker?.terminate();
    worker = undefined;
    enable(cancel, false);
    for (const one of [go, all]) enable(one, true);
    tell();
  };
  const run = (/** @type {number[]} */ sizes) => {
    enable(cancel, true);
    for (const one of [go, all]) enable(one, false);
    const messages = Number(count.value);
    status.say(`Signing ${number(messages)} messages with each module, again and again…`);
    worker = new Worker(new URL('lanes-worker.mjs', import.meta.url), { type: 'module' });
    const board = new Board(bars, curve, sizes);
    worker.addEventListener('message', ({ data }) => {
      /** @type {any} */
      const said = data;
      if (said.modules) board.begin(said.modules);
      else if (said.times) board.show(said.size, said.times);
      else stop(() => (said.error ? status.bad(said.error) : status.good(board.summary(said.done))));
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      stop(() => status.bad(event.message || 'the worker cannot be loaded; serve the book (make serve)'));
    });
    worker.postMessage({ count: messages, sizes });
  };
  const cancel = button('Cancel', () => stop(() => status.say('Cancelled.')));
  const go = button('Sign them', () => run([Number(size.value)]));
  const all = button('Every batch size', () => run(SIZES));
  enable(cancel, false);
  place.append(
    element(
      'div',
      { class: 'live-controls' },
      labelled('Messages', count),
      labelled('Batch size', size),
      go,
      all,
      cancel,
    ),
    status.node,
    element('div', { class: 'live-scroll' }, bars),
    element('div', { class: 'live-scroll' }, curve),
  );
  status.say('Each module signs with the test key held; the signatures are compared byte for byte.');
}

class Board {
  /** @type {Row[]} */
  #rows = [];
  /** @type {Map<string, HTMLElement>} */
  #cells = new Map();
  /** @type {Record<string, number>} */
  #last = {};
  #size = 0;

  /**
   * @param {HTMLTableElement} bars
   * @param {HTMLTableElement} curve
   * @param {number[]} sizes
   */
  constructor(bars, curve, sizes) {
    this.bars = bars;
    this.curve = curve;
    this.sizes = sizes;
  }

  /** @param {{ name: string, refused?: string }[]} modules */
  begin(modules) {
    this.#rows = modules.map(({ name, refused }) => ({ name, refused, bar: new Bar() }));
    const rows = this.#rows.map(({ name, refused, bar }) => {
      if (refused) bar.bar.replaceWith(element('span', { class: 'live-why' }, refused));
      return row([name, element('small', {}, MEANS[name])], ...bar.cells);
    });
    fill(this.bars, 'Time for one signature; shorter is faster', ['module', 'µs', 'bar'], rows);
    this.curve.replaceChildren();
    if (this.sizes.length === 1) return;
    const columns = this.#rows.filter(({ refused }) => !refused).map(({ name }) => name);
    const sizes = this.sizes.map((size) => {
      const cells = columns.map(() => element('td', {}, '–'));
      cells.forEach((cell, n) => this.#cells.set(`${size} ${columns[n]}`, cell));
      return row([String(size)], ...cells);
    });
    fill(this.curve, 'Microseconds for one signature, by batch size', ['batch', ...columns], sizes);
  }

  /**
   * @param {number} size
   * @param {Record<string, number>} times in microseconds
   */
  show(size, times) {
    [this.#last, this.#size] = [times, size];
    const longest = Math.max(...Object.values(times));
    for (const { name, bar, refused } of this.#rows) {
      if (refused) continue;
      bar.show(times[name], longest);
      const cell = this.#cells.get(`${size} ${name}`);
      if (cell) cell.textContent = number(times[name]);
    }
  }

  /** @param {number} count */
  summary(count) {
    const [fastest] = Object.entries(this.#last).sort(([, a], [, b]) => a - b);
    const ratio = this.#last['signer-raw'] / fastest[1];
    const refused = this.#rows.filter((row) => row.refused).map(({ name }) => name);
    const without = refused.length > 0 ? ` Not here: ${refused.join(', ')}.` : '';
    return (
      `All ${number(count)} signatures are the same from every module. In batches of ${this.#size}, on this machine and in this run, ` +
      `${fastest[0]} is ${number(ratio)} times as fast as signer-raw.${without}`
    );
  }
}
