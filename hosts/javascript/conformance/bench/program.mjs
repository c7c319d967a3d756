// The half of a bench program that is the same in Node, Deno, Bun and a browser's page: it signs and verifies on
// request, and says how long that took. hosts/BENCH.md has the lines that go in and out.

import { Signer } from '../../signer/signer.mjs';
import { fromHex, toHex } from '../bytes.mjs';
import { ComponentSigner, coreModules, isComponent, SignerComponent } from '../component.mjs';
import { enter } from './contestants.mjs';

const PROTOCOL = 1;

/**
 * @typedef {import('./contestants.mjs').Contestant} Contestant
 * @typedef {import('./contestants.mjs').Signed} Signed
 *
 * @typedef {import('../../signer/instance.mjs').Exports & { abi_version: () => number }} Exports
 *
 * @typedef {object} Host what differs
 * @property {string} version
 * @property {string} runtime
 * @property {(file: string) => Promise<Uint8Array<ArrayBuffer>>} read a module's bytes
 * @property {(glue: string) => Promise<any>} loadGlue wasm-bindgen's JavaScript for the web, or jco's
 * @property {import('./contestants.mjs').Libraries} libraries
 * @property {(keypair: Uint8Array<ArrayBuffer>) => Contestant[]} [own] contestants on this host alone
 * @property {() => number} [cpuNs] nanoseconds that this process has had a processor, if the host knows
 *
 * @typedef {object} Task
 * @property {string} keypair hex
 * @property {number} messages how many
 * @property {Record<string, string>} modules files by name
 * @property {string} glue
 * @property {string | null} [component_glue] jco's JavaScript for the component among the modules
 * @property {import('./contestants.mjs').Order[]} signers
 * @property {{ issuers: number, public_keys: string, signatures: string }[]} [signed] hex
 *
 * @typedef {{ cmd: 'hello' } & Task} HelloAsk
 * @typedef {{ cmd: 'sign', contestant: string, first: number, count: number, a_call: number }} SignAsk
 * @typedef {Omit<SignAsk, 'cmd'> & { cmd: 'verify', issuers: number }} VerifyAsk
 * @typedef {{ cmd: 'start', module: string }} StartAsk
 * @typedef {{ cmd: 'crossing', module: string, what: 'call' | 'in' | 'out' | 'sign', bytes: number, calls: number }} CrossingAsk
 */

export class Program {
  #host;
  /** @type {Uint8Array<ArrayBuffer>} */
  #keypair = new Uint8Array();
  /** @type {Uint8Array[]} */
  #messages = [];
  /** @type {Record<string, Uint8Array<ArrayBuffer>>} */
  #modules = {};
  #componentGlue = '';
  /** @type {Map<number, Signed[]>} By how many issuers. */
  #signed = new Map();
  /** @type {Map<string, Contestant>} */
  #contestants = new Map();

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  /** @returns {Promise<object>} the answer */
  async answer(/** @type {HelloAsk | SignAsk | VerifyAsk | StartAsk | CrossingAsk} */ ask) {
    try {
      if (ask.cmd === 'hello') return await this.#hello(ask);
      if (ask.cmd === 'sign') return await this.#sign(ask);
      if (ask.cmd === 'verify') return await this.#verify(ask);
      if (ask.cmd === 'start') return await this.#start(ask);
      return await this.#crossing(ask);
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** @param {Task} task */
  async #hello(task) {
    const { libraries, loadGlue, own, read, runtime, version } = this.#host;
    this.#keypair = fromHex(task.keypair);
    this.#messages = messagesFor(task.messages);
    for (const set of task.signed ?? []) this.#signed.set(set.issuers, this.#itemsOf(set));
    this.#componentGlue = task.component_glue ?? '';
    for (const [name, file] of Object.entries(task.modules)) this.#modules[name] = await read(file);
    const given = { keypair: this.#keypair, modules: this.#modules, libraries, signers: task.signers };
    const { contestants, missing } = await enter({ ...given, loadGlue: () => loadGlue(task.glue) });
    contestants.push(...(own?.(this.#keypair) ?? []));
    this.#contestants = new Map(contestants.map((contestant) => [contestant.id, contestant]));
    const entered = contestants.map(({ id, version: of }) => ({ id, version: of }));
    return { protocol: PROTOCOL, version, runtime, contestants: entered, missing };
  }

  async #sign(/** @type {SignAsk} */ ask) {
    const contestant = this.#contestant(ask.contestant);
    const { elapsed, results } = await this.#turn(ask, contestant, this.#messages, contestant.signAll);
    return { ...elapsed, signatures: results.map(toHex).join('') };
  }

  async #verify(/** @type {VerifyAsk} */ ask) {
    const items = this.#signed.get(ask.issuers);
    if (!items) throw new Error(`no signatures by ${ask.issuers} issuers were given`);
    const contestant = this.#contestant(ask.contestant);
    const { elapsed, results } = await this.#turn(ask, contestant, items, contestant.verifyAll);
    return { ...elapsed, verdicts: results.map((isRight) => (isRight ? '01' : '00')).join('') };
  }

  #contestant(/** @type {string} */ id) {
    const contestant = this.#contestants.get(id);
    if (!contestant) throw new Error(`there is no contestant ${id}`);
    return contestant;
  }

  /**
   * @template Item, Result
   * @param {{ first: number, count: number, a_call: number }} ask
   * @param {Contestant} contestant
   * @param {Item[]} all after the last comes the first again
   * @param {((items: Item[]) => Result[] | Promise<Result[]>) | undefined} work
   */
  async #turn({ first, count, a_call: aCall }, { batches, id }, all, work) {
    if (!work) throw new Error(`${id} can't do that`);
    const items = Array.from({ length: count }, (_, n) => all[(first + n) % all.length]);
    // A contestant that works one by one has a loop of its own, and gets all of them.
    const length = batches ? aCall : count;
    /** @type {Item[][]} */
    const calls = [];
    for (let at = 0; at < count; at += length) calls.push(items.slice(at, at + length));
    /** @type {Result[]} */
    const results = [];
    collectYoungGarbage();
    const clock = this.#clock();
    for (const call of calls) {
      const some = work(call);
      for (const result of some instanceof Promise ? await some : some) results.push(result);
    }
    return { elapsed: clock(), results };
  }

  /** @returns {Signed[]} */
  #itemsOf(/** @type {{ issuers: number, public_keys: string, signatures: string }} */ set) {
    const publicKeys = piecesOf(fromHex(set.public_keys), 32);
    return piecesOf(fromHex(set.signatures), 64).map((signature, n) => ({
      publicKey: publicKeys[n % set.issuers],
      message: this.#messages[n],
      signature,
    }));
  }

  /** From a module's bytes to its first signature, everything made anew. */
  async #start(/** @type {StartAsk} */ { module: name }) {
    let before = performance.now();
    const lapNs = () => {
      const now = performance.now();
      const lap = (now - before) * 1e6;
      before = now;
      return lap;
    };
    const module = await WebAssembly.compile(this.#modules[name]);
    const compiled = lapNs();
    const signer = new Signer(module);
    const instantiated = lapNs();
    signer.loadKey(this.#keypair);
    const loaded = lapNs();
    const signature = signer.sign(this.#messages[0]);
    const signed = lapNs();
    signer.close();
    return {
      compile_ns: compiled,
      instantiate_ns: instantiated,
      load_key_ns: loaded,
      first_signature_ns: signed,
      signature: toHex(signature),
    };
  }

  /** Over the boundary, so many times, as the wrapper does it. */
  async #crossing(/** @type {CrossingAsk} */ { module, what, bytes, calls }) {
    if (what === 'sign') return this.#signing(await this.#signer(module), bytes, calls);
    const { instance } = await WebAssembly.instantiate(this.#modules[module], {});
    const exports = /** @type {Exports} */ (/** @type {unknown} */ (instance.exports));
    const way = ways[what](exports, bytes);
    way(Math.min(calls, 1000));
    collectYoungGarbage();
    const clock = this.#clock();
    way(calls);
    return clock();
  }

  /** The wrapper of a module or of a component, with the key. */
  async #signer(/** @type {string} */ name) {
    const bytes = this.#modules[name];
    if (!bytes) throw new Error(`no module ${name} was given`);
    if (!isComponent(bytes)) return new Signer(await WebAssembly.compile(bytes), this.#keypair);
    const { instantiate } = await this.#host.loadGlue(this.#componentGlue);
    const modules = await Promise.all(coreModules(bytes).map((core) => WebAssembly.compile(core)));
    return new ComponentSigner(new SignerComponent(modules, instantiate), this.#keypair);
  }

  /** @type {(signer: Signer | ComponentSigner, bytes: number, calls: number) => object} */
  #signing(signer, bytes, calls) {
    const message = new Uint8Array(bytes).fill(109);
    let signature = signer.sign(message);
    collectYoungGarbage();
    const clock = this.#clock();
    for (let n = 0; n < calls; n += 1) signature = signer.sign(message);
    const elapsed = clock();
    signer.close();
    return { ...elapsed, signature: toHex(signature) };
  }

  /** @returns {() => { wall_ns: number, cpu_ns?: number }} what has gone by since */
  #clock() {
    const { cpuNs } = this.#host;
    const cpu = cpuNs?.() ?? 0;
    const wall = performance.now();
    return () => {
      const wallNs = (performance.now() - wall) * 1e6;
      return cpuNs ? { wall_ns: wallNs, cpu_ns: cpuNs() - cpu } : { wall_ns: wallNs };
    };
  }
}

/** @type {Record<string, (exports: Exports, bytes: number) => (calls: number) => void>} */
const ways = {
  call(exports) {
    return (calls) => {
      for (let n = 0; n < calls; n += 1) exports.abi_version();
    };
  },
  in(exports, bytes) {
    const pointer = exports.allocate_message(bytes) >>> 0;
    const message = new Uint8Array(bytes).fill(109);
    return (calls) => {
      for (let n = 0; n < calls; n += 1) new Uint8Array(exports.memory.buffer, pointer, bytes).set(message);
    };
  },
  out(exports, bytes) {
    const pointer = exports.get_signature_ptr() >>> 0;
    return (calls) => {
      for (let n = 0; n < calls; n += 1) new Uint8Array(exports.memory.buffer, pointer, bytes).slice();
    };
  },
};

function piecesOf(/** @type {Uint8Array<ArrayBuffer>} */ bytes, /** @type {number} */ length) {
  return Array.from({ length: bytes.length / length }, (_, n) => bytes.slice(n * length, (n + 1) * length));
}

/** @param {number} count */
export function messagesFor(count) {
  const encoder = new TextEncoder();
  return Array.from({ length: count }, (_, n) => encoder.encode(`hello${n}`));
}

/**
 * No contestant should pay for another's garbage. Only if V8 was started with --expose-gc; and only the young
 * generation, because full collections make V8 forget compiled code.
 */
function collectYoungGarbage() {
  const { gc } = /** @type {{ gc?: (options: object) => void }} */ (globalThis);
  gc?.({ type: 'minor' });
}
