// One signature by two ABIs: the signer's own, and the canonical one of the Component Model. Shows each call, and what it or the
// host wrote, where.

import { PUBLISHED_KEY } from './conformance/published.mjs';
import { CODES } from './signer/codes.mjs';
import { StatusLine, button, bytesGrid, element, labelled, loadModule } from './ui.mjs';

/** Bytes in a row: two grids stand side by side. */
const ROW = 8;
/** So much of the message is shown. */
const SHOWN = 16;
const SIGN = 'everyhost:signer/ed25519@0.1.0#sign';
/** Of the WIT's enum `error`. */
const KEY_PAIR_MISMATCH = 1;

/**
 * Numbers go in and come out. Pointers come out of JavaScript's Wasm signed: `>>> 0` makes them unsigned.
 *
 * @typedef {Record<string, (...values: number[]) => number | void> & { memory: any, __heap_base: any }} Guest
 */

/** @param {HTMLElement} place */
export async function start(place) {
  const raw = (await loadModule('signer-raw')).module;
  const canonical = (await loadModule('signer-component-core')).module;
  const message = element('input', { type: 'text', value: 'hello', maxlength: '2000', spellcheck: 'false' });
  const status = new StatusLine();
  const columns = element('div', { class: 'live-columns' });

  const sign = (/** @type {Uint8Array} */ key) => {
    try {
      const bytes = new TextEncoder().encode(message.value);
      const ways = [byRaw(exportsOf(raw), key, bytes), byCanonical(exportsOf(canonical), key, bytes)];
      columns.replaceChildren(...ways.map(({ trace }) => trace.node));
      status.good(comparison(ways[0], ways[1]));
    } catch (error) {
      columns.replaceChildren();
      status.bad(error);
    }
  };
  const form = element(
    'form',
    { class: 'live-controls' },
    labelled('Message', message),
    element('button', { type: 'submit', class: 'live-button' }, 'Sign both ways'),
    button('With a wrong key', () => sign(wrongKey())),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sign(PUBLISHED_KEY);
  });
  place.append(form, status.node, columns);
  sign(PUBLISHED_KEY);
}

/** Of a new instance, whose memory nobody has written to. */
const exportsOf = (/** @type {WebAssembly.Module} */ module) =>
  /** @type {Guest} */ (/** @type {unknown} */ (new WebAssembly.Instance(module, {}).exports));

/** A keypair whose halves don't belong together. */
function wrongKey() {
  const key = PUBLISHED_KEY.slice();
  key[63] ^= 1;
  return key;
}

/** @typedef {{ signature?: Uint8Array, refused?: string, trace: Trace }} Way */

/** @returns {Way} */
function byRaw(/** @type {Guest} */ guest, /** @type {Uint8Array} */ key, /** @type {Uint8Array} */ message) {
  const trace = new Trace('The raw ABI: signer-raw', guest);
  const keyAt = trace.call('get_signing_key_ptr()', () => guest.get_signing_key_ptr());
  trace.write('The host copies the key to the fixed buffer there.', 'Key', keyAt, key);
  const messageAt = trace.call(`allocate_message(${message.length})`, () => guest.allocate_message(message.length));
  if (messageAt === 0) throw new Error(`allocate_message(${message.length}) gave 0: no memory for so many bytes`);
  trace.write('The host copies the message there.', 'Message', messageAt, message);
  const code = trace.call('try_sign()', () => guest.try_sign());
  let signature;
  if (code === CODES.OK) {
    const at = trace.call('get_signature_ptr()', () => guest.get_signature_ptr());
    trace.show('The guest has written to its fixed buffer. The host copies that.', 'Signature', at, 64);
    signature = trace.read(at, 64);
  } else {
    const name = Object.entries(CODES).find(([, value]) => value === code)?.[0];
    trace.say(`The status is the whole result: ${code} is ${name}.`);
  }
  trace.call('wipe()', () => guest.wipe());
  trace.show('The guest has cleared its buffers. Until then they hold the key.', 'Key', keyAt, key.length);
  return { signature, refused: signature ? undefined : `status ${code}`, trace };
}

/** @returns {Way} */
function byCanonical(/** @type {Guest} */ guest, /** @type {Uint8Array} */ key, /** @type {Uint8Array} */ message) {
  const trace = new Trace('The canonical ABI: signer-component-core', guest);
  const list = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => {
    const at = trace.call(`cabi_realloc(0, 0, 1, ${bytes.length})`, () => guest.cabi_realloc(0, 0, 1, bytes.length));
    trace.write(`The host copies the ${name.toLowerCase()} there.`, name, at, bytes);
    return at;
  };
  const [keyAt, messageAt] = [list('Key', key), list('Message', message)];
  const result = trace.call(`sign(${keyAt}, ${key.length}, ${messageAt}, ${message.length})`, () =>
    guest[SIGN](keyAt, key.length, messageAt, message.length),
  );
  trace.say('Each list is two numbers: its address and its length. What comes back is the address of the result.');
  const view = new DataView(trace.read(result, 12).buffer);
  const [failed, at, length] = [view.getUint8(0), view.getUint32(4, true), view.getUint32(8, true)];
  let signature;
  let refused;
  if (failed === 0) {
    const meaning = `Byte 0 is 0: ok. Bytes 4 to 7 are the address ${at}, and 8 to 11 the length ${length}, lowest byte first.`;
    trace.show(meaning, 'Result', result, 12);
    trace.show('The host reads the list there.', 'Signature', at, length);
    signature = trace.read(at, length);
  } else {
    const which = view.getUint8(4);
    refused = `case ${which} of the enum`;
    const name = which === KEY_PAIR_MISMATCH ? ', key-pair-mismatch' : '';
    trace.show(`Byte 0 is 1: err. Byte 4 is the case of the WIT’s enum: ${which}${name}.`, 'Result', result, 12);
  }
  trace.show(
    'The arguments belonged to the guest. It has freed them already, and this guest clears what it frees. Bytes that aren’t zero are the allocator’s.',
    'Key',
    keyAt,
    key.length,
  );
  trace.call(`cabi_post_sign(${result})`, () => guest[`cabi_post_${SIGN}`](result));
  if (failed === 0)
    trace.show(
      'The guest has freed the result, and cleared it. So copy before you call this.',
      'Signature',
      at,
      length,
    );
  else trace.say('An error has nothing to free.');
  return { signature, refused, trace };
}

function comparison(/** @type {Way} */ raw, /** @type {Way} */ canonical) {
  const counts = [raw, canonical].map(
    ({ trace }) => `${trace.calls} calls, ${trace.copiedIn} bytes copied in and ${trace.copiedOut} out`,
  );
  const costs = `Raw: ${counts[0]}. Canonical: ${counts[1]}.`;
  if (raw.refused || canonical.refused) {
    return `Both refuse the key: by ${raw.refused}, and by ${canonical.refused}. ${costs}`;
  }
  if (String(raw.signature) !== String(canonical.signature)) throw new Error('the two signatures differ');
  return `Both signatures are the same 64 bytes. ${costs}`;
}

/** What happened by one ABI, as a list of steps. */
class Trace {
  calls = 0;
  copiedIn = 0;
  copiedOut = 0;
  #guest;
  #list = element('ol');
  /** The step that is being told. */
  #step = element('li');
  /** @type {Map<number, number>} the bytes that were shown, by address; all others were 0 at the start */
  #seen = new Map();

  /**
   * @param {string} title
   * @param {Guest} guest
   */
  constructor(title, guest) {
    this.#guest = guest;
    this.node = element('div', { role: 'group', 'aria-label': title });
    this.node.append(element('p', {}, element('strong', {}, title)), this.#list);
  }

  /**
   * @param {string} text of the call
   * @param {() => number | void} work
   * @returns {number} unsigned
   */
  call(text, work) {
    const given = work();
    this.calls += 1;
    this.#step = element('li', {}, element('code', {}, text), given === undefined ? '' : ` gives ${given >>> 0}. `);
    this.#list.append(this.#step);
    return (given ?? 0) >>> 0;
  }

  say(/** @type {string} */ text) {
    this.#step.append(element('p', {}, text));
  }

  /** @type {(text: string, name: string, at: number, bytes: Uint8Array) => void} */
  write(text, name, at, bytes) {
    // After the call, which may have grown memory: a view from before would be empty.
    this.#bytes().set(bytes, at);
    this.copiedIn += bytes.length;
    this.show(text, name, at, bytes.length);
  }

  /** @type {(text: string, name: string, at: number, length: number) => void} */
  show(text, name, at, length) {
    const shown = name === 'Message' ? Math.min(length, SHOWN) : length;
    const more = length > shown ? `, the first ${shown} shown` : '';
    const region = at < this.#guest.__heap_base.value ? 'static data' : 'heap';
    const now = this.#bytes().slice(at, at + shown);
    const changed = Array.from(now, (byte, n) => byte !== (this.#seen.get(at + n) ?? 0));
    now.forEach((byte, n) => this.#seen.set(at + n, byte));
    this.say(text);
    this.#step.append(
      bytesGrid(`${name}: ${length} bytes at ${at}, ${region}${more}`, at, now, (n) => changed[n], ROW),
    );
  }

  /** What the host copies. */
  read(/** @type {number} */ at, /** @type {number} */ length) {
    this.copiedOut += length;
    return this.#bytes().slice(at, at + length);
  }

  /** @returns {Uint8Array<ArrayBuffer>} */
  #bytes() {
    return new Uint8Array(this.#guest.memory.buffer);
  }
}
