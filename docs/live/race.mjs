// Modules that do the same work in a worker, as bars: for one size, or for every size. `lanes` and `issuers` are such races.

import { Bar, StatusLine, button, element, enable, fill, labelled, loadModule, number, row } from './ui.mjs';

/**
 * @typedef {object} Race
 * @property {string} worker the file beside this one that does the work, by `race-worker.mjs`
 * @property {Record<string, string>} means of each module, what is special about it
 * @property {string} counts the label of how many
 * @property {string} sizeLabel
 * @property {number[]} sizes
 * @property {string} size the one that is chosen first
 * @property {string} go the button for one size
 * @property {string} all the button for every size
 * @property {string} intro
 * @property {(count: string) => string} busy
 * @property {string} each what is timed, such as one signature
 * @property {string} by the head of the sizes' column
 * @property {(count: string, size: number) => string} done what was found, up to which module is how fast
 */

/**
 * @param {HTMLElement} place
 * @param {Race} race
 */
export async function startRace(place, race) {
  // Says what is wrong before anything is pressed.
  await loadModule('signer-raw');
  if (typeof Worker !== 'function') throw new Error('this browser has no workers, in which the modules run');

  const options = (/** @type {number[]} */ values) => values.map((value) => element('option', {}, String(value)));
  const count = element('select', {}, ...options([256, 1024, 4096]));
  const size = element('select', {}, ...options(race.sizes));
  size.value = race.size;
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
    const items = Number(count.value);
    status.say(race.busy(number(items)));
    worker = new Worker(new URL(race.worker, import.meta.url), { type: 'module' });
    const board = new Board(bars, curve, sizes, race);
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
    worker.postMessage({ count: items, sizes });
  };
  const cancel = button('Cancel', () => stop(() => status.say('Cancelled.')));
  const go = button(race.go, () => run([Number(size.value)]));
  const all = button(race.all, () => run(race.sizes));
  enable(cancel, false);
  place.append(
    element(
      'div',
      { class: 'live-controls' },
      labelled(race.counts, count),
      labelled(race.sizeLabel, size),
      go,
      all,
      cancel,
    ),
    status.node,
    element('div', { class: 'live-scroll' }, bars),
    element('div', { class: 'live-scroll' }, curve),
  );
  status.say(race.intro);
}

/** @typedef {{ name: string, refused?: string, bar: Bar }} Row */

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
   * @param {Race} race
   */
  constructor(bars, curve, sizes, race) {
    this.bars = bars;
    this.curve = curve;
    this.sizes = sizes;
    this.race = race;
  }

  /** @param {{ name: string, refused?: string }[]} modules */
  begin(modules) {
    const { each, by, means, sizeLabel } = this.race;
    this.#rows = modules.map(({ name, refused }) => ({ name, refused, bar: new Bar() }));
    const rows = this.#rows.map(({ name, refused, bar }) => {
      if (refused) bar.bar.replaceWith(element('span', { class: 'live-why' }, refused));
      return row([name, element('small', {}, means[name])], ...bar.cells);
    });
    fill(this.bars, `Time for ${each}; shorter is faster`, ['module', 'µs', 'bar'], rows);
    this.curve.replaceChildren();
    if (this.sizes.length === 1) return;
    const columns = this.#rows.filter(({ refused }) => !refused).map(({ name }) => name);
    const sizes = this.sizes.map((size) => {
      const cells = columns.map(() => element('td', {}, '–'));
      cells.forEach((cell, n) => this.#cells.set(`${size} ${columns[n]}`, cell));
      return row([String(size)], ...cells);
    });
    fill(this.curve, `Microseconds for ${each}, by ${sizeLabel.toLowerCase()}`, [by, ...columns], sizes);
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
      `${this.race.done(number(count), this.#size)}, on this machine and in this run, ` +
      `${fastest[0]} is ${number(ratio)} times as fast as signer-raw.${without}`
    );
  }
}
