// hosts/token-cases.json, put to verifyTokens and to jose. Neutral: the tests of every host in JavaScript share it.

import { Signer } from '../signer/signer.mjs';
import { base64url, publicJwk } from '../signer/token.mjs';
import { Verifier } from '../signer/verifier.mjs';
import { fromBase64url, verifyTokens } from '../signer/verify-tokens.mjs';
import { expect, listOfTests, same } from './neutral.mjs';
import { notBytes } from './wrong-values.mjs';

/** Where jose says the opposite, and why. */
const JOSE_DIFFERS = new Map([
  ['expired', 'it checks exp'],
  ['not valid yet', 'it checks nbf'],
  ['a key to sign and to verify with', 'WebCrypto imports no public key to sign with'],
  ['padding', 'it decodes base64url with padding'],
  ['a line end after', 'it decodes base64url with white space'],
  ['stray bits in the signature', 'it decodes base64url with stray bits'],
  ['a byte order mark before the header', 'it skips one'],
  ['a byte order mark before the claims', 'it skips one'],
  ['claims with half a surrogate pair, escaped', 'JSON.parse lets it pass'],
  ['claims with the other half in a name', 'JSON.parse lets it pass'],
  ['claims with the halves of a pair in the wrong order', 'JSON.parse lets it pass'],
  ['a header with half a surrogate pair, escaped', 'JSON.parse lets it pass'],
  ['claims with a number that no double holds', 'JSON.parse makes it infinite'],
  ['claims with such a number, of many digits', 'JSON.parse makes it infinite'],
  ['claims with such a number, of many digits and a small exponent', 'JSON.parse makes it infinite'],
  ['a header with a number that no double holds', 'JSON.parse makes it infinite'],
]);

/** Where it is the runtime's WebCrypto that says so: of Node and Bun both, of Deno the first, of the browsers the second. */
const MAY_DIFFER = ['x with padding', 'x with stray bits'];

/**
 * @param {object} needed
 * @param {BufferSource} needed.raw signer-raw
 * @param {BufferSource} needed.lanes verifier-lanes
 * @param {ReturnType<typeof import('./token-cases.mjs').tokenCases>} needed.table hosts/token-cases.json
 * @param {typeof import('jose')} needed.jose
 * @returns {Promise<import('./neutral.mjs').Tests>}
 */
export async function verifyingTokens({ raw, lanes, table, jose }) {
  const cases = /** @type {{ name: string, jwks: string, token: string, code?: string, claims?: object }[]} */ (
    table.cases
  );
  const sets = /** @type {Record<string, { keys: object[] }>} */ (table.key_sets);
  const verifier = await Verifier.create([lanes]);
  const signer = await Signer.create(raw);
  const seed = new Uint8Array(32).fill(7);
  const publicKey = signer.derivePublicKey(seed);
  signer.loadKey(Uint8Array.from([...seed, ...publicKey]));
  const set = { keys: [publicJwk(publicKey)] };

  const { tests, test } = listOfTests();

  test('tokens: the claims of each, or the code of its refusal, with the set parsed and as text', () => {
    for (const { name, jwks, token, code, claims } of cases) {
      for (const keys of [sets[jwks], JSON.stringify(sets[jwks])]) {
        const [given] = verifyTokens(verifier, [token], keys);
        expect(given.code === code && isSame(given.claims, claims), `${name}: ${JSON.stringify(given)}`);
        expect(code === undefined || given.detail, `${name}: a refusal without words`);
      }
    }
  });

  test('tokens: all of a set are one batch, and answered in their order', () => {
    let batches = 0;
    const counting = { verifyMany: (/** @type {any} */ items) => ((batches += 1), verifier.verifyMany(items)) };
    const ofTwo = cases.filter(({ jwks }) => jwks === 'two');
    const given = verifyTokens(counting, new Set(ofTwo.map(({ token }) => token)), sets.two);
    expect(batches === 1 && given.length === ofTwo.length && given.length > 4, `${batches} batches`);
    for (const [index, { name, code, claims }] of ofTwo.entries()) {
      expect(given[index].code === code && isSame(given[index].claims, claims), name);
    }
    expect(verifyTokens(verifier, [], sets.two).length === 0, 'something was said of nothing');
  });

  test('tokens: what signToken makes is accepted, of any length, and no longer than a message', () => {
    for (let length = 0; length < 9; length += 1) {
      const claims = { pad: 'x'.repeat(length) };
      expect(isSame(verifyTokens(verifier, [signer.signToken(claims)], set)[0].claims, claims), `${length}`);
    }
    const long = `${'A'.repeat(16 * 1024 * 1024)}.AAAA.AAAA`;
    const [first, second] = verifyTokens(verifier, [long, signer.signToken({})], set);
    expect(first.code === 'MALFORMED' && second.claims, 'a long token disturbs another');
  });

  test('tokens: a key set that is none, and tokens that are not text, are errors of the call', () => {
    const refuses = (/** @type {any} */ tokens, /** @type {any} */ jwks, /** @type {string} */ name) => {
      let given;
      try {
        given = verifyTokens(verifier, tokens, jwks);
      } catch (error) {
        return expect(error instanceof TypeError, `${name}: ${error}`);
      }
      throw new Error(`${name} was taken: ${JSON.stringify(given)}`);
    };
    for (const [name, jwks] of Object.entries(table.bad_key_sets)) {
      refuses([], jwks, name);
      refuses([], typeof jwks === 'string' ? jwks : JSON.stringify(jwks), `${name}, as text`);
    }
    for (const [name, value] of notBytes()) {
      refuses([value], set, `${name} as a token`);
      if (!/^(an empty array|a Map|a Set)$/.test(name)) refuses(value, set, `${name} as the tokens`);
    }
    refuses('a.b.c', set, 'a token as the tokens');
  });

  test('base64url is decoded if it is what those bytes have as their only form', () => {
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    for (const letter of [...alphabet, '+', '/', '=', ' ', '\n', '\u0141', '\u0000']) {
      for (const text of [
        '',
        'A',
        'AA',
        'AAA',
        'AAAA',
        letter,
        `A${letter}`,
        `AA${letter}`,
        `AAA${letter}`,
        `${letter}AAA`,
      ]) {
        const bytes = fromBase64url(text);
        const isForm = /^[\w-]*$/.test(text) && text.length % 4 !== 1 && base64url(loose(text)) === text;
        expect(isForm ? bytes && same(bytes, loose(text)) : bytes === undefined, `${JSON.stringify(text)}: ${bytes}`);
      }
    }
  });

  test('tokens: jose accepts the same, except where it is known not to', async () => {
    const wrong = [];
    for (const { name, jwks, token, claims } of cases.filter(({ name }) => !MAY_DIFFER.includes(name))) {
      const keys = jose.createLocalJWKSet(/** @type {any} */ (sets[jwks]));
      const given = await jose.jwtVerify(token, keys, { algorithms: ['EdDSA', 'Ed25519'] }).then(
        ({ payload }) => payload,
        () => undefined,
      );
      const agrees = (given !== undefined) === (claims !== undefined);
      if (agrees === JOSE_DIFFERS.has(name) || (given && claims && !isSame(given, claims))) wrong.push(name);
    }
    expect(wrong.length === 0, `jose is not as expected about: ${wrong.join('; ')}`);
    for (const name of JOSE_DIFFERS.keys())
      expect(
        cases.some((one) => one.name === name),
        `there is no case ${name}`,
      );
  });

  return tests;
}

/** @returns {Uint8Array} the bytes, whatever the stray bits are */
function loose(/** @type {string} */ text) {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(plain.slice(0, plain.length - (plain.length % 4 === 1 ? 1 : 0))), (letter) =>
    letter.charCodeAt(0),
  );
}

/** @returns {boolean} whether both are the same in JSON, in any order */
function isSame(/** @type {unknown} */ one, /** @type {unknown} */ other) {
  const sorted = (/** @type {unknown} */ value) =>
    JSON.stringify(value, (_, part) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort())
        : part,
    );
  return sorted(one) === sorted(other);
}
