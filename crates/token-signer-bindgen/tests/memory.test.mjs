// After a call, nothing of its secret is left in linear memory. A search that finds nothing proves nothing unless it
// can find something, so each search is also done in a build whose scrubbing is taken out.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { differences, found, instantiate, keypair, secretsOf } from './support.mjs';

const SCRUBBED = 'target/pkg';
const UNSCRUBBED = 'target/fixtures/pkg';

const KEY_LENGTH = { code: 'KEY_LENGTH' };
const message = Buffer.from('a message whose bytes are nobody\'s secret');

/** Every way to hand a secret to the module; each leaves the same public traces for every key. */
const PATHS = {
  'signs': (signer, pair) => signer.sign_message(message, pair),
  'signs nothing': (signer, pair) => signer.sign_message(new Uint8Array(), pair),
  'signs a long message': (signer, pair) => signer.sign_message(new Uint8Array(1 << 20).fill(7), pair),
  'signs a hundred messages': (signer, pair) => {
    for (let length = 0; length < 100; length += 1) {
      signer.sign_message(new Uint8Array(length * 31).fill(length), pair);
    }
  },
  'derives a public key': (signer, pair) => signer.derive_public_key(pair.subarray(0, 32)),
  'refuses a pair whose halves do not belong together': (signer, pair) => {
    const mixed = Buffer.concat([pair.subarray(0, 32), Buffer.alloc(32, 1)]);
    assert.throws(() => signer.sign_message(message, mixed), { code: 'KEY_PAIR_MISMATCH' });
  },
  'refuses a message that is too long': (signer, pair) => {
    const long = new Uint8Array((16 << 20) + 1);
    assert.throws(() => signer.sign_message(long, pair), { code: 'MESSAGE_TOO_LARGE' });
  },
  'cannot copy a message, which is a view of its own memory': (signer, pair) => {
    // Past the first call, which makes memory grow for the module's own needs.
    signer.derive_public_key(new Uint8Array(32));
    // There is no room for a copy, so that memory grows and the view is empty.
    const view = new Uint8Array(signer.memory().buffer, 0, 1 << 20);
    assert.throws(() => signer.sign_message(view, pair), TypeError);
  },
};

/** These do not copy the secret at all, so that the build without scrubbing leaves none either. */
const NOT_COPIED = {
  'a key that is too short': [KEY_LENGTH, (signer, pair) => signer.sign_message(message, pair.subarray(0, 63))],
  'a key that is too long': [KEY_LENGTH, (signer, pair) => signer.sign_message(message, Buffer.concat([pair, pair]))],
  'a seed that is a keypair': [KEY_LENGTH, (signer, pair) => signer.derive_public_key(pair)],
  'a key in an array of numbers': [TypeError, (signer, pair) => signer.sign_message(message, [...pair])],
  'a message that is a string': [TypeError, (signer, pair) => signer.sign_message('pay alice', pair)],
};

/** The memory of a new instance in which one path was walked with one key. */
async function memoryAfter(folder, path, pair) {
  const signer = await instantiate(folder);
  path(signer, pair);
  return signer.memory();
}

for (const [name, path] of Object.entries(PATHS)) {
  test(`no secret is left where it ${name}`, async () => {
    const seed = randomBytes(32);
    const secrets = secretsOf(seed, message);
    assert.deepEqual(found(await memoryAfter(SCRUBBED, path, keypair(seed)), secrets), []);
    const left = found(await memoryAfter(UNSCRUBBED, path, keypair(seed)), secrets);
    assert.ok(left.includes('seed'), `the search finds no seed in the build without scrubbing either: ${left}`);
  });

  test(`memory is the same for any two keys where it ${name}`, async () => {
    const [one, other] = [keypair(randomBytes(32)), keypair(randomBytes(32))];
    const differing = async (folder) =>
      differences(await memoryAfter(folder, path, one), await memoryAfter(folder, path, other));
    assert.equal(await differing(SCRUBBED), 0);
    assert.ok((await differing(UNSCRUBBED)) >= 32, 'the build without scrubbing shows no difference');
  });
}

for (const [name, [refusal, call]] of Object.entries(NOT_COPIED)) {
  test(`no secret is copied where it refuses ${name}`, async () => {
    const seed = randomBytes(32);
    const path = (signer, pair) => assert.throws(() => call(signer, pair), refusal);
    for (const folder of [SCRUBBED, UNSCRUBBED]) {
      assert.deepEqual(found(await memoryAfter(folder, path, keypair(seed)), secretsOf(seed, message)), [], folder);
    }
  });
}

test('the build without scrubbing leaves more than the seed', async () => {
  const seed = randomBytes(32);
  const left = found(await memoryAfter(UNSCRUBBED, PATHS.signs, keypair(seed)), secretsOf(seed, message));
  assert.ok(left.length >= 2, `only ${left}`);
});

test('a search finds what is there, and only that', () => {
  const seed = randomBytes(32);
  const secrets = secretsOf(seed, message);
  const memory = Buffer.alloc(4096);
  for (const [name, bytes] of Object.entries(secrets)) {
    memory.fill(0);
    bytes.copy(memory, 1001, 20, 27);
    assert.deepEqual(found(memory, secrets), [], `seven bytes of ${name}`);
    bytes.copy(memory, 1001, 20, 28);
    assert.ok(found(memory, secrets).includes(name), `eight bytes of ${name}`);
  }
});
