// No secret stays in the component's linear memory: its core module is called through its canonical ABI, by hand, with two
// keys, and the same must stay of both, byte for byte. The module that does not scrub must leave a difference.

import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const ED25519 = 'everyhost:signer/ed25519@0.1.0#';
const HELD_KEY = 'everyhost:signer/held-key@0.1.0#';
const MESSAGES = ['hello', '', 'm'.repeat(300)].map((text) => Buffer.from(text));
const SEEDS = [1, 0xfe].map((byte) => Buffer.alloc(32, byte));

function keypairOf(/** @type {Buffer} */ seed) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12);
  return { key, keypair: Buffer.concat([seed, publicKey]) };
}

/** An instance of a core module. A resource's handle is the address behind it: there is one owner, who needs no table. */
class Core {
  constructor(/** @type {string} */ file) {
    const path = fileURLToPath(new URL(`../../../target/${file}`, import.meta.url));
    if (!existsSync(path)) throw new Error(`target/${file} is not there; run \`make fixtures\``);
    const module = new WebAssembly.Module(readFileSync(path));
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = (/** @type {number} */ rep) => rep;
    }
    this.exports = /** @type {any} */ (new WebAssembly.Instance(module, imports).exports);
  }

  get memory() {
    return Buffer.from(this.exports.memory.buffer);
  }

  /** `list<u8>`: its address and its length, in memory that the callee frees. */
  pass(/** @type {Buffer} */ bytes) {
    const at = this.exports.cabi_realloc(0, 0, 1, bytes.length) >>> 0;
    this.memory.set(bytes, at);
    return [at, bytes.length];
  }

  /** `list<list<u8>>` */
  passAll(/** @type {Buffer[]} */ lists) {
    const at = this.exports.cabi_realloc(0, 0, 4, 8 * lists.length) >>> 0;
    lists.forEach((bytes, n) => {
      const [ptr, len] = this.pass(bytes);
      this.memory.writeUInt32LE(ptr, at + 8 * n);
      this.memory.writeUInt32LE(len, at + 8 * n + 4);
    });
    return [at, lists.length];
  }

  /** Calls what returns `result<list<u8>, error>`; the error is its number. */
  call(/** @type {string} */ name, /** @type {number[]} */ ...args) {
    const at = this.exports[name](...args) >>> 0;
    const { memory } = this;
    const isError = memory[at] !== 0;
    const ptr = memory.readUInt32LE(at + 4);
    const answer = isError ? memory[at + 4] : Buffer.from(memory.subarray(ptr, ptr + memory.readUInt32LE(at + 8)));
    this.exports[`cabi_post_${name}`]?.(at);
    return answer;
  }
}

/** @type {Record<string, (core: Core, keypair: Buffer) => void>} */
const FUNCTIONS = {
  sign: (core, keypair) => {
    for (const message of MESSAGES) core.call(`${ED25519}sign`, ...core.pass(keypair), ...core.pass(message));
  },
  'sign-many': (core, keypair) =>
    void core.call(`${ED25519}sign-many`, ...core.pass(keypair), ...core.passAll(MESSAGES)),
  'derive-public-key': (core, keypair) =>
    void core.call(`${ED25519}derive-public-key`, ...core.pass(keypair.subarray(0, 32))),
  'a refused pair': (core, keypair) => {
    const mixed = Buffer.concat([keypair.subarray(0, 63), Buffer.from([keypair[63] ^ 1])]);
    assert.equal(core.call(`${ED25519}sign`, ...core.pass(mixed), ...core.pass(MESSAGES[0])), 1);
  },
};

/** What leaves nothing once it was wiped, and the resource dropped. @type {typeof FUNCTIONS} */
const METHODS = {
  'a held key': (core, keypair) => {
    const signer = core.exports[`${HELD_KEY}[constructor]signer`]();
    const method = (/** @type {string} */ name) => `${HELD_KEY}[method]signer.${name}`;
    core.exports[method('load-key')](signer, ...core.pass(keypair));
    for (const message of MESSAGES) core.call(method('sign'), signer, ...core.pass(message));
    core.call(method('sign-many'), signer, ...core.passAll(MESSAGES));
    core.call(method('sign-with'), signer, ...core.pass(keypair), ...core.pass(MESSAGES[0]));
    core.exports[method('wipe')](signer);
    core.exports[`${HELD_KEY}[dtor]signer`](signer);
  },
  'a held key that is dropped': (core, keypair) => {
    const signer = core.exports[`${HELD_KEY}[constructor]signer`]();
    core.exports[`${HELD_KEY}[method]signer.load-key`](signer, ...core.pass(keypair));
    core.exports[`${HELD_KEY}[dtor]signer`](signer);
  },
};

/** @type {(file: string, work: (core: Core, keypair: Buffer) => void) => Buffer[]} */
function leftBy(file, work) {
  return SEEDS.map((seed) => {
    const core = new Core(file);
    work(core, keypairOf(seed).keypair);
    // What a function returned is public, and nobody clears where its address was; that is the same for both keys.
    return core.memory;
  });
}

test('through its canonical ABI, the core module signs as OpenSSL does', () => {
  const { key, keypair } = keypairOf(SEEDS[0]);
  const core = new Core('modules/signer-component-core.wasm');
  for (const message of MESSAGES) {
    const signature = core.call(`${ED25519}sign`, ...core.pass(keypair), ...core.pass(message));
    assert.deepEqual(signature, sign(null, message, key));
  }
});

for (const [file, paths] of /** @type {const} */ ([
  ['modules/signer-component-core.wasm', FUNCTIONS],
  ['modules/signer-component.core.wasm', { ...FUNCTIONS, ...METHODS }],
])) {
  for (const [name, work] of Object.entries(paths)) {
    test(`${file} after ${name}: the same stays of two keys`, () => {
      const [one, other] = leftBy(file, work);
      assert.ok(one.equals(other), `memory differs, first at ${one.findIndex((byte, at) => byte !== other[at])}`);
    });
  }
}

for (const [name, work] of Object.entries({ ...FUNCTIONS, ...METHODS })) {
  test(`the module that does not scrub leaves a difference after ${name}`, () => {
    const [one, other] = leftBy('fixtures/signer-component-unscrubbed.core.wasm', work);
    assert.ok(!one.equals(other));
  });
}
