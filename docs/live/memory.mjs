// Signs step by step with the raw module, and shows what each step changes in linear memory.

import { toHex } from './conformance/bytes.mjs';
import { PUBLISHED_KEY } from './conformance/published.mjs';
import { StatusLine, button, bytesGrid, element, enable, labelled, loadModule, number } from './ui.mjs';

const PAGE = 65536;
/** Bytes that one square of the map stands for. */
const SQUARE = 1024;
/** So much of the message is shown. */
const SHOWN = 96;
/** The start of the seed, looked for everywhere: a run so long is no accident. */
const NEEDLE = PUBLISHED_KEY.subarray(0, 8);

/**
 * The exports that are used here. Pointers come out of JavaScript's Wasm as signed numbers: `>>> 0` makes them unsigned.
 *
 * @typedef {{ memory: WebAssembly.Memory, __heap_base: WebAssembly.Global, get_signing_key_ptr(): number,
 *   get_signature_ptr(): number, allocate_message(length: number): number, sign(): void, load_key(): number,
 *   sign_loaded(): number, wipe(): void }} Exports
 *
 * @typedef {{ name: string, pointer: number, length: number, note: string }} Buffer
 */

/** @param {HTMLElement} place */
export async function start(place) {
  const { module } = await loadModule('signer-raw');
  new MemoryPart(place, module);
}

class MemoryPart {
  #module;
  /** @type {Exports} */
  #exports;
  /** @type {Buffer[]} */
  #buffers = [];
  /** Linear memory as it was after the step before. */
  #before = new Uint8Array();
  #message = element('input', { type: 'text', value: 'hello', maxlength: '2000', spellcheck: 'false' });
  #status = new StatusLine();
  #grids = element('div');
  #found = element('p', { class: 'live-found' });
  #map = element('figure', { class: 'live-map' });
  #sign = button('2. Sign', () => this.#do(() => this.#signed()));
  #hold = button('Hold the key, then sign', () => this.#do(() => this.#held()));
  #wipe = button('3. Wipe', () => this.#do(() => this.#wiped()));

  constructor(/** @type {HTMLElement} */ place, /** @type {WebAssembly.Module} */ module) {
    this.#module = module;
    this.#exports = this.#instantiate();
    place.append(
      element(
        'div',
        { class: 'live-controls' },
        labelled('Message', this.#message),
        button('1. Write', () => this.#do(() => this.#written())),
        this.#sign,
        this.#hold,
        this.#wipe,
        button('New instance', () => this.#do(() => this.#renewed())),
      ),
      this.#status.node,
      this.#grids,
      this.#found,
      this.#map,
    );
    this.#do(() => this.#renewed());
  }

  #instantiate() {
    return /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(this.#module, {}).exports));
  }

  #renewed() {
    this.#exports = this.#instantiate();
    this.#before = new Uint8Array(this.#exports.memory.buffer).slice();
    this.#buffers = [
      { name: 'Key', pointer: this.#exports.get_signing_key_ptr() >>> 0, length: 64, note: 'seed, then public key' },
      { name: 'Signature', pointer: this.#exports.get_signature_ptr() >>> 0, length: 64, note: '' },
    ];
    this.#allow({ sign: false, wipe: false });
    return 'A new instance. Both fixed buffers are zero, and there is no message yet.';
  }

  #written() {
    const { memory, allocate_message } = this.#exports;
    const bytes = new TextEncoder().encode(this.#message.value);
    const pointer = allocate_message(bytes.length) >>> 0;
    if (pointer === 0) return `allocate_message(${bytes.length}) gave 0: there is no room for so many bytes.`;
    // After the call that can grow memory: a view from before would be empty.
    new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes);
    new Uint8Array(memory.buffer, this.#buffers[0].pointer, 64).set(PUBLISHED_KEY);
    const units = this.#message.value.length;
    const note = units === bytes.length ? '' : `${units} UTF-16 units in JavaScript`;
    this.#buffers[2] = { name: 'Message', pointer, length: bytes.length, note };
    this.#allow({ sign: true, wipe: true });
    return `allocate_message(${bytes.length}) gave ${pointer}. The message and the key are written.`;
  }

  #signed() {
    this.#exports.sign();
    return `sign() has written the signature: ${toHex(this.#signature())}.`;
  }

  #held() {
    const status = this.#exports.load_key();
    if (status !== 0) throw new Error(`load_key() gave ${status}; write the key first`);
    const copies = find(new Uint8Array(this.#exports.memory.buffer), NEEDLE).length;
    this.#exports.sign_loaded();
    this.#allow({ sign: false, wipe: true });
    const seen = copies === 0 ? 'The seed was nowhere then' : `The seed was at ${copies} places outside of it then`;
    return (
      `load_key() expanded the key and cleared its buffer. ${seen}. ` +
      `sign_loaded() has written the signature: ${toHex(this.#signature())}.`
    );
  }

  #wiped() {
    this.#exports.wipe();
    this.#allow({ sign: false, wipe: false });
    const message = this.#buffers[2];
    const left = new Uint8Array(this.#exports.memory.buffer, message.pointer, message.length).some(Boolean);
    this.#buffers[2] = { ...message, note: left ? 'freed; what is there are the allocator’s links' : 'freed' };
    return 'wipe() has cleared the key, the signature and the message, the freed heap and the used stack.';
  }

  #signature() {
    return new Uint8Array(this.#exports.memory.buffer, this.#buffers[1].pointer, 64);
  }

  /** @param {{ sign: boolean, wipe: boolean }} what */
  #allow({ sign, wipe }) {
    enable(this.#sign, sign);
    enable(this.#hold, sign);
    enable(this.#wipe, wipe);
  }

  /** @param {() => string} step returns what it did */
  #do(step) {
    try {
      const text = step();
      const now = new Uint8Array(this.#exports.memory.buffer);
      const changed = [...now.keys()].filter((at) => this.#isChanged(now, at));
      const places = this.#buffers.map(({ name, pointer, length }) => {
        const count = changed.filter((at) => at >= pointer && at < pointer + length).length;
        return `${name.toLowerCase()} ${count}`;
      });
      this.#status.good(`${text} Bytes changed: ${places.join(', ')}; in all of memory ${number(changed.length)}.`);
      this.#grids.replaceChildren(...this.#buffers.map((buffer) => this.#grid(buffer, now)));
      this.#tellFound(now);
      this.#drawMap(now, new Set(changed.map((at) => Math.floor(at / SQUARE))));
      this.#before = now.slice();
    } catch (error) {
      // A trapped instance is finished.
      const text = this.#renewed();
      this.#status.bad(`${error instanceof Error ? error.message : error}. ${text}`);
    }
  }

  /**
   * @param {Uint8Array} now
   * @param {number} at an address; what is new since the step before was zero
   */
  #isChanged(now, at) {
    return now[at] !== (this.#before[at] ?? 0);
  }

  #grid(/** @type {Buffer} */ { name, pointer, length, note }, /** @type {Uint8Array} */ now) {
    const shown = Math.min(length, SHOWN);
    const more = length > shown ? `, the first ${shown} shown` : '';
    const caption = `${name}: ${length} bytes at ${pointer}${more}${note ? ` (${note})` : ''}`;
    const isChanged = (/** @type {number} */ at) => this.#isChanged(now, pointer + at);
    return bytesGrid(caption, pointer, now.subarray(pointer, pointer + shown), isChanged);
  }

  /** @param {Uint8Array} now */
  #tellFound(now) {
    const where = find(now, NEEDLE).map((at) => `${at} (${this.#region(at)})`);
    this.#found.textContent =
      where.length === 0
        ? 'The seed’s first eight bytes are nowhere in linear memory.'
        : `The seed’s first eight bytes are at ${where.join(', ')}.`;
  }

  /** @param {number} at an address */
  #region(at) {
    if (at >= this.#buffers[0].pointer && at < this.#buffers[0].pointer + 64) return 'key buffer';
    // rustc has the linker put the stack first, so that its overflow traps at 0.
    return at < 16 * PAGE ? 'shadow stack' : at < this.#exports.__heap_base.value ? 'static data' : 'heap';
  }

  /**
   * @param {Uint8Array} now
   * @param {Set<number>} changed squares
   */
  #drawMap(now, changed) {
    const perRow = PAGE / SQUARE;
    const pages = now.length / PAGE;
    const side = 10;
    const used = [];
    const shapes = [];
    let first = pages;
    for (let square = 0; square < now.length / SQUARE; square += 1) {
      const isUsed = now.subarray(square * SQUARE, (square + 1) * SQUARE).some(Boolean);
      if (isUsed) used.push(square);
      const isChanged = changed.has(square);
      if (!isUsed && !isChanged) continue;
      first = Math.min(first, Math.floor(square / perRow));
      const [x, y] = [(square % perRow) * side, Math.floor(square / perRow) * side];
      shapes.push(
        svg('rect', { x: `${x + 1}`, y: `${y + 1}`, width: '8', height: '8', class: isUsed ? 'used' : 'cleared' }),
      );
      // Changed squares have a cross, too: not by colour alone.
      if (isChanged) {
        shapes.push(svg('path', { d: `M${x + 2} ${y + 2}l6 6m0-6l-6 6`, class: 'changed' }));
      }
    }
    const viewBox = `0 ${first * side} ${perRow * side} ${(pages - first) * side}`;
    const drawing = svg('svg', { viewBox, role: 'img' });
    drawing.append(...shapes);
    const title = svg('title', {});
    title.textContent = `Linear memory, ${pages} pages: ${used.length} KiB hold something, ${changed.size} KiB changed`;
    drawing.prepend(title);
    const caption =
      `${first + 1 === pages ? 'Page' : `Pages ${first + 1} to`} ${pages} of linear memory, a row each, a square for each KiB that is not all zero. ` +
      `The ${first} pages before have held nothing so far: pages 1 to 16 are the stack, which grows towards 0. ` +
      'Static data and the heap follow it. A cross marks what the last step changed.';
    this.#map.replaceChildren(/** @type {any} */ (drawing), element('figcaption', {}, caption));
  }
}

/** @returns {number[]} where it is */
function find(/** @type {Uint8Array} */ memory, /** @type {Uint8Array} */ needle) {
  const found = [];
  for (let at = memory.indexOf(needle[0]); at >= 0; at = memory.indexOf(needle[0], at + 1)) {
    if (needle.every((byte, index) => memory[at + index] === byte)) found.push(at);
  }
  return found;
}

function svg(/** @type {string} */ name, /** @type {Record<string, string>} */ attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
