// What the live parts share: elements, the line that says how it went, and modules.

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/**
 * Fills a table, whose columns have a head.
 *
 * @param {HTMLTableElement} table
 * @param {string} caption
 * @param {string[]} head
 * @param {HTMLElement[]} rows
 */
export function fill(table, caption, head, rows) {
  const heads = head.map((text) => element('th', { scope: 'col' }, text));
  table.replaceChildren(
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  );
  return table;
}

/**
 * A row of a table: its head, and cells.
 *
 * @param {(Node | string)[]} head
 * @param {(Node | string)[]} cells text becomes a cell
 */
export function row(head, ...cells) {
  const made = cells.map((cell) => (typeof cell === 'string' ? element('td', {}, cell) : cell));
  return element('tr', {}, element('th', { scope: 'row' }, ...head), ...made);
}

/**
 * Bytes of linear memory, in rows, each with the address of its first.
 *
 * @param {string} caption
 * @param {number} pointer to the first
 * @param {Uint8Array} bytes
 * @param {(at: number) => boolean} isChanged whether one is marked
 * @param {number} [width] of a row
 */
export function bytesGrid(caption, pointer, bytes, isChanged, width = 16) {
  const cells = Array.from(bytes, (byte, at) => {
    const digits = byte.toString(16).padStart(2, '0');
    return isChanged(at)
      ? element('td', { class: 'live-changed' }, element('ins', {}, digits))
      : element('td', byte === 0 ? { class: 'live-zero' } : {}, digits);
  });
  const rows = [];
  for (let at = 0; at < bytes.length; at += width) {
    const address = `0x${(pointer + at).toString(16).padStart(6, '0')}`;
    rows.push(row([address], ...cells.slice(at, at + width)));
  }
  const table = element(
    'table',
    { class: 'live-bytes' },
    element('caption', {}, caption),
    element('tbody', {}, ...rows),
  );
  // A grid that is wider than a phone is scrolled in its own box, with the keyboard too.
  return element('div', { class: 'live-scroll', tabindex: '0', role: 'group', 'aria-label': caption }, table);
}

/** A figure and the bar that shows it, as the cells of a row; nothing is measured yet. */
export class Bar {
  bar = element('span', { class: 'live-bar', 'aria-hidden': 'true' });
  figure = element('td', {}, '–');
  cells = [this.figure, element('td', { class: 'live-track' }, this.bar)];

  /**
   * @param {number} us
   * @param {number} longest of all bars
   */
  show(us, longest) {
    this.bar.style.width = `${longest > 0 ? (100 * us) / longest : 0}%`;
    this.figure.textContent = us > 0 ? number(us) : '–';
  }
}

let labels = 0;

/**
 * A field with its label.
 *
 * @returns {HTMLElement}
 */
export function labelled(/** @type {string} */ text, /** @type {HTMLInputElement | HTMLSelectElement} */ field) {
  field.id = `live-field-${(labels += 1)}`;
  return element('span', { class: 'live-field' }, element('label', { for: field.id }, text), field);
}

/** @returns {HTMLButtonElement} */
export function button(/** @type {string} */ text, /** @type {() => void} */ work) {
  const made = element('button', { type: 'button', class: 'live-button' }, text);
  made.addEventListener('click', () => made.ariaDisabled !== 'true' && work());
  return made;
}

/**
 * Lets a button be pressed, or not. It keeps the focus: one that is `disabled` would lose it while it is being used.
 */
export function enable(/** @type {HTMLButtonElement} */ which, /** @type {boolean} */ isEnabled) {
  which.setAttribute('aria-disabled', String(!isEnabled));
}

/** A line that screen readers read out when it changes. */
export class StatusLine {
  node = element('p', { class: 'live-status', role: 'status', 'aria-live': 'polite' });

  /** @param {string} text */
  say(text, kind = '') {
    this.node.className = `live-status ${kind}`;
    this.node.textContent = text;
  }

  /** @param {string} text */
  good(text) {
    this.say(text, 'live-good');
  }

  /** @param {unknown} error */
  bad(error) {
    this.say(error instanceof Error ? error.message : String(error), 'live-bad');
  }
}

/**
 * Loads a module of the book.
 *
 * @param {string} name such as `signer-raw`
 * @returns {Promise<{ module: WebAssembly.Module, bytes: Uint8Array<ArrayBuffer> }>}
 * @throws {Error} with what is wrong and what to do about it
 */
export async function loadModule(name) {
  if (typeof WebAssembly !== 'object') {
    throw new Error(
      'this browser has no WebAssembly, or it is switched off (a lockdown or high-security mode does that)',
    );
  }
  const bytes = new Uint8Array(await (await load(new URL(`../modules/${name}.wasm`, import.meta.url))).arrayBuffer());
  try {
    return { module: await WebAssembly.compile(bytes), bytes };
  } catch (error) {
    throw new Error(`this browser refuses ${name}.wasm: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** @returns {Promise<Response>} */
export async function load(/** @type {URL} */ url) {
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new Error(`${fileName(url)} cannot be loaded; serve the book (make serve) instead of opening its files`, {
      cause,
    });
  }
  if (!response.ok)
    throw new Error(`${fileName(url)} is not beside the book (${response.status}); make book puts it there`);
  return response;
}

/** @param {URL} url */
const fileName = (url) => url.pathname.split('/').pop();

/** @param {number} value with a separator between thousands */
export const number = (value) => value.toLocaleString('en-GB', { maximumFractionDigits: value < 100 ? 1 : 0 });
