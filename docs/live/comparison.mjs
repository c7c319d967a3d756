// Signs the same messages in four ways, a few at a time so that the page stays usable, and draws the bars as they grow.

import { toHex } from './conformance/bytes.mjs';
import { PUBLISHED_KEY } from './conformance/published.mjs';
import { Signer } from './signer/signer.mjs';
import { Bar, StatusLine, button, element, enable, fill, labelled, loadModule, number, row } from './ui.mjs';

/** Messages in a turn. The contestants take turns, so that whatever else the machine does falls on all alike. */
const TURN = 20;
/** After so many milliseconds the page gets to draw and to react. */
const SLICE_MS = 12;

/** One way to sign. */
class Contestant extends Bar {
  ms = 0;
  /** Messages. */
  done = 0;

  /**
   * @param {string} name
   * @param {number} atOnce how many messages one call gets
   * @param {(messages: Uint8Array[]) => Uint8Array[]} sign
   */
  constructor(name, atOnce, sign) {
    super();
    this.name = name;
    this.atOnce = atOnce;
    this.sign = sign;
  }

  get us() {
    return this.done > 0 ? (1000 * this.ms) / this.done : 0;
  }
}

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
 * @param {HTMLTableElement} table
 * @param {StatusLine} status
 * @param {AbortSignal} signal
 */
async function race(module, nacl, count, table, status, signal) {
  const signer = new Signer(module, PUBLISHED_KEY);
  const contestants = [
    new Contestant('module, batches of 20', TURN, (messages) => signer.signMany(messages)),
    new Contestant('module, key held', 1, ([message]) => [signer.sign(message)]),
    new Contestant('module, key passed each time', 1, ([message]) => [signer.signWith(PUBLISHED_KEY, message)]),
    new Contestant('tweetnacl (JavaScript)', 1, ([message]) => [nacl.sign.detached(message, PUBLISHED_KEY)]),
  ];
  const rows = contestants.map(({ name, cells }) => row([name], ...cells));
  fill(table, 'Time for one signature; shorter is faster', ['signed by', 'µs', 'bar'], rows);
  status.say(`Signing ${count} messages…`);
  try {
    const encoder = new TextEncoder();
    const messages = Array.from({ length: count }, (_, n) => encoder.encode(`hello${n}`));
    const breathe = breather(signal);
    for (let first = 0, turn = 0; first < count; first += TURN, turn += 1) {
      const chunk = messages.slice(first, first + TURN);
      /** @type {Uint8Array[][]} */
      const signatures = [];
      for (let n = 0; n < contestants.length; n += 1) {
        const which = (n + turn) % contestants.length;
        signatures[which] = await signAll(contestants[which], chunk, breathe);
        draw(contestants);
      }
      for (const [which, { name }] of contestants.entries()) assertEqual(signatures[which], signatures[0], first, name);
    }
  } finally {
    signer.close();
  }
  const [fastest, slowest] = [contestants[1], contestants[3]];
  const ratio = slowest.us / fastest.us;
  status.good(
    `All ${count} signatures are the same, byte for byte, from all four. ` +
      `On this machine, in this run, the module with its key held is ${number(ratio)} times as fast as tweetnacl.`,
  );
}

/**
 * @param {Contestant} contestant
 * @param {Uint8Array[]} messages
 * @param {() => Promise<void>} breathe
 */
async function signAll(contestant, messages, breathe) {
  /** @type {Uint8Array[]} */
  const signatures = [];
  for (let at = 0; at < messages.length; at += contestant.atOnce) {
    const some = messages.slice(at, at + contestant.atOnce);
    const began = performance.now();
    const signed = contestant.sign(some);
    contestant.ms += performance.now() - began;
    contestant.done += some.length;
    signatures.push(...signed);
    await breathe();
  }
  return signatures;
}

/** Gives the page its turn, now and then. */
function breather(/** @type {AbortSignal} */ signal) {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    since = performance.now();
  };
}

/** @param {Contestant[]} contestants */
function draw(contestants) {
  const longest = Math.max(...contestants.map(({ us }) => us));
  for (const contestant of contestants) contestant.show(contestant.us, longest);
}

/**
 * @param {Uint8Array[]} signatures
 * @param {Uint8Array[]} expected
 * @param {number} first message
 * @param {string} name
 */
function assertEqual(signatures, expected, first, name) {
  expected.forEach((signature, n) => {
    const [is, other] = [toHex(signature), toHex(signatures[n] ?? new Uint8Array())];
    if (is !== other) throw new Error(`hello${first + n}: ${name} gives ${other}, and not ${is}`);
  });
}
