// Signs the same messages in four ways, a few at a time so that the page stays usable, and draws the bars as they grow.

import { Signer } from './signer/signer.mjs';
import { TEST_KEYPAIR, StatusLine, button, element, enable, hex, labelled, loadModule, number } from './ui.mjs';

/** Messages in a turn. The contestants take turns, so that whatever else the machine does falls on all alike. */
const TURN = 20;
/** After so many milliseconds the page gets to draw and to react. */
const SLICE_MS = 12;

/**
 * One way to sign.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {number} atOnce how many messages one call gets
 * @property {(messages: Uint8Array[]) => Uint8Array[]} sign
 * @property {number} ms
 * @property {number} done messages
 * @property {HTMLElement} bar
 * @property {HTMLElement} figure
 */

/** @param {HTMLElement} place */
export async function start(place) {
  const { module } = await loadModule('signer-raw');
  await import(new URL('vendor/nacl-fast.min.js', import.meta.url).href);
  const { nacl } = /** @type {any} */ (globalThis);

  const choice = element('select', {}, ...[100, 300, 1000].map((count) => element('option', {}, String(count))));
  const status = new StatusLine();
  const table = element('table', { class: 'live-bars' });
  /** @type {AbortController | undefined} */
  let running;
  const cancel = button('Cancel', () => running?.abort());
  enable(cancel, false);
  const go = button('Sign them all', async () => {
    running = new AbortController();
    enable(go, false);
    enable(cancel, true);
    try {
      await race(module, nacl, Number(choice.value), table, status, running.signal);
    } catch (error) {
      if (running.signal.aborted) status.say('Cancelled.');
      else status.bad(error);
    } finally {
      enable(go, true);
      enable(cancel, false);
    }
  });
  place.append(
    element('div', { class: 'live-controls' }, labelled('Messages', choice), go, cancel),
    status.node,
    element('div', { class: 'live-scroll' }, table),
  );
  status.say('Each message is signed four times with the test key, and the signatures are compared byte for byte.');
}

/**
 * @param {WebAssembly.Module} module
 * @param {any} nacl
 * @param {number} count
 * @param {HTMLElement} table
 * @param {StatusLine} status
 * @param {AbortSignal} signal
 */
async function race(module, nacl, count, table, status, signal) {
  const signer = new Signer(module, TEST_KEYPAIR);
  const contestants = [
    contestant('module, batches of 20', TURN, (messages) => signer.signMany(messages)),
    contestant('module, key held', 1, ([message]) => [signer.sign(message)]),
    contestant('module, key passed each time', 1, ([message]) => [signer.signWith(TEST_KEYPAIR, message)]),
    contestant('tweetnacl (JavaScript)', 1, ([message]) => [nacl.sign.detached(message, TEST_KEYPAIR)]),
  ];
  showRows(table, contestants);
  status.say(`Signing ${count} messages…`);
  try {
    const encoder = new TextEncoder();
    const messages = Array.from({ length: count }, (_, n) => encoder.encode(`hello${n}`));
    const page = new Page(signal);
    for (let first = 0, turn = 0; first < count; first += TURN, turn += 1) {
      const chunk = messages.slice(first, first + TURN);
      /** @type {Uint8Array[][]} */
      const signatures = [];
      for (let n = 0; n < contestants.length; n += 1) {
        const which = (n + turn) % contestants.length;
        signatures[which] = await signAll(contestants[which], chunk, page);
        draw(contestants);
      }
      for (const [which, { name }] of contestants.entries()) assertEqual(signatures[which], signatures[0], first, name);
    }
  } finally {
    signer.close();
  }
  const [fastest, slowest] = [contestants[1], contestants[3]];
  const ratio = perMessage(slowest) / perMessage(fastest);
  status.good(
    `All ${count} signatures are the same, byte for byte, from all four. ` +
      `On this machine, in this run, the module with its key held is ${number(ratio)} times as fast as tweetnacl.`,
  );
}

/**
 * @param {string} name
 * @param {number} atOnce
 * @param {(messages: Uint8Array[]) => Uint8Array[]} sign
 * @returns {Contestant}
 */
function contestant(name, atOnce, sign) {
  const bar = element('span', { class: 'live-bar', 'aria-hidden': 'true' });
  return { name, atOnce, sign, ms: 0, done: 0, bar, figure: element('td', {}, '–') };
}

/**
 * @param {HTMLElement} table
 * @param {Contestant[]} contestants
 */
function showRows(table, contestants) {
  table.replaceChildren(
    element('caption', {}, 'Time for one signature; shorter is faster'),
    element(
      'thead',
      {},
      element('tr', {}, ...['signed by', 'µs', 'bar'].map((text) => element('th', { scope: 'col' }, text))),
    ),
    element(
      'tbody',
      {},
      ...contestants.map(({ name, bar, figure }) =>
        element('tr', {}, element('th', { scope: 'row' }, name), figure, element('td', { class: 'live-track' }, bar)),
      ),
    ),
  );
}

/**
 * @param {Contestant} contestant
 * @param {Uint8Array[]} messages
 * @param {Page} page
 */
async function signAll(contestant, messages, page) {
  /** @type {Uint8Array[]} */
  const signatures = [];
  for (let at = 0; at < messages.length; at += contestant.atOnce) {
    const some = messages.slice(at, at + contestant.atOnce);
    const began = performance.now();
    const signed = contestant.sign(some);
    contestant.ms += performance.now() - began;
    contestant.done += some.length;
    signatures.push(...signed);
    await page.breathe();
  }
  return signatures;
}

/** Gives the page its turn. */
class Page {
  #signal;
  #since = performance.now();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.#signal = signal;
  }

  async breathe() {
    if (performance.now() - this.#since < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#signal.throwIfAborted();
    this.#since = performance.now();
  }
}

/** @param {Contestant} contestant in milliseconds */
const perMessage = ({ ms, done }) => (done > 0 ? ms / done : 0);

/** @param {Contestant[]} contestants */
function draw(contestants) {
  const longest = Math.max(...contestants.map(perMessage));
  for (const contestant of contestants) {
    contestant.bar.style.width = `${longest > 0 ? (100 * perMessage(contestant)) / longest : 0}%`;
    contestant.figure.textContent = contestant.done > 0 ? number(1000 * perMessage(contestant)) : '–';
  }
}

/**
 * @param {Uint8Array[]} signatures
 * @param {Uint8Array[]} expected
 * @param {number} first message
 * @param {string} name
 */
function assertEqual(signatures, expected, first, name) {
  expected.forEach((signature, n) => {
    const [is, other] = [hex(signature), hex(signatures[n] ?? new Uint8Array())];
    if (is !== other) throw new Error(`hello${first + n}: ${name} gives ${other}, and not ${is}`);
  });
}
