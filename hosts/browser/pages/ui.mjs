// What the pages share: bytes as text and back, and the line that says how it went.

import { fromHex, toHex } from '../../javascript/conformance/bytes.mjs';
import { PUBLISHED_KEY, SIGNATURE_OF_HELLO } from '../../javascript/conformance/published.mjs';

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @returns {T}
 */
export function element(/** @type {string} */ id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return /** @type {T} */ (found);
}

/**
 * Reads bytes as the book writes them (numbers, with commas between), or as hex.
 *
 * @returns {Uint8Array}
 */
export function readBytes(/** @type {string} */ text) {
  const compact = text.replace(/[\s[\]]/g, '').toLowerCase();
  if (/^([0-9a-f]{2})*$/.test(compact)) return fromHex(compact);
  const numbers = compact.replace(/,$/, '').split(',');
  const wrong = numbers.find((number) => !/^\d{1,3}$/.test(number) || Number(number) > 255);
  if (wrong !== undefined) throw new Error(`“${wrong}” is no byte; give numbers from 0 to 255 with commas, or hex`);
  return Uint8Array.from(numbers, Number);
}

/** @param {Uint8Array} bytes */
export const asNumbers = (bytes) => Array.from(bytes).join(', ');

/**
 * Shows bytes in both forms.
 *
 * @param {string} name elements `<name>-hex` and `<name>-numbers`
 * @param {Uint8Array | undefined} bytes
 */
export function showBytes(name, bytes) {
  element(`${name}-hex`).textContent = bytes ? toHex(bytes) : '';
  element(`${name}-numbers`).textContent = bytes ? asNumbers(bytes) : '';
}

export function say(/** @type {'' | 'good' | 'bad'} */ kind, /** @type {string} */ text) {
  const status = element('status');
  status.className = `status ${kind}`;
  status.textContent = text;
}

/**
 * Says whether a signature of the published key is the one that the book prints.
 *
 * @param {string} message
 * @param {Uint8Array} key
 * @param {Uint8Array} signature
 */
export function saySigned(message, key, signature) {
  if (message !== 'hello' || toHex(key) !== toHex(PUBLISHED_KEY)) return say('good', 'Signed.');
  const same = toHex(signature) === toHex(SIGNATURE_OF_HELLO);
  say(same ? 'good' : 'bad', same ? 'Signed. These are the bytes that the book prints.' : 'Not the bytes of the book!');
}

/** @param {unknown} error */
export function sayError(error) {
  const code = error instanceof Error && 'code' in error ? `${error.code}: ` : '';
  say('bad', code + (error instanceof Error ? error.message : String(error)));
}

// What a page can't do while it loads, such as compiling a module that is not there, is said on the page too.
addEventListener('error', ({ error, message }) => sayError(error ?? message));

/** Fills a form's key with the published one, and calls `work` when it is sent. */
export function onSign(/** @type {(message: string, key: Uint8Array) => Promise<void> | void} */ work) {
  const key = element('key');
  /** @type {HTMLTextAreaElement} */ (key).value ||= asNumbers(PUBLISHED_KEY);
  element('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const message = /** @type {HTMLTextAreaElement} */ (element('message')).value;
      await work(message, readBytes(/** @type {HTMLTextAreaElement} */ (key).value));
    } catch (error) {
      sayError(error);
    }
  });
  /** @type {HTMLButtonElement} */ (element('go')).disabled = false;
}
