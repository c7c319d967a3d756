// What a signer leaves, and what it can still do, however a call ends: refused, trapped, cut off by a full stack, called
// within another one. Neutral: the tests of every host in JavaScript share it.

import { PUBLISHED_KEY as KEY, SIGNATURE_OF_HELLO as signature } from '../conformance/published.mjs';
import { Adder, AdderError } from '../signer/adder.mjs';
import { Signer, SignerError } from '../signer/signer.mjs';
import { expect, listOfTests, same } from './neutral.mjs';

/** @typedef {(module: WebAssembly.Module) => WebAssembly.Module} Replaced what is instantiated for a module; it may throw */

const SEED = KEY.slice(0, 32);
/** What the calls pass. No eight bytes in a row are in both seeds. */
const PASSED_SEED = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) % 256);

/**
 * @param {object} bytes of .wasm files
 * @param {BufferSource} bytes.raw signer-raw
 * @param {BufferSource} bytes.simd signer-raw-simd
 * @param {BufferSource} bytes.small signer-small, which has no batches
 * @param {Uint8Array<ArrayBuffer>} bytes.faulty the fixture signer-faulty
 * @param {BufferSource} bytes.adder add-raw
 * @returns {Promise<import('./neutral.mjs').Tests>}
 */
export async function mishaps({ raw, simd, small, faulty, adder }) {
  const module = await WebAssembly.compile(raw);
  const smallModule = await WebAssembly.compile(small);
  const bare = await WebAssembly.compile(faulty);
  const adderModule = await WebAssembly.compile(adder);
  const publicKey = new Signer(module).derivePublicKey(PASSED_SEED);
  const passedKey = Uint8Array.from([...PASSED_SEED, ...publicKey]);
  const mismatched = Uint8Array.from([...PASSED_SEED, ...KEY.subarray(32)]);

  /** The fixture, which traps at its n-th call or refuses everything from there on. */
  const faultyAt = (/** @type {'TRAP-AT:' | 'FAIL-AT:'} */ marker, /** @type {number} */ n) => {
    const patched = Uint8Array.from(faulty);
    const letters = Array.from(marker, (letter) => letter.charCodeAt(0));
    const at = patched.findIndex((_, start) => letters.every((letter, index) => patched[start + index] === letter));
    new DataView(patched.buffer).setUint32(at + letters.length, n, true);
    return new WebAssembly.Module(patched);
  };

  /** @type {Record<string, (signer: Signer) => unknown>} */
  const METHODS = {
    publicKey: (signer) => signer.publicKey,
    batchModule: (signer) => signer.batchModule,
    sign: (signer) => signer.sign('hello'),
    'signMany of one': (signer) => signer.signMany(['hello']),
    'signMany of two': (signer) => signer.signMany(['hello', 'hello']),
    signWith: (signer) => signer.signWith(passedKey, 'hello'),
    verify: (signer) => signer.verify(publicKey, 'hello', signature),
    verifyStrict: (signer) => signer.verifyStrict(publicKey, 'hello', signature),
    derivePublicKey: (signer) => signer.derivePublicKey(PASSED_SEED),
    loadKey: (signer) => signer.loadKey(passedKey),
    wipe: (signer) => signer.wipe(),
    close: (signer) => signer.close(),
  };
  /**
   * What uses so much stack that it runs out in it. The two getters may fit where anything does.
   *
   * @type {typeof METHODS}
   */
  const DEEP = { ...METHODS, 'new Signer': () => new Signer(module, passedKey).close() };
  delete DEEP.publicKey;
  delete DEEP.batchModule;
  /** However these end, the key that was held is gone. */
  const DROPPING = ['loadKey', 'wipe'];

  /** @param {Signer} signer */
  const expectSigns = (signer) => {
    expect(same(signer.sign('hello'), signature), 'it signs wrongly');
    expectBatch(signer.signMany(['hello', 'hello']));
  };

  /** @param {Uint8Array[]} signatures */
  const expectBatch = (signatures) =>
    expect(
      signatures.every((one) => same(one, signature)),
      'it signs wrongly in batches',
    );

  /** @param {Signer} signer */
  const expectClosed = (signer) => {
    for (const [name, call] of Object.entries(METHODS)) {
      const expected = { close: 'ok', batchModule: 'ok' }[name] ?? 'CLOSED';
      expect(outcome(() => call(signer)) === expected, `${name} of a closed signer: ${outcome(() => call(signer))}`);
    }
  };

  /** Closes the signer, and looks for secrets wherever it has been. */
  const expectNothingLeft = (/** @type {Signer} */ signer, /** @type {Noted} */ noted) => {
    signer.close();
    noted.expectWithout(SEED, 'the held seed, after close');
    noted.expectWithout(PASSED_SEED, 'the seed that was passed, after close');
    expectClosed(signer);
  };

  /**
   * @param {'TRAP-AT:' | 'FAIL-AT:'} marker
   * @param {(failing: WebAssembly.Module) => Noted} work with a module that fails at its first call, then at its second, and
   *   so on until no instance is called so often
   */
  const atEachCall = (marker, work) => {
    let [n, calls] = [0, 0];
    do {
      n += 1;
      about(`${marker}${n}`, () => ({ calls } = work(faultyAt(marker, n))));
    } while (calls >= n);
    expect(n > 3, 'a signer is not made in fewer calls');
  };

  /**
   * One call on a signer whose module fails, and all that is documented about what comes after.
   *
   * @param {string} name of the method
   * @param {WebAssembly.Module} main
   * @param {WebAssembly.Module[]} batchModules
   */
  const goThrough = (name, main, batchModules) =>
    noting((noted) => {
      /** @type {Signer | undefined} */
      let signer;
      const made = outcome(() => (signer = new Signer(main, KEY, { batchModules })));
      if (!signer) {
        expect(['TRAPPED', 'SELF_TEST_FAILED'].includes(made), `new Signer: ${made}`);
        noted.expectWithout(SEED, 'the seed of a signer that could not be made');
        return;
      }
      if (batchModules.length > 0 && name !== 'signMany of two') outcome(METHODS['signMany of two'].bind(null, signer));
      const { length } = noted.instances;
      const ended = outcome(() => METHODS[name](/** @type {Signer} */ (signer)));
      if (DROPPING.includes(name)) noted.expectWithout(SEED, 'the seed that was held');
      if (name === 'close') {
        expect(ended === 'ok', `close: ${ended}`);
      } else if (ended === 'ok') {
        const expected = { loadKey: publicKey, wipe: 'NO_KEY' }[name] ?? KEY.subarray(32);
        expectKey(signer, expected);
      } else {
        expect(['TRAPPED', 'SELF_TEST_FAILED', 'OUT_OF_MEMORY'].includes(ended), `it ended with ${ended}`);
        noted.expectWithout(PASSED_SEED, 'the seed that was passed');
        expectKey(signer, DROPPING.includes(name) ? 'NO_KEY' : KEY.subarray(32));
        if (ended === 'TRAPPED') expect(noted.instances.length > length, 'no new instance was made');
      }
      expectNothingLeft(signer, noted);
    });

  /**
   * @param {Signer} signer
   * @param {Uint8Array | string} expected a public key, or the code of a refusal
   */
  const expectKey = (signer, expected) => {
    const held = outcome(() => {
      const given = signer.publicKey;
      expect(
        given.every((byte, index) => byte === expected[index]),
        'it holds another key',
      );
    });
    expect(held === (typeof expected === 'string' ? expected : 'ok'), `the key that is held: ${held}`);
  };

  /** @type {Record<string, (main: WebAssembly.Module) => WebAssembly.Module>} */
  const NO_NEW_INSTANCE = {
    'an Error': () => {
      throw new Error('no instance today');
    },
    'no memory': () => {
      throw new RangeError('WebAssembly.Instance(): Out of memory');
    },
    'a start function that traps': () => {
      throw new WebAssembly.RuntimeError('unreachable');
    },
    'a key that it does not take': () => faultyAt('FAIL-AT:', 3),
    'a key that it traps at': () => faultyAt('TRAP-AT:', 3),
    'a trap at its first call': () => faultyAt('TRAP-AT:', 1),
  };

  /**
   * Calls `call` at the end of the stack, and with a bit more of it each time, until it has worked a few times.
   *
   * @param {() => unknown} call
   * @param {number} size of the steps
   */
  const atTheEndOfTheStack = (call, size) => {
    const ends = new Set();
    let [successes, failures] = [0, 0];
    const dive = (/** @type {number[]} */ ...padding) => {
      try {
        dive(...padding);
      } catch (error) {
        const end = outcome(call);
        ends.add(end);
        if (end === 'ok') successes += 1;
        else failures += 1;
        if (successes < 5) throw error;
      }
    };
    outcome(() => dive(...Array(size).keys()));
    expect(failures > 0, 'the stack never ran out in a call');
    expect(successes > 0, `it never worked: ${[...ends]}`);
  };

  const { tests, test } = listOfTests();
  /** A test that notes the instances that are made in it. */
  const alone = (/** @type {string} */ name, /** @type {(noted: Noted) => void} */ work) =>
    test(name, () => void noting(work));

  for (const [name, bytes] of Object.entries({ 'signer-raw': raw, 'signer-raw-simd': simd })) {
    test(`${name}: growth, a trap, text, wiping and closing`, async () => {
      const signer = await Signer.create(bytes, KEY);
      const calculator = new Adder(adderModule);
      const large = new Uint8Array(16 * 1024 * 1024);
      expectSigns(signer);
      expect(signer.verify(signer.publicKey, large, signer.sign(large)), 'a large message does not verify');
      expectSigns(signer);
      const tooLarge = outcome(() => signer.sign(new Uint8Array(large.length + 1)));
      expect(tooLarge === 'MESSAGE_TOO_LARGE', `a message that is too large: ${tooLarge}`);
      expectTrap(() => signer.signWith(mismatched, 'hello'));
      expectSigns(signer);
      expect(same(signer.sign('é🦀'), signer.sign(new TextEncoder().encode('é🦀'))), 'text is not signed as UTF-8');
      expectBatch(signer.signMany(Array(4097).fill('hello')));
      expect(outcome(() => (signer.wipe(), signer.sign('hello'))) === 'NO_KEY', 'it has a key after wipe');
      expect(outcome(() => (signer.close(), signer.sign('hello'))) === 'CLOSED', 'it signs after close');
      expectTrap(() => calculator.divide(1, 0));
      expect(calculator.add(2, 3) === 5, 'it adds wrongly after a trap');
    });
  }

  for (const name of Object.keys(METHODS)) {
    for (const marker of /** @type {const} */ (['TRAP-AT:', 'FAIL-AT:'])) {
      test(`${name} of a module that fails, ${marker} each of its calls`, () =>
        atEachCall(marker, (failing) => goThrough(name, failing, [])));
      test(`${name} with a batch module that fails, ${marker} each of its calls`, () =>
        atEachCall(marker, (failing) => goThrough(name, bare, [failing])));
    }
  }

  for (const [why, instead] of Object.entries(NO_NEW_INSTANCE)) {
    for (const name of ['sign', 'signMany of two', 'signWith', 'verify', 'derivePublicKey']) {
      const main = faultyAt('TRAP-AT:', 4);
      alone(`a signer that cannot be restored after a trap is closed, and says so: ${why}, ${name}`, (noted) => {
        const signer = new Signer(main, KEY);
        noted.instead = instead;
        expect(outcome(() => METHODS[name](signer)) === 'TRAPPED', 'the first call says TRAPPED');
        noted.instead = (same) => same;
        noted.expectWithout(SEED, 'the held seed');
        noted.expectWithout(PASSED_SEED, 'the seed that was passed');
        const { length } = noted.instances;
        expectClosed(signer);
        expect(noted.instances.length === length, 'a closed signer made an instance');
      });
    }
  }

  for (const [why, instead] of Object.entries(NO_NEW_INSTANCE)) {
    alone(`a batch module that cannot be restored after a trap is dropped, and the rest goes on: ${why}`, (noted) => {
      const signer = new Signer(module, KEY, { batchModules: [faultyAt('TRAP-AT:', 6)] });
      // Its first instance is made, and no other.
      noted.instead = (wanted) => (noted.instances.length > 1 ? instead(wanted) : wanted);
      const messages = ['hello', 'hello'];
      expect(outcome(() => signer.signMany(messages)) === 'TRAPPED', 'the batch module did not trap');
      noted.expectWithout(SEED, 'the seed', noted.instances.slice(1));
      expect(signer.batchModule === -1, 'the batch module is still there');
      const { length } = noted.instances;
      expectBatch(signer.signMany(messages));
      expect(noted.instances.length === length, 'the dropped module was tried again');
      expectNothingLeft(signer, noted);
    });
  }

  alone('a refused seed stays nowhere, and the held key is still held', (noted) => {
    const signer = new Signer(module, KEY);
    expect(outcome(() => signer.signWith(mismatched, 'hello')) === 'TRAPPED', 'it was not refused');
    noted.expectWithout(PASSED_SEED, 'the seed after signWith');
    expect(same(signer.sign('hello'), signature), 'it signs wrongly');
    expect(outcome(() => signer.loadKey(mismatched)) === 'KEY_PAIR_MISMATCH', 'it was not refused');
    noted.expectWithout(PASSED_SEED, 'the seed after loadKey');
    noted.expectWithout(SEED, 'the seed that was held');
    expectNothingLeft(signer, noted);
  });

  for (const missing of ['sign', 'derive_public_key', 'load_key', 'wipe', 'sign_batch', 'verify', 'verify_strict']) {
    alone(`an export that a module lacks is named, and the secret for it stays nowhere: ${missing}`, (noted) => {
      const signer = new Signer(bare, KEY);
      noted.without = missing;
      for (const [name, call] of Object.entries(METHODS)) {
        if (name === 'close') continue;
        try {
          call(signer);
        } catch (error) {
          const { code, message } = /** @type {SignerError} */ (error);
          const isNamed = code === 'NO_EXPORT' && message.includes(`does not export ${missing}`);
          expect(isNamed || code === 'NO_KEY', `${name}: ${error}`);
          noted.expectWithout(PASSED_SEED, `the seed after ${name}`);
        }
      }
      expectNothingLeft(signer, noted);
    });
  }

  for (const size of [3, 40]) {
    for (const [name, call] of Object.entries(DEEP)) {
      alone(`${name} at the end of the stack, in steps of ${size}`, (noted) => {
        const signer = new Signer(module, KEY, { batchModules: [module] });
        signer.signMany(['hello', 'hello']);
        atTheEndOfTheStack(() => call(signer), size);
        if (name === 'new Signer') noted.expectWithout(PASSED_SEED, 'the seed of signers that were not made');
        if (!['loadKey', 'wipe', 'close'].includes(name)) expectSigns(signer);
        expectNothingLeft(signer, noted);
      });
    }
  }

  alone('a batch module whose key cannot be wiped, because the stack is full there, does not keep it', (noted) => {
    const signer = new Signer(bare, KEY, { batchModules: [bare] });
    signer.signMany(['hello', 'hello']);
    const { wipe } = Signer.prototype;
    Signer.prototype.wipe = () => {
      throw new RangeError('Maximum call stack size exceeded');
    };
    try {
      expect(outcome(() => signer.loadKey(passedKey)) === 'RangeError', 'it was wiped');
    } finally {
      Signer.prototype.wipe = wipe;
    }
    expectKey(signer, 'NO_KEY');
    noted.expectWithout(SEED, 'the seed that was held');
    expectNothingLeft(signer, noted);
  });

  alone('close at the end of the stack can be done again, and any later call does what it could not', (noted) => {
    const signer = new Signer(module, KEY, { batchModules: [module] });
    signer.signMany(['hello', 'hello']);
    const dive = () => {
      try {
        dive();
      } catch {
        outcome(() => signer.close());
      }
    };
    outcome(dive);
    outcome(() => signer.sign('hello'));
    if (outcome(() => signer.publicKey) === 'CLOSED') noted.expectWithout(SEED, 'the held seed');
    expectNothingLeft(signer, noted);
  });

  alone('an adder that has trapped is used with a new instance only, and says what a module lacks', (noted) => {
    const calculator = new Adder(adderModule);
    for (let traps = 1; traps < 4; traps += 1) {
      expect(outcome(() => calculator.divide(1, 0)) === 'TRAPPED', 'it did not trap');
      noted.instead = () => {
        throw new Error('no instance today');
      };
      expect(outcome(() => calculator.add(2, 3)) === 'no instance today', 'it went on with an old instance');
      noted.instead = (same) => same;
      expect(calculator.add(2, 3) === 5, 'it adds wrongly');
      expect(noted.instances.length === traps + 1, 'there is not one instance more');
    }
    expect(outcome(() => new Adder(bare).add(2, 3)) === 'TypeError', 'an export that is missing is a trap');
  });

  test('the search finds eight bytes of a seed anywhere, and not seven', () => {
    const memory = new Uint8Array(4096);
    for (let part = 0; part + 8 <= SEED.length; part += 1) {
      for (const count of [7, 8]) {
        for (const at of [0, 1, 2, 3, 1001, memory.length - count]) {
          memory.fill(0);
          memory.set(SEED.subarray(part, part + count), at);
          expect(hasPartOf(memory.buffer, SEED) === (count === 8), `${count} bytes from ${part} on, at ${at}`);
        }
      }
    }
  });

  test('no message is signed as none, on every module, with a key and not without', () => {
    for (const one of [module, smallModule]) {
      expect(new Signer(one, KEY).signMany([]).length === 0, 'it signed something');
      expect(outcome(() => new Signer(one).signMany([])) === 'NO_KEY', 'no key is needed');
    }
  });

  test('a call within another one is refused, and the one in progress is not disturbed', () => {
    const signer = new Signer(module, KEY, { batchModules: [module] });
    signer.signMany(['hello', 'hello']);
    const within = () => {
      for (const [name, call] of Object.entries(METHODS)) {
        expect(outcome(() => call(signer)) === 'IN_USE', `${name}: ${outcome(() => call(signer))}`);
      }
      expect(outcome(() => signer.signMany(messages())) === 'IN_USE', 'signMany');
    };
    function* messages() {
      within();
      yield 'hello';
      within();
      yield 'hello';
      within();
    }
    const listWith = (/** @type {object} */ traps) => new Proxy(['hello', 'hello'], traps);
    const lists = {
      'a generator': () => messages(),
      'a getter of the iterator': () =>
        Object.defineProperty(/** @type {any} */ ({}), Symbol.iterator, {
          get: () => (within(), () => messages()),
        }),
      'a Proxy': () => listWith({ get: (/** @type {any} */ of, /** @type {any} */ name) => (within(), of[name]) }),
      'an array with a getter': () => Object.defineProperty(['', 'hello'], 0, { get: () => (within(), 'hello') }),
    };
    for (const [name, list] of Object.entries(lists)) {
      about(name, () => {
        expectBatch(signer.signMany(list()));
        expect(same(signer.sign('hello'), signature), 'then it signs wrongly');
      });
    }
    signer.close();
  });

  test('an iterator that throws, or calls the signer, ends the call and not the signer', () => {
    const signer = new Signer(module, KEY);
    const other = new Signer(module, KEY);
    const mine = new Error('mine');
    const ends = {
      mine: () => {
        throw mine;
      },
      IN_USE: () => signer.close(),
      ok: () => other.sign('hello'),
    };
    for (const [expected, end] of Object.entries(ends)) {
      const given = outcome(() =>
        signer.signMany(
          (function* () {
            yield 'hello';
            end();
          })(),
        ),
      );
      expect(given === expected, `${expected}: ${given}`);
      expect(same(signer.sign('hello'), signature), `after ${expected} it signs wrongly`);
    }
  });
  return tests;
}

/**
 * What a call ends in: `ok`, or the code, the message or the name of what it throws.
 *
 * @returns {string}
 */
export function outcome(/** @type {() => unknown} */ work) {
  try {
    work();
    return 'ok';
  } catch (error) {
    if (error instanceof SignerError || error instanceof AdderError) return error.code;
    const { name, message } = /** @type {Error} */ (error);
    return name === 'Error' ? message : name;
  }
}

/** Expects the code of a trap, and the engine's own error as its cause. */
function expectTrap(/** @type {() => unknown} */ work) {
  try {
    work();
  } catch (error) {
    const { code, cause } = /** @type {any} */ (error);
    expect(code === 'TRAPPED' && cause instanceof WebAssembly.RuntimeError, `not a trap: ${error}, ${cause}`);
    return;
  }
  throw new Error('it did not trap');
}

/**
 * Every instance that is made, with an eye on what is called in it.
 */
class Noted {
  /** @type {WebAssembly.Exports[]} */
  instances = [];
  /** @type {Replaced} */
  instead = (module) => module;
  /** An export that every instance seems to lack. */
  without = '';
  /** An export that traps. */
  trapAt = '';
  /**
   * Arrays that were made as long as a key: the wrapper's own copies.
   *
   * @type {Uint8Array[]}
   */
  arrays = [];
  /** The most calls of one instance. */
  calls = 0;
  /** @type {string[]} */
  calledAfterTrap = [];

  /**
   * @param {WebAssembly.Instance} instance a new one
   * @returns {{ exports: WebAssembly.Exports }} its replacement
   */
  note({ exports }) {
    this.instances.push(exports);
    let isTrapped = false;
    let calls = 0;
    const watched = new Proxy(Object.create(null), {
      get: (_, /** @type {string} */ name) => {
        if (name === this.without) return undefined;
        const exported = exports[name];
        if (typeof exported !== 'function') return exported;
        return (/** @type {number[]} */ ...args) => {
          this.calls = Math.max(this.calls, (calls += 1));
          if (isTrapped) this.calledAfterTrap.push(name);
          try {
            if (name === this.trapAt) throw new WebAssembly.RuntimeError('unreachable');
            return exported(...args);
          } catch (error) {
            isTrapped = true;
            throw error;
          }
        };
      },
    });
    return { exports: watched };
  }

  /**
   * @param {Uint8Array} secret
   * @param {string} what it is
   */
  expectWithout(secret, what, instances = this.instances) {
    for (const [index, { memory }] of instances.entries()) {
      const { buffer } = /** @type {WebAssembly.Memory} */ (memory);
      expect(!hasPartOf(buffer, secret), `${what} is in memory ${index} of ${instances.length}`);
    }
    if (instances !== this.instances) return;
    for (const { buffer } of this.arrays) {
      expect(!hasPartOf(buffer, secret), `${what} is in an array of the wrapper`);
    }
  }
}

/**
 * The wrapper shows nobody its instance, so every one that is made in `work` is noted.
 *
 * @returns {Noted}
 */
export function noting(/** @type {(noted: Noted) => void} */ work) {
  const real = WebAssembly.Instance;
  const RealArray = Uint8Array;
  const noted = new Noted();
  globalThis.Uint8Array = new Proxy(RealArray, {
    construct: (_, args) => {
      const array = new RealArray(.../** @type {[any]} */ (args));
      if (args[0] === KEY.length) noted.arrays.push(array);
      return array;
    },
  });
  WebAssembly.Instance = new Proxy(real, {
    construct: (_, [module]) => noted.note(new real(noted.instead(module), {})),
  });
  try {
    work(noted);
  } finally {
    WebAssembly.Instance = real;
    globalThis.Uint8Array = RealArray;
  }
  expect(noted.calledAfterTrap.length === 0, `called after a trap: ${noted.calledAfterTrap}`);
  return noted;
}

/**
 * Looks at words first, because nearly all of memory is zero: eight bytes in a row have a whole word among them.
 *
 * @returns {boolean} whether eight bytes in a row of it are there
 */
function hasPartOf(/** @type {ArrayBufferLike} */ memory, /** @type {Uint8Array} */ secret) {
  const bytes = new Uint8Array(memory);
  const words = new Int32Array(memory);
  const places = new Map();
  for (let at = 0; at + 4 <= secret.length; at += 1) places.set(new Int32Array(secret.slice(at, at + 4).buffer)[0], at);
  for (let word = 0; word < words.length; word += 1) {
    if (words[word] === 0 || !places.has(words[word])) continue;
    const place = places.get(words[word]);
    let [before, after] = [0, 4];
    while (before < place && bytes[4 * word - before - 1] === secret[place - before - 1]) before += 1;
    while (place + after < secret.length && bytes[4 * word + after] === secret[place + after]) after += 1;
    if (before + after >= 8) return true;
  }
  return false;
}

/** Says of an error what it was about. */
function about(/** @type {string} */ what, /** @type {() => void} */ work) {
  try {
    work();
  } catch (error) {
    throw new Error(`${what}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}
