// node times.mjs BASELINE NAME=FILE…: how long each signer takes, against the first. Prints JSON; `make size` runs it.
//
// Bursts of a few milliseconds, all signers in turn, the order reversed every other time: what else the machine does
// falls on all of them alike. A ratio is that of two neighbours' bursts.

import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const ROUNDS = 120;
const BURST_MS = 4;
const WARM_UP_MS = 500;

const seed = Buffer.alloc(32, 7);
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12);
const message = Buffer.from('hello');
const expected = sign(null, message, key);

const [baseline, ...named] = process.argv.slice(2);
const signers = named.map((pair) => load(...pair.split(/=(.*)/s))).filter((signer) => signer !== null);
const base = signers.find(({ name }) => name === baseline);
if (base === undefined) throw new Error(`no ${baseline} among the modules: nothing to compare with`);
const order = [base, ...signers.filter((signer) => signer !== base)];

const signing = race(order, ({ sign_loaded }) => sign_loaded());
const verifying = race(
  order.filter(({ exports }) => exports.verify),
  ({ verify }) => verify(),
);
const times = Object.fromEntries(
  order.map(({ name, first_ms }) => [
    name,
    { sign: signing.get(name), verify: verifying.get(name) ?? null, first_ms },
  ]),
);
console.log(JSON.stringify({ engine: `Node ${process.versions.node}`, times }));

/** An instance with a key, a message, its signature and public key in place; null where it is no signer, or not for this host. */
function load(name, file) {
  const bytes = readFileSync(file);
  if (!WebAssembly.validate(bytes)) {
    console.error(`Node ${process.versions.node} does not take ${name}: no times of it`);
    return null;
  }
  const module = new WebAssembly.Module(bytes);
  const exported = WebAssembly.Module.exports(module).map((entry) => entry.name);
  if (!exported.includes('sign_loaded') || WebAssembly.Module.imports(module).length > 0) return null;
  const before = performance.now();
  const { exports } = new WebAssembly.Instance(module);
  exports.derive_public_key();
  const first_ms = Number((performance.now() - before).toFixed(3));
  const put = (bytes, ptr) => new Uint8Array(exports.memory.buffer).set(bytes, ptr >>> 0);
  put(seed, exports.get_signing_key_ptr());
  put(publicKey, (exports.get_signing_key_ptr() >>> 0) + 32);
  put(publicKey, exports.get_public_key_ptr());
  if (exports.load_key() !== 0) throw new Error(`${name} does not take the key`);
  put(message, exports.allocate_message(message.length));
  if (exports.sign_loaded() !== 0) throw new Error(`${name} does not sign`);
  const at = exports.get_signature_ptr() >>> 0;
  const signature = Buffer.from(new Uint8Array(exports.memory.buffer, at, 64));
  if (!signature.equals(expected)) throw new Error(`${name} signs otherwise than node:crypto`);
  return { name, exports, first_ms };
}

/** The ratios of each one's bursts to the first one's, by name. */
function race(all, work) {
  const runners = all.map(({ name, exports }) => {
    const burst = (count) => {
      const start = performance.now();
      for (let n = 0; n < count; n++) if (work(exports) !== 0) throw new Error(`${name} has stopped working`);
      return performance.now() - start;
    };
    let done = 0;
    let passed = 0;
    while (passed < WARM_UP_MS) {
      passed += burst(10);
      done += 10;
    }
    return { name, burst, count: Math.max(1, Math.round((done * BURST_MS) / passed)), each: [] };
  });
  for (let round = 0; round < ROUNDS; round++) {
    const turn = round % 2 === 0 ? runners : [...runners].reverse();
    for (const runner of turn) runner.each.push(runner.burst(runner.count) / runner.count);
  }
  const [first] = runners;
  return new Map(
    runners.map(({ name, each }) => {
      const ratios = each.map((time, round) => time / first.each[round]).sort((a, b) => a - b);
      const at = (share) => Number(ratios[Math.floor((ratios.length - 1) * share)].toFixed(3));
      return [name, { median: at(0.5), quartiles: [at(0.25), at(0.75)] }];
    }),
  );
}
