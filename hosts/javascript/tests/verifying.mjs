// What a verifier says of signatures, which module it picks, and what it can still do however a call ends. Neutral: the tests
// of every host in JavaScript share it.

import { Signer, SignerError } from '../signer/signer.mjs';
import { Verifier } from '../signer/verifier.mjs';
import { expect, listOfTests } from './neutral.mjs';
import { fakeBatchModule, fakeVerifierModule, unknownFeatureModule } from './small-modules.mjs';
import { bytesInDisguise, notBytes } from './wrong-values.mjs';

/** @typedef {import('../signer/verifier.mjs').Signed} Signed */

const MIB = 1024 * 1024;

/**
 * @param {object} bytes of .wasm files
 * @param {BufferSource} bytes.raw signer-raw
 * @param {BufferSource} bytes.lanes verifier-lanes
 * @param {BufferSource} bytes.relaxed verifier-lanes-relaxed
 * @returns {Promise<import('./neutral.mjs').Tests>}
 */
export async function verifying({ raw, lanes, relaxed }) {
  const compiled = await Promise.all([raw, lanes].map((bytes) => WebAssembly.compile(bytes)));
  const [rawModule, lanesModule] = compiled;
  const fake = new WebAssembly.Module(fakeVerifierModule(0));
  const selfTestFails = fakeVerifierModule(8);
  const signer = new Signer(rawModule);
  /** More keys than a module holds. */
  const keys = Array.from({ length: 20 }, (_, number) => {
    const seed = new Uint8Array(32).fill(number + 1);
    return Uint8Array.from([...seed, ...signer.derivePublicKey(seed)]);
  });
  const signed = keys.map((key, number) => {
    signer.loadKey(key);
    const message = `message ${number}`;
    return { publicKey: signer.publicKey, message, signature: signer.sign(message) };
  });
  const [good] = signed;
  const bad = { ...good, message: 'another' };
  /** Of the point of order 1: `verify` takes it with R of order 1 and S = 0, whatever the message is. */
  const identity = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0));
  const smallOrder = {
    publicKey: identity,
    message: 'any',
    signature: Uint8Array.from([...identity, ...new Uint8Array(32)]),
  };
  const noPoint = { ...good, publicKey: new Uint8Array(32).fill(2) };
  const mixed = [
    ...signed,
    bad,
    good,
    smallOrder,
    noPoint,
    { ...good, signature: good.signature.slice(1) },
    { ...good, signature: Uint8Array.from([...good.signature, 0]) },
    { ...good, signature: good.signature.with(63, 255) },
    { ...good, publicKey: signed[1].publicKey },
    ...signed,
  ];

  const { tests, test } = listOfTests();

  for (const [name, modules] of Object.entries({
    'signer-raw': [raw],
    'verifier-lanes': [lanes],
    all: [relaxed, lanes],
  })) {
    test(`${name}: each verdict is the signer's, in any order and any number`, async () => {
      const verifier = await Verifier.create(modules);
      for (const items of [mixed, mixed.toReversed(), [good], [bad], [bad, good], new Set(mixed)]) {
        const list = [...items];
        const plain = list.map((one) => signer.verify(one.publicKey, one.message, one.signature));
        const strict = list.map((one) => signer.verifyStrict(one.publicKey, one.message, one.signature));
        expectVerdicts(verifier.verifyMany(items), plain);
        expectVerdicts(verifier.verifyManyStrict(items), strict);
      }
      expect(verifier.verifyMany([smallOrder])[0] && !verifier.verifyManyStrict([smallOrder])[0], 'strict is no other');
      expect(verifier.verifyMany([]).length === 0, 'there is a verdict about nothing');
      verifier.close();
    });
  }

  test('more than a batch can have is split, by number and by bytes', () => {
    const verifier = new Verifier([lanesModule]);
    const many = Array.from({ length: 8195 }, (_, number) => (number % 1000 === 7 ? bad : good));
    expectVerdicts(
      verifier.verifyMany(many),
      many.map((item) => item === good),
    );
    signer.loadKey(keys[0]);
    const half = new Uint8Array(8 * MIB + 1);
    const large = { publicKey: signer.publicKey, message: half, signature: signer.sign(half) };
    const whole = { ...large, message: new Uint8Array(16 * MIB) };
    expectVerdicts(verifier.verifyMany([large, good, large, whole, good]), [true, true, true, false, true]);
  });

  test('text is verified as its UTF-8 bytes', () => {
    const verifier = new Verifier([lanesModule]);
    signer.loadKey(keys[0]);
    const text = 'é🦀';
    const item = { publicKey: signer.publicKey, message: text, signature: signer.sign(text) };
    expectVerdicts(verifier.verifyMany([item, { ...item, message: new TextEncoder().encode(text) }]), [true, true]);
  });

  test('the first module that works here is used, and the others are passed over', async () => {
    const garbage = new TextEncoder().encode('no module');
    for (const before of [[], [garbage], [selfTestFails], [unknownFeatureModule(), selfTestFails, garbage]]) {
      for (const rest of [[lanes, raw], [raw, lanes], [fake]]) {
        const verifier = await Verifier.create([...before, ...rest]);
        expect(verifier.moduleIndex === before.length, `${verifier.moduleIndex} after ${before.length}`);
        expectVerdicts(verifier.verifyMany([good, bad]), [rest[0] !== fake, false]);
      }
    }
    expect(new Verifier([undefined, rawModule]).moduleIndex === 1, 'one that was not compiled is not passed over');
  });

  test('if none works here, the error is that of the last', async () => {
    const garbage = new TextEncoder().encode('no module');
    expect((await outcomeOf([selfTestFails, garbage])) === 'CompileError', 'not of the last, garbage');
    expect((await outcomeOf([garbage, selfTestFails])) === 'SELF_TEST_FAILED', 'not of the last, the self-test');
    // It has batches, to be signed.
    expect((await outcomeOf([fakeBatchModule(0), raw])) === 'NO_EXPORT', 'a module without verify');
    for (const wrong of [[], undefined, raw, 'text', rawModule, ['text'], [5]]) {
      expect((await outcomeOf(/** @type {any} */ (wrong))) === 'TypeError', `${wrong} as the modules`);
    }
  });

  test('a length that is wrong is told with the place of its item, and the key comes first', () => {
    const verifier = new Verifier([lanesModule]);
    const tooLarge = { ...good, message: new Uint8Array(16 * MIB + 1) };
    const short = { ...good, publicKey: good.publicKey.slice(1) };
    /** @type {[string, RegExp, Signed[]][]} */
    const refused = [
      ['PUBLIC_KEY_LENGTH', /^item 1: a public key must be 32 bytes long; this one has 31$/, [good, short]],
      ['MESSAGE_TOO_LARGE', /^item 2: .*at most 16777216 bytes; this one has 16777217$/, [good, good, tooLarge]],
      ['PUBLIC_KEY_LENGTH', /^item 1: /, [tooLarge, { ...short, signature: new Uint8Array(0) }]],
    ];
    for (const [code, words, items] of refused) {
      const error = errorOf(() => verifier.verifyMany(items));
      expect(error instanceof SignerError && error.code === code && words.test(error.message), `${error}`);
    }
    expect(outcome(() => verifier.hold(short.publicKey)) === 'PUBLIC_KEY_LENGTH', 'hold takes any length');
  });

  test('only an iterable object of objects of bytes will do, and bytes are taken for what they are', () => {
    const verifier = new Verifier([lanesModule]);
    for (const [name, value] of notBytes()) {
      for (const field of ['publicKey', 'message', 'signature']) {
        const error = errorOf(() => verifier.verifyMany(/** @type {any} */ ([good, { ...good, [field]: value }])));
        expect(error instanceof TypeError && error.message.startsWith('item 1: '), `${field}: ${name}: ${error}`);
      }
      expect(outcome(() => verifier.hold(/** @type {any} */ (value))) === 'TypeError', `hold: ${name}`);
      const error = errorOf(() => verifier.verifyMany(/** @type {any} */ ([value])));
      expect(error instanceof TypeError && error.message.startsWith('item 0'), `the item: ${name}: ${error}`);
      if (/^(an empty array|a Map)$/.test(name)) continue;
      expect(outcome(() => verifier.verifyMany(/** @type {any} */ (value))) === 'TypeError', `the items: ${name}`);
    }
    for (const field of /** @type {const} */ (['publicKey', 'signature'])) {
      for (const [name, value] of bytesInDisguise(good[field])) {
        expectVerdicts(verifier.verifyMany([{ ...good, [field]: value }]), [true], `${field}: ${name}`);
      }
    }
    for (const [name, message] of bytesInDisguise(new TextEncoder().encode(good.message))) {
      expectVerdicts(verifier.verifyMany([{ ...good, message }]), [true], `message: ${name}`);
    }
  });

  test('an array whose buffer goes while the items come is refused, and not taken for an empty one', () => {
    const verifier = new Verifier([lanesModule]);
    const message = new Uint8Array(8);
    const last = {
      ...good,
      get signature() {
        structuredClone(message.buffer, { transfer: [message.buffer] });
        return good.signature;
      },
    };
    expect(outcome(() => verifier.verifyMany([{ ...good, message }, last])) === 'TypeError', 'it was taken');
  });

  test('a key can be held before it comes, if it is a point and the module holds keys', () => {
    const verifier = new Verifier([lanesModule]);
    for (const { publicKey } of signed) expect(verifier.hold(publicKey), 'a key is not held');
    expect(!verifier.hold(noPoint.publicKey), 'no point is held');
    expectVerdicts(
      verifier.verifyMany(signed),
      signed.map(() => true),
    );
    expect(!new Verifier([rawModule]).hold(good.publicKey), 'signer-raw holds keys');
  });

  test('after a trap it goes on with a new instance, then with the next module, and then it is closed', () => {
    const traps = [{ ...good, message: '7 bytes' }];
    const real = WebAssembly.Instance;
    let made = 0;
    let mayBeMade = true;
    WebAssembly.Instance = new Proxy(real, {
      construct: (_, [module]) => {
        if (!mayBeMade && module === fake) throw new RangeError('WebAssembly.Instance(): Out of memory');
        made += 1;
        return new real(module, {});
      },
    });
    try {
      const both = new Verifier([fake, lanesModule]);
      for (let round = 1; round < 4; round += 1) {
        const error = /** @type {any} */ (errorOf(() => both.verifyMany(traps)));
        expect(error.code === 'TRAPPED' && error.cause instanceof WebAssembly.RuntimeError, `no trap: ${error}`);
        expectVerdicts(both.verifyMany([good]), [false]);
        expect(both.moduleIndex === 0 && made === round + 1, `${made} instances after ${round} traps`);
      }
      const alone = new Verifier([fake]);
      expect(outcome(() => alone.verifyMany(traps)) === 'TRAPPED', 'it did not trap');
      expect(outcome(() => both.verifyManyStrict(traps)) === 'TRAPPED', 'it did not trap');
      mayBeMade = false;
      expectVerdicts(both.verifyMany([good]), [true]);
      expect(both.moduleIndex === 1, 'the next module is not used');
      expect(outcome(() => alone.verifyMany([good])) === 'CLOSED', 'it goes on without an instance');
      mayBeMade = true;
      expect(outcome(() => alone.verifyMany([good])) === 'CLOSED', 'it was closed, and is no more');
    } finally {
      WebAssembly.Instance = real;
    }
  });

  test('a call within another one is refused, and the one in progress is not disturbed', () => {
    const verifier = new Verifier([lanesModule]);
    const within = () => {
      const calls = [
        () => verifier.verifyMany([good]),
        () => verifier.verifyManyStrict([]),
        () => verifier.hold(good.publicKey),
        () => verifier.moduleIndex,
        () => verifier.close(),
      ];
      for (const call of calls) expect(outcome(call) === 'IN_USE', `${call}: ${outcome(call)}`);
    };
    const item = {
      ...good,
      get message() {
        within();
        return good.message;
      },
    };
    function* items() {
      within();
      yield item;
      yield bad;
    }
    expectVerdicts(verifier.verifyMany(items()), [true, false]);
  });

  test("what the iterator of a caller throws is the caller's, and passes over no module", () => {
    const verifier = new Verifier([lanesModule, rawModule]);
    for (const mine of [new Error('mine'), new WebAssembly.CompileError('mine'), { code: 'SELF_TEST_FAILED' }, null]) {
      const thrown = errorOf(() =>
        verifier.verifyMany(
          (function* () {
            yield good;
            throw mine;
          })(),
        ),
      );
      expect(thrown === mine && verifier.moduleIndex === 0, `${thrown}`);
    }
  });

  test('a closed verifier says so first', () => {
    const verifier = new Verifier([lanesModule]);
    verifier[Symbol.dispose]();
    verifier.close();
    expect(verifier.moduleIndex === -1, 'it has a module');
    for (const name of /** @type {const} */ (['verifyMany', 'verifyManyStrict', 'hold'])) {
      expect(outcome(() => verifier[name](/** @type {any} */ (5))) === 'CLOSED', name);
    }
  });

  test('at the end of the stack it fails, and verifies rightly afterwards', () => {
    const verifier = new Verifier([lanesModule]);
    verifier.verifyMany([good]);
    let failures = 0;
    const dive = (/** @type {number} */ left) => {
      try {
        dive(left);
      } catch {
        if (outcome(() => verifier.verifyMany([good, bad])) !== 'ok') failures += 1;
      }
    };
    dive(0);
    expect(failures > 0, 'the stack never ran out in a call');
    expectVerdicts(verifier.verifyMany([good, bad]), [true, false]);
    expect(verifier.moduleIndex === 0, 'the module was dropped');
  });

  return tests;
}

/**
 * @param {boolean[]} given
 * @param {boolean[]} expected
 */
function expectVerdicts(given, expected, about = 'verdicts') {
  const isSame = given.length === expected.length && given.every((verdict, index) => verdict === expected[index]);
  expect(isSame, `${about}: ${given}, expected ${expected}`.slice(0, 500));
}

/** @returns {unknown} what a call throws */
function errorOf(/** @type {() => unknown} */ work) {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it was taken');
}

/** @returns {string} `ok`, or the code or the name of what a call throws */
function outcome(/** @type {() => unknown} */ work) {
  try {
    work();
    return 'ok';
  } catch (error) {
    return nameOf(error);
  }
}

/** @returns {Promise<string>} the same, of making a verifier */
async function outcomeOf(/** @type {BufferSource[]} */ modules) {
  try {
    await Verifier.create(modules);
    return 'ok';
  } catch (error) {
    return nameOf(error);
  }
}

function nameOf(/** @type {any} */ error) {
  return error.code ?? error.name;
}
