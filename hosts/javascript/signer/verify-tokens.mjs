// EdDSA JSON Web Tokens (RFC 7519, RFC 8037), verified by the batch.

import { kindOf, listOf, PUBLIC_KEY_LENGTH } from './values.mjs';

/** The verifier takes no longer message. */
const MAX_TOKEN_LENGTH = 16 * 1024 * 1024;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** An escape in JSON, unless it is half a surrogate pair. */
const ESCAPES = /\\(?:u(?:d[89ab]..\\ud[c-f]..|(?!d[89a-f])....)|[^u])/gi;
const STRINGS = /"(?:[^"\\]+|\\.)*"/g;
/** Each number that has a positive exponent, or many digits. */
const NUMBERS = /\b\d[\d.]*e\+?\d+|\b\d{200}[\d.]*/gi;
/** May have a number that no double holds. */
const MAYBE_LARGE = /e\+?\d{3}|\D\d{200}/i;
const PARTS = ['header', 'claims', 'signature'];

/**
 * Verifies the signatures of tokens by the keys of a key set (RFC 7517), all in one batch. `EdDSA` and `Ed25519` (RFC 9864) are the
 * same algorithm, and there is no other.
 *
 * It says who signed the claims, and nothing about them: whether a token has expired (`exp`, `nbf`), is for you (`aud`), or is
 * from whom you expect (`iss`) is for you to check.
 *
 * @example
 *   const [{ claims, code }] = verifyTokens(verifier, [token], { keys: [publicJwk(publicKey)] });
 *   if (!claims) throw new Error(`the token was refused: ${code}`);
 *
 * @param {Pick<import('./verifier.mjs').Verifier, 'verifyMany'>} verifier
 * @param {Iterable<string>} tokens in the compact form
 * @param {string | { keys: readonly object[] }} jwks the key set, or its JSON. Keys of other kinds are left alone
 * @returns {(Accepted | Refused)[]} the claims of each token, or why it is refused
 * @throws {TypeError} if a token is not text, or `jwks` is not a key set
 * @throws {import('./verifier.mjs').SignerError} as {@link import('./verifier.mjs').Verifier.verifyMany}
 */
export function verifyTokens(verifier, tokens, jwks) {
  const keys = keysOf(jwks);
  /** @type {Map<string, Key | Refused>} */
  const keyOfHeader = new Map();
  const all = listOf(tokens, 'the tokens').map((token, index) => {
    if (typeof token !== 'string') throw new TypeError(`token ${index} must be text, not ${kindOf(token)}`);
    return partsOf(token, (header) => {
      const known = keyOfHeader.get(header);
      if (known) return known;
      const key = keyFor(header, keys);
      keyOfHeader.set(header, key);
      return key;
    });
  });
  const verdicts = verifier.verifyMany(all.filter((token) => token.code === undefined));
  let next = 0;
  return all.map((token) => {
    if (token.code !== undefined) return token;
    if (!verdicts[next++]) return refused('SIGNATURE_INVALID', 'the signature is not of these bytes by this key');
    return claimsOf(token.claims);
  });
}

/**
 * @param {string} token
 * @param {(header: string) => Key | Refused} keyOf
 * @returns {Unverified | Refused}
 */
function partsOf(token, keyOf) {
  if (token.length > MAX_TOKEN_LENGTH) return refused('MALFORMED', `a token of ${token.length} letters`);
  const parts = token.split('.', 4);
  if (parts.length !== 3) return refused('MALFORMED', 'a token has three parts, with a dot between each two');
  const decoded = parts.map(fromBase64url);
  const wrong = decoded.indexOf(undefined);
  if (wrong >= 0) return refused('MALFORMED', `the ${PARTS[wrong]} is not in base64url without padding`);
  const key = keyOf(parts[0]);
  if (key.code !== undefined) return key;
  const [, claims, signature] = /** @type {Uint8Array[]} */ (decoded);
  const message = token.slice(0, token.length - parts[2].length - 1);
  return { publicKey: key.publicKey, message, signature, claims };
}

/**
 * @param {string} header in base64url
 * @param {Key[]} keys
 * @returns {Key | Refused}
 */
function keyFor(header, keys) {
  const read = jsonObject(/** @type {Uint8Array} */ (fromBase64url(header)));
  if (!read) return refused('MALFORMED', 'the header is no JSON object');
  const { alg, kid } = read;
  if (typeof alg !== 'string') return refused('MALFORMED', 'the header has no alg that is text');
  if (kid !== undefined && typeof kid !== 'string') return refused('MALFORMED', 'the kid in the header is not text');
  if (alg !== 'EdDSA' && alg !== 'Ed25519')
    return refused('ALGORITHM', `alg is ${JSON.stringify(alg)}; expected EdDSA or Ed25519`);
  if (read.crit !== undefined) return refused('CRITICAL', 'crit has extensions, of which none is known here');
  const fitting = keys.filter(
    (key) => (key.alg === undefined || key.alg === alg) && (kid === undefined || key.kid === kid),
  );
  if (fitting.length === 1) return fitting[0];
  const asked = kid === undefined ? 'and the token has no kid' : `with the kid ${JSON.stringify(kid)}`;
  return refused('NO_KEY', `${fitting.length} keys of the set are for ${alg} ${asked}; expected one`);
}

/** @returns {Accepted | Refused} */
function claimsOf(/** @type {Uint8Array} */ bytes) {
  const claims = jsonObject(bytes);
  return claims ? { claims } : refused('MALFORMED', 'the claims are no JSON object');
}

/**
 * @param {unknown} jwks
 * @returns {Key[]} those that verify Ed25519
 */
function keysOf(jwks) {
  const set = typeof jwks === 'string' ? parsed(jwks) : jwks;
  if (!isObject(set) || !Array.isArray(set.keys) || !set.keys.every(isObject))
    throw new TypeError('a key set is an object, or its JSON, whose keys are an array of objects');
  return set.keys.flatMap((key) => {
    if (key.kty !== 'OKP' || key.crv !== 'Ed25519' || typeof key.x !== 'string') return [];
    if (key.use !== undefined && key.use !== 'sig') return [];
    if (key.key_ops !== undefined && !(Array.isArray(key.key_ops) && key.key_ops.includes('verify'))) return [];
    const publicKey = fromBase64url(key.x);
    return publicKey?.length === PUBLIC_KEY_LENGTH ? [{ publicKey, kid: key.kid, alg: key.alg }] : [];
  });
}

/** @returns {Record<string, unknown> | undefined} */
function jsonObject(/** @type {Uint8Array} */ bytes) {
  try {
    const value = jsonOf(UTF8.decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @returns {unknown} undefined if it is no JSON */
/**
 * What languages would read differently is no JSON here: half a surrogate pair, and a number that no double holds, which would
 * be infinite.
 */
function jsonOf(/** @type {string} */ json) {
  const value = JSON.parse(json);
  // In the text, because of two members of a name the value has only the last.
  if (json.replaceAll(ESCAPES, '').includes('\\')) return undefined;
  if (!MAYBE_LARGE.test(json)) return value;
  const left = json.replaceAll(STRINGS, '').replaceAll(NUMBERS, (number) => (Number.isFinite(+number) ? '' : '!'));
  return left.includes('!') ? undefined : value;
}

function parsed(/** @type {string} */ json) {
  try {
    return jsonOf(json);
  } catch {
    return undefined;
  }
}

/** @returns {value is Record<string, any>} */
function isObject(/** @type {unknown} */ value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {string} text
 * @returns {Uint8Array | undefined} undefined if it is not exactly what {@link import('./token.mjs').base64url} makes of some bytes
 */
export function fromBase64url(text) {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [at, bits, count, wrong] = [0, 0, 0, 0];
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    const digit = code < 128 ? DIGITS[code] : -1;
    wrong |= digit;
    bits = (bits << 6) | digit;
    count += 6;
    if (count >= 8) bytes[at++] = bits >> (count -= 8);
  }
  const isStray = (bits & ((1 << count) - 1)) !== 0;
  return wrong < 0 || isStray ? undefined : bytes;
}

/** The value of each digit of base64url, by its code; -1 for what is none. */
const DIGITS = new Int8Array(128).fill(-1);
[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].forEach((digit, value) => {
  DIGITS[digit.charCodeAt(0)] = value;
});

/** @type {(code: RefusalCode, detail: string) => Refused} */
const refused = (code, detail) => ({ code, detail });

/**
 * `MALFORMED`: not three parts of base64url, or header or claims are not a JSON object; `ALGORITHM`: it is not Ed25519;
 * `CRITICAL`: there is a `crit`; `NO_KEY`: not exactly one key of the set fits; `SIGNATURE_INVALID`.
 *
 * @typedef {'MALFORMED' | 'ALGORITHM' | 'CRITICAL' | 'NO_KEY' | 'SIGNATURE_INVALID'} RefusalCode
 *
 * @typedef {{ claims: Record<string, unknown>, code?: undefined, detail?: undefined }} Accepted
 * @typedef {{ claims?: undefined, code: RefusalCode, detail: string }} Refused the detail is for people
 *
 * @typedef {{ publicKey: Uint8Array, kid?: unknown, alg?: unknown, code?: undefined }} Key
 * @typedef {import('./verifier.mjs').Signed & { claims: Uint8Array, code?: undefined }} Unverified
 */
