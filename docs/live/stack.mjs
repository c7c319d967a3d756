// Calls a module that traps, and shows the pointer of its shadow stack, which a trap leaves where it is.

import { StatusLine, button, element, fill, loadModule, number, row } from './ui.mjs';

/** Rows of the table: the last calls. */
const SHOWN = 5;

/**
 * The module of the page on panics, linked with its stack pointer as an export.
 *
 * @typedef {{ __stack_pointer: WebAssembly.Global, times_exported(whole: number, part: number): number }} Exports
 */

/** @param {HTMLElement} place */
export async function start(place) {
  const { module } = await loadModule('times');
  new StackPart(place, module);
}

class StackPart {
  #module;
  /** @type {Exports} */
  #exports;
  /** Where the stack pointer begins. The stack goes from here down to address 0. */
  #top;
  /** @type {HTMLElement[]} */
  #rows = [];
  #status = new StatusLine();
  #table = element('table', { class: 'live-bars' });
  #bar = element('span', { class: 'live-bar', 'aria-hidden': 'true' });
  #eaten = element('p', { class: 'live-found' });

  constructor(/** @type {HTMLElement} */ place, /** @type {WebAssembly.Module} */ module) {
    this.#module = module;
    this.#exports = this.#instantiate();
    this.#top = this.#pointer();
    place.append(
      element(
        'div',
        { class: 'live-controls' },
        button('times(7, 2)', () => this.#call(2, 1)),
        button('times(7, 0)', () => this.#call(0, 1)),
        button('times(7, 0), 1,000 times', () => this.#call(0, 1000)),
        // Each trap eats a byte or more.
        button('times(7, 0), until the stack is full', () => this.#call(0, this.#top + 1)),
        button('New instance', () => this.#renew()),
      ),
      this.#status.node,
      element('div', { class: 'live-scroll', tabindex: '0', role: 'group', 'aria-label': 'Calls' }, this.#table),
      this.#eaten,
      element('div', { class: 'live-gauge' }, this.#bar),
    );
    this.#renew();
  }

  #instantiate() {
    return /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(this.#module, {}).exports));
  }

  /** Signed, so that below address 0 it is seen to be. */
  #pointer() {
    return /** @type {number} */ (this.#exports.__stack_pointer.value);
  }

  #renew() {
    this.#exports = this.#instantiate();
    this.#rows = [];
    this.#show();
    this.#status.good(`A new instance. Its stack pointer is ${number(this.#pointer())}, and the stack is empty.`);
  }

  /**
   * @param {number} part of 7; 0 traps
   * @param {number} most calls; fewer if the stack runs over before
   */
  #call(part, most) {
    const before = this.#pointer();
    let calls = 0;
    let result;
    let trap = '';
    do {
      calls += 1;
      try {
        result = `${this.#exports.times_exported(7, part)}`;
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        trap = error.message;
        result = `trap: ${trap}`;
      }
    } while (calls < most && this.#pointer() >= 0);
    const times = calls > 1 ? `, ${number(calls)} times` : '';
    const moved = before - this.#pointer();
    const back = moved === 0 ? 'back where it was' : `${number(moved)} lower`;
    this.#rows.push(row([`times(7, ${part})${times}`], result, number(this.#pointer()), back));
    this.#show();
    if (!trap) this.#status.good(`times(7, ${part}) gave ${result}, and put the stack pointer back.`);
    else this.#status.bad(`times(7, ${part}) trapped${times}: ${trap}. ${this.#meaning(part, moved, calls)}`);
  }

  #meaning(/** @type {number} */ part, /** @type {number} */ moved, /** @type {number} */ calls) {
    if (this.#pointer() >= 0) {
      const each = calls > 1 ? `, ${number(moved / calls)} a trap` : '';
      return `Nothing put the stack pointer back: it is ${number(moved)} lower${each}.`;
    }
    return part === 0
      ? 'The stack pointer is below address 0, so this trap is another one: the stack is full. Now try times(7, 2).'
      : 'Even a call without a mistake finds no stack now. Only a new instance fixes that.';
  }

  #show() {
    this.#rows = this.#rows.slice(-SHOWN);
    const rows = this.#rows.length > 0 ? this.#rows : [row(['none yet'], '–', number(this.#pointer()), '–')];
    fill(this.#table, `The last ${SHOWN} calls`, ['call', 'result', 'stack pointer', 'moved'], rows);
    const eaten = Math.min(this.#top - this.#pointer(), this.#top);
    this.#eaten.textContent = `Stack that is gone: ${number(eaten)} of ${number(this.#top)} bytes.`;
    this.#bar.style.width = `${(100 * eaten) / this.#top}%`;
  }
}
