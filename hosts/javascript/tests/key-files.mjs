// What is said of keys in files, and what stays of them. Neutral: the tests of every host in JavaScript share it.

import { PUBLISHED_KEY } from '../conformance/published.mjs';
import { Keys, PrivateKey } from '../signer/keys.mjs';
import { Signer } from '../signer/signer.mjs';
import { publicJwk } from '../signer/token.mjs';
import { Verifier } from '../signer/verifier.mjs';
import { verifyTokens } from '../signer/verify-tokens.mjs';
import { noting, outcome } from './mishaps.mjs';
import { expect, listOfTests, same } from './neutral.mjs';
import { bytesInDisguise, lostBytes, notBytes, refuses } from './wrong-values.mjs';

const [SEED, PUBLIC] = [PUBLISHED_KEY.slice(0, 32), PUBLISHED_KEY.slice(32)];
const FORMS = /** @type {const} */ (['pem', 'der', 'jwk']);

/** RFC 8410, 10.3 and 10.1: a private key with an attribute and its public key, and a public one. */
const OF_RFC_8410 = `-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
`;
const PUBLIC_OF_RFC_8410 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`;

/**
 * @param {object} needed
 * @param {BufferSource} needed.raw signer-raw
 * @param {BufferSource} needed.lanes verifier-lanes
 * @param {BufferSource} needed.keys keys
 * @param {typeof import('jose')} needed.jose
 * @returns {Promise<import('./neutral.mjs').Tests>}
 */
export async function keyFiles({ raw, lanes, keys: bytes, jose }) {
  const module = await WebAssembly.compile(bytes);
  const signerModule = await WebAssembly.compile(raw);
  const keys = await Keys.create(bytes);
  const whole = new PrivateKey(SEED, PUBLIC);
  const bare = new PrivateKey(SEED);
  const pem = keys.writePrivateKey(whole, 'pem');
  const base64 = pem.split('\n').slice(1, -2).join('');

  const expectKey = (/** @type {PrivateKey} */ { seed, publicKey }, /** @type {PrivateKey} */ expected) => {
    expect(same(seed, expected.seed), 'another seed');
    expect(Boolean(publicKey) === Boolean(expected.publicKey), 'one of both has no public key');
    if (publicKey) expect(same(publicKey, PUBLIC), 'another public key');
  };
  const expectReads = (/** @type {Keys} */ reader) => expectKey(reader.readPrivateKey(pem), whole);

  const { tests, test } = listOfTests();

  test('keys: what is written is read again, as text and as bytes', () => {
    for (const form of FORMS) {
      const files = [keys.writePublicKey(PUBLIC, form), keys.writePrivateKey(whole, form)];
      for (const file of files) expect((typeof file === 'string') === (form !== 'der'), `${form} is ${typeof file}`);
      const [ofPublic, ofWhole] = files.map((file) =>
        typeof file === 'string' ? new TextEncoder().encode(file) : file,
      );
      for (const file of [files[0], ofPublic]) expect(same(keys.readPublicKey(file), PUBLIC), `${form}: another key`);
      for (const file of [files[1], ofWhole]) expectKey(keys.readPrivateKey(file), whole);
    }
    for (const form of /** @type {const} */ (['pem', 'der'])) {
      expectKey(keys.readPrivateKey(keys.writePrivateKey(bare, form)), bare);
    }
    expect(outcome(() => keys.writePrivateKey(bare, 'jwk')) === 'KEY_JWK', 'a JWK without x');
  });

  test('keys: those of RFC 8410 are read, and belong together', async () => {
    const key = keys.readPrivateKey(OF_RFC_8410);
    const publicKey = keys.readPublicKey(PUBLIC_OF_RFC_8410);
    expect(key.publicKey && same(key.publicKey, publicKey), 'another public key stands beside the seed');
    const signer = await Signer.fromPrivateKey(signerModule, key);
    expect(same(signer.publicKey, publicKey), 'the signer has another public key');
  });

  test('keys: WebCrypto reads what is written, and what it writes is read', async () => {
    const { subtle } = crypto;
    const buffer = (/** @type {Uint8Array} */ file) => Uint8Array.from(file);
    const imported = await subtle.importKey('pkcs8', buffer(keys.writePrivateKey(bare, 'der')), 'Ed25519', true, [
      'sign',
    ]);
    const spki = buffer(keys.writePublicKey(PUBLIC, 'der'));
    const verifying = await subtle.importKey('spki', spki, 'Ed25519', true, ['verify']);
    const message = Uint8Array.of(1, 2, 3);
    const signature = await subtle.sign('Ed25519', imported, message);
    expect(await subtle.verify('Ed25519', verifying, signature, message), 'they do not belong together');
    const [ofPrivate, ofPublic] = await Promise.all([
      subtle.exportKey('pkcs8', imported),
      subtle.exportKey('spki', verifying),
    ]);
    expectKey(keys.readPrivateKey(new Uint8Array(ofPrivate)), bare);
    expect(same(keys.readPublicKey(new Uint8Array(ofPublic)), PUBLIC), 'another public key');
    expectKey(keys.readPrivateKey(JSON.stringify(await subtle.exportKey('jwk', imported))), whole);
  });

  /** @type {[code: string, read: () => unknown][]} */
  const REFUSALS = [
    ['KEY_FORMAT', () => keys.readPrivateKey('')],
    ['KEY_PEM', () => keys.readPrivateKey(pem.replace('END', 'AND'))],
    ['KEY_DER', () => keys.readPrivateKey(Uint8Array.of(...keys.writePrivateKey(whole, 'der'), 0))],
    ['KEY_JWK', () => keys.readPrivateKey(keys.writePrivateKey(whole, 'jwk').replace('"x"', '"y"'))],
    ['KEY_ALGORITHM', () => keys.readPrivateKey(keys.writePrivateKey(whole, 'jwk').replace('Ed25519', 'X25519'))],
    ['KEY_ENCRYPTED', () => keys.readPrivateKey(pem.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'))],
    ['KEY_IS_PUBLIC', () => keys.readPrivateKey(PUBLIC_OF_RFC_8410)],
    ['KEY_IS_PRIVATE', () => keys.readPublicKey(pem)],
    ['KEY_TOO_LARGE', () => keys.readPrivateKey(pem.padEnd(16385))],
    ['KEY_LENGTH', () => new PrivateKey(new Uint8Array(31))],
    ['PUBLIC_KEY_LENGTH', () => keys.writePublicKey(new Uint8Array(33), 'pem')],
    ['PUBLIC_KEY_LENGTH', () => new PrivateKey(SEED, new Uint8Array(31))],
  ];
  test('keys: each refusal has its code, and says nothing of the key', () => {
    for (const [code, read] of REFUSALS) {
      expect(outcome(read) === code, `${code}: ${outcome(read)}`);
      try {
        read();
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        expect(message.length > 20 && !message.includes(base64.slice(30, 40)), `${code}: ${message}`);
      }
      expectReads(keys);
    }
    expectKey(keys.readPrivateKey(pem.padEnd(16384)), whole);
  });

  test('keys: a value of the wrong type is a TypeError, and bytes are taken for what they are', () => {
    /** @type {Record<string, (value: any) => unknown>} */
    const calls = {
      readPrivateKey: (value) => keys.readPrivateKey(value),
      readPublicKey: (value) => keys.readPublicKey(value),
      'writePublicKey, its key': (value) => keys.writePublicKey(value, 'pem'),
      'writePrivateKey, its key': (value) => keys.writePrivateKey(value, 'pem'),
      'writePrivateKey, its form': (value) => keys.writePrivateKey(whole, value),
      'writePublicKey, its form': (value) => keys.writePublicKey(PUBLIC, value),
      'new PrivateKey': (value) => new PrivateKey(value),
      'new PrivateKey, its public key': (value) => new PrivateKey(SEED, value === undefined ? null : value),
      'new Keys': (value) => new Keys(value),
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const [what, value] of [...notBytes(), ...lostBytes()]) refuses(() => call(value), `${name}: ${what}`);
      expectReads(keys);
    }
    for (const form of ['PEM', 'toString', '__proto__', '']) {
      refuses(() => keys.writePublicKey(PUBLIC, /** @type {any} */ (form)), form);
    }
    refuses(() => keys.readPrivateKey('\ud83e'), 'half a surrogate pair');
    for (const [name, file] of bytesInDisguise(new TextEncoder().encode(pem))) {
      expect(outcome(() => expectKey(keys.readPrivateKey(file), whole)) === 'ok', name);
    }
    expect(same(SEED, PUBLISHED_KEY.subarray(0, 32)), 'what was passed was changed');
  });

  test('keys: a key is shown by nothing, is copied, and is closed', () => {
    const seed = SEED.slice();
    const key = new PrivateKey(seed, PUBLIC);
    seed.fill(0);
    key.seed.fill(0);
    expectKey(key, whole);
    expect(JSON.stringify(key) === '{}' && `${key}` === '[object Object]', 'it shows something');
    expect(Reflect.ownKeys(key).length === 0, 'it has members that anything may show');
    key[Symbol.dispose]();
    key.close();
    for (const call of [() => key.seed, () => keys.writePrivateKey(key, 'pem')]) {
      expect(outcome(call) === 'CLOSED', `a closed key: ${outcome(call)}`);
    }
    const [one, other] = [PrivateKey.generate(), PrivateKey.generate()];
    expect(!same(one.seed, other.seed) && one.publicKey === undefined, 'it generates the same key twice');
  });

  test('keys: a call within another one is refused, and after close there is none', () => {
    const reader = new Keys(module);
    /** @type {Record<string, () => unknown>} */
    const calls = {
      readPrivateKey: () => reader.readPrivateKey(pem),
      readPublicKey: () => reader.readPublicKey(PUBLIC_OF_RFC_8410),
      writePrivateKey: () => reader.writePrivateKey(whole, 'pem'),
      writePublicKey: () => reader.writePublicKey(PUBLIC, 'pem'),
    };
    const expectAll = (/** @type {string} */ code) => {
      for (const [name, call] of Object.entries(calls)) expect(outcome(call) === code, `${name}: ${outcome(call)}`);
    };
    class Calling extends PrivateKey {
      get seed() {
        expectAll('IN_USE');
        expect(outcome(() => reader.close()) === 'IN_USE', 'close');
        return super.seed;
      }
    }
    expect(reader.writePrivateKey(new Calling(SEED, PUBLIC), 'pem') === pem, 'the call in progress was disturbed');
    expectAll('ok');
    reader.close();
    reader[Symbol.dispose]();
    expectAll('CLOSED');
  });

  test('keys: nothing of a key stays after a call, however it ends', () => {
    const jwk = keys.writePrivateKey(whole, 'jwk');
    for (const trapAt of [
      '',
      'get_file_ptr',
      'read_private_key',
      'get_seed_ptr',
      'has_public_key',
      'write_private_key',
      'wipe',
    ]) {
      noting((noted) => {
        const reader = new Keys(module);
        for (const call of [
          () => reader.readPrivateKey(pem),
          () => reader.readPrivateKey(new TextEncoder().encode(jwk)),
          () => reader.readPrivateKey(jwk.replace('"x"', '"y"')),
          () => reader.readPublicKey(pem),
          () => reader.writePrivateKey(whole, 'der'),
          () => reader.writePrivateKey(bare, 'jwk'),
        ]) {
          noted.trapAt = trapAt;
          const ended = outcome(call);
          expect(['ok', 'TRAPPED', 'KEY_JWK', 'KEY_IS_PRIVATE'].includes(ended), `${trapAt}: ${ended}`);
          noted.expectWithout(SEED, `the seed, ${trapAt}`);
          noted.expectWithout(new TextEncoder().encode(base64), `its base64, ${trapAt}`);
          noted.trapAt = '';
          expectReads(reader);
        }
        expect(noted.instances.length === 1 || trapAt !== '', 'an instance was replaced for nothing');
      });
    }
  });

  test('keys: one that cannot be restored after a trap is closed, and says so', () =>
    void noting((noted) => {
      const reader = new Keys(module);
      noted.trapAt = 'read_private_key';
      noted.instead = () => {
        throw new Error('no instance today');
      };
      expect(outcome(() => reader.readPrivateKey(pem)) === 'TRAPPED', 'the first call says TRAPPED');
      noted.expectWithout(SEED, 'the seed');
      noted.instead = (same) => same;
      expect(outcome(() => reader.readPrivateKey(pem)) === 'CLOSED', 'and the next one CLOSED');
    }));

  test('keys: a signer takes one with its public key, derives it, and refuses that of another', async () => {
    for (const key of [whole, bare]) {
      const signer = await Signer.fromPrivateKey(signerModule, key, { batchModules: [raw] });
      expect(same(signer.publicKey, PUBLIC) && signer.signMany(['', 'hello']).length === 2, 'it has another key');
      signer.close();
      expectKey(key, key === whole ? whole : bare);
    }
    const wrong = new PrivateKey(SEED, keys.readPublicKey(PUBLIC_OF_RFC_8410));
    const closed = new PrivateKey(SEED);
    closed.close();
    const ends = [wrong, closed, null, {}, SEED].map((key) =>
      Signer.fromPrivateKey(signerModule, /** @type {any} */ (key)).then(
        () => 'ok',
        (error) => error.code ?? error.name,
      ),
    );
    const expected = ['KEY_PAIR_MISMATCH', 'CLOSED', 'TypeError', 'TypeError', 'TypeError'];
    expect(`${await Promise.all(ends)}` === `${expected}`, `${await Promise.all(ends)}`);
  });

  test('keys: a signer that could not be made of a key leaves no copy of it', async () => {
    const RealArray = Uint8Array;
    /** @type {Uint8Array[]} */
    const keypairs = [];
    globalThis.Uint8Array = new Proxy(RealArray, {
      construct: (_, args) => {
        const array = new RealArray(.../** @type {[any]} */ (args));
        if (args[0] === PUBLISHED_KEY.length) keypairs.push(array);
        return array;
      },
    });
    const wrong = new PrivateKey(SEED, keys.readPublicKey(PUBLIC_OF_RFC_8410));
    const code = await Signer.fromPrivateKey(signerModule, wrong).then(
      () => 'ok',
      (error) => error.code,
    );
    globalThis.Uint8Array = RealArray;
    expect(code === 'KEY_PAIR_MISMATCH' && keypairs.length > 1, `${code}, ${keypairs.length} keypairs`);
    for (const one of keypairs)
      expect(
        one.every((byte) => byte === 0),
        'a keypair is still there',
      );
  });

  test('keys: tokens that a signer makes are verified by jose, and those of jose by a verifier', async () => {
    const key = new PrivateKey(SEED, PUBLIC);
    const signer = await Signer.fromPrivateKey(signerModule, key);
    const verifier = await Verifier.create([lanes]);
    const claims = { sub: 'alice', text: 'é🦀' };
    for (const alg of /** @type {const} */ (['EdDSA', 'Ed25519'])) {
      const jwk = { ...JSON.parse(keys.writePrivateKey(key, 'jwk')), alg };
      const jwks = { keys: [{ ...publicJwk(PUBLIC), alg, kid: 'a' }] };
      const token = signer.signToken(claims, { alg, kid: 'a' });
      const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet(jwks), {
        algorithms: [alg],
      });
      expect(JSON.stringify(payload) === JSON.stringify(claims), `jose reads other claims: ${JSON.stringify(payload)}`);
      const header = JSON.stringify({ alg, typ: 'JWT', kid: 'a' });
      expect(JSON.stringify(protectedHeader) === header, `the header: ${JSON.stringify(protectedHeader)}`);
      const ofJose = await new jose.SignJWT(claims)
        .setProtectedHeader({ alg, kid: 'a' })
        .sign(await jose.importJWK(jwk));
      const [{ claims: read, code }] = verifyTokens(verifier, [ofJose], jwks);
      expect(JSON.stringify(read) === JSON.stringify(claims), `the token of jose: ${code}`);
    }
    expect(signer.signToken({}).startsWith('eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.'), 'EdDSA without a kid by default');
    for (const options of [{ alg: 'ES256' }, { alg: null }, { kid: 5 }, { kid: null }, { kid: 'a\ud83e' }]) {
      refuses(() => signer.signToken({}, /** @type {any} */ (options)), JSON.stringify(options));
    }
  });
  return tests;
}
