// The cases of hosts/token-cases.json, which every language that verifies tokens is held to. Ed25519 signs the same each time, so
// that a test can hold the file to what this makes.
//
//   node hosts/javascript/tests/token-cases.mjs    writes the file

import crypto from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const FILE = fileURLToPath(new URL('../../token-cases.json', import.meta.url));

/** RFC 8037, A.1. */
const A = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};
/** RFC 8032, 7.1, TEST 2. */
const B = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs',
  x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
};
/** Its payload is no JSON. */
const OF_RFC_8037 =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.' +
  'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';
/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const publicA = { kty: A.kty, crv: A.crv, x: A.x };
const publicB = { ...publicA, x: B.x };
const [a, b] = [
  { ...publicA, kid: 'a' },
  { ...publicB, kid: 'b' },
];
const RSA = { kty: 'RSA', n: 'sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri', e: 'AQAB', kid: 'a' };

const SETS = {
  one: { keys: [a] },
  two: { keys: [a, b] },
  empty: { keys: [] },
  'one without a kid': { keys: [publicA] },
  'two without a kid': { keys: [publicA, publicB] },
  'two of one kid': { keys: [a, { ...publicB, kid: 'a' }] },
  'an empty kid': { keys: [{ ...publicA, kid: '' }, b] },
  'a kid that is a number': { keys: [{ ...publicA, kid: 1 }] },
  'for EdDSA': { keys: [{ ...a, alg: 'EdDSA' }] },
  'for Ed25519': { keys: [{ ...a, alg: 'Ed25519' }] },
  'to verify': { keys: [{ ...a, use: 'sig', key_ops: ['verify'] }] },
  'to sign and verify': { keys: [{ ...a, key_ops: ['sign', 'verify'] }] },
  'to encrypt': { keys: [{ ...a, use: 'enc' }] },
  'to sign only': { keys: [{ ...a, key_ops: ['sign'] }] },
  'others of the same kid': {
    keys: [RSA, { kty: 'oct', k: 'AAAA', kid: 'a' }, { ...a, crv: 'X25519' }, { ...a, crv: 'Ed448' }, { kid: 'a' }, a],
  },
  'no Ed25519': { keys: [RSA, { ...a, crv: 'X25519' }, { ...a, kty: 'EC' }] },
  'x of 31 bytes': { keys: [{ ...a, x: encoded(decoded(A.x).subarray(1)) }] },
  'x of 33 bytes': { keys: [{ ...a, x: encoded(Buffer.concat([decoded(A.x), Buffer.alloc(1)])) }] },
  'x with padding': { keys: [{ ...a, x: `${A.x}=` }] },
  'x with stray bits': { keys: [{ ...a, x: `${A.x.slice(0, -1)}p` }] },
  'x that is a number': { keys: [{ ...a, x: 5 }] },
  'x that is no point': { keys: [{ ...a, x: encoded(Buffer.alloc(32, 2)) }] },
};

/** Each is an error of the call. */
const BAD_SETS = {
  'text that is no JSON': '{"keys":',
  'no object': [],
  null: null,
  'a number': 5,
  'text with half a surrogate pair': '{"keys":[{"kid":"\\ud800"}]}',
  'without keys': {},
  'keys that are no array': { keys: a },
  'a key that is no object': { keys: [a, 'b'] },
};

const CLAIMS = { sub: 'alice', admin: false };
const EDDSA = { alg: 'EdDSA', kid: 'a' };

/**
 * A token, signed rightly. Header and claims are values; text and bytes are taken as they are.
 *
 * @param {unknown} header
 * @param {unknown} claims
 */
function token(header = EDDSA, claims = CLAIMS, key = A) {
  const signed = [header, claims].map((part) => encoded(bytesOf(part))).join('.');
  return `${signed}.${encoded(signature(signed, key))}`;
}

/** The same with another signature. */
function forged(
  /** @type {(signature: Buffer) => Uint8Array} */ change,
  header = EDDSA,
  /** @type {unknown} */ claims = CLAIMS,
) {
  const [first, second, right] = token(header, claims).split('.');
  return [first, second, encoded(change(decoded(right)))].join('.');
}

/** The token with one of its parts changed. */
function changed(/** @type {number} */ part, /** @type {(text: string) => string} */ change, whole = token()) {
  return whole
    .split('.')
    .map((text, index) => (index === part ? change(text) : text))
    .join('.');
}

/** Sets a bit that no byte has. */
function stray(/** @type {string} */ text) {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  if (text.length % 4 === 0) throw new Error(`each bit of ${text} is in a byte`);
  return text.slice(0, -1) + digits[digits.indexOf(text.slice(-1)) | 1];
}

const text = (/** @type {string} */ json) => Buffer.from(json);
const withBytes = (/** @type {string} */ before, /** @type {number[]} */ bytes, /** @type {string} */ after) =>
  Buffer.concat([text(before), Uint8Array.from(bytes), text(after)]);

/** S + L: the same signature, unless the verifier checks that S is below L. */
function withLargeS(/** @type {Buffer} */ right) {
  const s = BigInt(`0x${Buffer.from(right.subarray(32)).reverse().toString('hex')}`) + L;
  return Buffer.concat([right.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]);
}

function hmac() {
  const signed = [{ alg: 'HS256', kid: 'a' }, CLAIMS].map((part) => encoded(bytesOf(part))).join('.');
  return `${signed}.${crypto.createHmac('sha256', decoded(A.x)).update(signed).digest('base64url')}`;
}

/** @type {[name: string, set: keyof typeof SETS, token: string, claims: Record<string, unknown>][]} */
const ACCEPTED = [
  ['EdDSA, as RFC 8037 names it', 'one', token(), CLAIMS],
  ['Ed25519, as RFC 9864 names it', 'one', token({ alg: 'Ed25519', kid: 'a' }), CLAIMS],
  ['by the other key of two', 'two', token({ alg: 'EdDSA', kid: 'b' }, CLAIMS, B), CLAIMS],
  ['without a kid, one key', 'one without a kid', token({ alg: 'EdDSA' }), CLAIMS],
  ['without a kid, one key that has one', 'one', token({ alg: 'EdDSA' }), CLAIMS],
  ['a kid that is empty', 'an empty kid', token({ alg: 'EdDSA', kid: '' }), CLAIMS],
  ['a key for EdDSA', 'for EdDSA', token(), CLAIMS],
  ['a key for Ed25519', 'for Ed25519', token({ alg: 'Ed25519', kid: 'a' }), CLAIMS],
  ['a key to verify with', 'to verify', token(), CLAIMS],
  ['a key to sign and to verify with', 'to sign and verify', token(), CLAIMS],
  ['the one Ed25519 key of a kid', 'others of the same kid', token(), CLAIMS],
  ['more in the header', 'one', token({ typ: 'JWT', cty: 'x', ...EDDSA, later: { b: [1] } }), CLAIMS],
  ['spaces in the header', 'one', token(text('{ "alg" : "EdDSA",\r\n\t"kid":"a" } ')), CLAIMS],
  ['escapes in the header', 'one', token(text('{"\\u0061lg":"Ed\\u0044SA","kid":"a"}')), CLAIMS],
  ['alg twice, of which the last counts', 'one', token(text('{"alg":"none","alg":"EdDSA"}')), CLAIMS],
  ['b64 without a crit is not understood, and ignored', 'one', token({ ...EDDSA, b64: false }), CLAIMS],
  ['no claims', 'one', token(EDDSA, {}), {}],
  [
    'claims of other alphabets',
    'one',
    token(EDDSA, { näme: 'Ā日本🦀', '': '\u0000"' }),
    { näme: 'Ā日本🦀', '': '\u0000"' },
  ],
  [
    'claims in claims',
    'one',
    token(EDDSA, { list: [1, 1.5, null, true, { a: [] }] }),
    { list: [1, 1.5, null, true, { a: [] }] },
  ],
  [
    'a claim twice, of which the last counts',
    'one',
    token(EDDSA, text('{"sub":"bob","sub":"alice"}')),
    { sub: 'alice' },
  ],
  ['a surrogate pair, escaped', 'one', token(EDDSA, text('{"sub":"\\uD83E\\udd80"}')), { sub: '🦀' }],
  ['a backslash, and what is no escape', 'one', token(EDDSA, text('{"sub":"\\\\ud800"}')), { sub: '\\ud800' }],
  ['a number that is nearly too large', 'one', token(EDDSA, text('{"n":[1e308,1E-999]}')), { n: [1e308, 0] }],
  ['expired', 'one', token(EDDSA, { exp: 1 }), { exp: 1 }],
  ['not valid yet', 'one', token(EDDSA, { nbf: 32503680000 }), { nbf: 32503680000 }],
  ['for another audience', 'one', token(EDDSA, { aud: 'others' }), { aud: 'others' }],
  ['claims of 4 KB', 'one', token(EDDSA, { pad: 'x'.repeat(4096) }), { pad: 'x'.repeat(4096) }],
];

/** @type {[code: string, name: string, set: keyof typeof SETS, token: string][]} */
const REFUSED = [
  ['MALFORMED', 'nothing', 'one', ''],
  ['MALFORMED', 'one part', 'one', token().split('.')[0]],
  ['MALFORMED', 'two parts', 'one', token().split('.').slice(0, 2).join('.')],
  ['MALFORMED', 'four parts', 'one', `${token()}.`],
  ['MALFORMED', 'five parts, as of an encrypted token', 'one', `${token()}.AAAA.AAAA`],
  ['MALFORMED', 'three empty parts', 'one', '..'],
  ['MALFORMED', 'padding', 'one', `${token()}==`],
  ['MALFORMED', 'a space before', 'one', ` ${token()}`],
  ['MALFORMED', 'a line end after', 'one', `${token()}\n`],
  ['MALFORMED', 'a line end within', 'one', changed(1, (part) => `${part.slice(0, 4)}\n${part.slice(4)}`)],
  ['MALFORMED', 'the digits + and / of plain base64', 'one', changed(2, () => `+/${'A'.repeat(84)}`)],
  ['MALFORMED', 'a letter beyond ASCII', 'one', changed(1, (part) => `${part}éé`)],
  ['MALFORMED', 'a letter that ends in the byte of a digit', 'one', changed(1, (part) => `${part.slice(0, -1)}\u0141`)],
  ['MALFORMED', 'a digit too many', 'one', changed(2, (part) => `${part}AAA`)],
  ['MALFORMED', 'stray bits in the header', 'one', changed(0, stray, token({ ...EDDSA, more: 1 }))],
  ['MALFORMED', 'stray bits in the claims', 'one', changed(1, stray, token(EDDSA, { sub: 'bob' }))],
  ['MALFORMED', 'stray bits in the signature', 'one', changed(2, stray)],
  ['MALFORMED', 'a header that is no JSON', 'one', token(text('{"alg":"EdDSA"'))],
  ['MALFORMED', 'something after the header', 'one', token(text('{"alg":"EdDSA"}{}'))],
  ['MALFORMED', 'a header that is text', 'one', token('"EdDSA"')],
  ['MALFORMED', 'a header that is an array', 'one', token(['EdDSA'])],
  ['MALFORMED', 'a header that is null', 'one', token(null)],
  ['MALFORMED', 'a header with NaN', 'one', token(text('{"alg":"EdDSA","n":NaN}'))],
  ['MALFORMED', 'a header that is not UTF-8', 'one', token(withBytes('{"alg":"EdDSA","n":"', [0xff], '"}'))],
  ['MALFORMED', 'a header in UTF-16', 'one', token(Buffer.from('{"alg":"EdDSA"}', 'utf16le'))],
  ['MALFORMED', 'a byte order mark before the header', 'one', token(text('\ufeff{"alg":"EdDSA"}'))],
  ['MALFORMED', 'no alg', 'one', token({ kid: 'a' })],
  ['MALFORMED', 'ALG for alg', 'one', token({ ALG: 'EdDSA' })],
  ['MALFORMED', 'an alg of null', 'one', token({ alg: null })],
  ['MALFORMED', 'an alg in an array', 'one', token({ alg: ['EdDSA'] })],
  ['MALFORMED', 'alg in the prototype', 'one', token(text('{"__proto__":{"alg":"EdDSA"}}'))],
  ['MALFORMED', 'a kid that is a number', 'a kid that is a number', token({ alg: 'EdDSA', kid: 1 })],
  ['MALFORMED', 'a kid of null', 'one without a kid', token({ alg: 'EdDSA', kid: null })],
  ['MALFORMED', 'the example of RFC 8037, whose payload is no JSON', 'one', OF_RFC_8037],
  ['MALFORMED', 'claims that are text', 'one', token(EDDSA, '"alice"')],
  ['MALFORMED', 'claims that are an array', 'one', token(EDDSA, [CLAIMS])],
  ['MALFORMED', 'claims that are null', 'one', token(EDDSA, null)],
  ['MALFORMED', 'claims of no bytes', 'one', token(EDDSA, text(''))],
  ['MALFORMED', 'claims with NaN', 'one', token(EDDSA, text('{"n":NaN}'))],
  ['MALFORMED', 'claims with Infinity', 'one', token(EDDSA, text('{"n":-Infinity}'))],
  ['MALFORMED', 'claims that are not UTF-8', 'one', token(EDDSA, withBytes('{"sub":"', [0xc3, 0x28], '"}'))],
  [
    'MALFORMED',
    'claims with half a surrogate pair in UTF-8',
    'one',
    token(EDDSA, withBytes('{"sub":"', [0xed, 0xa0, 0x80], '"}')),
  ],
  ['MALFORMED', 'claims with half a surrogate pair, escaped', 'one', token(EDDSA, text('{"sub":"\\ud800"}'))],
  ['MALFORMED', 'claims with the other half in a name', 'one', token(EDDSA, text('{"list":[{"\\uDFFF":1}]}'))],
  [
    'MALFORMED',
    'claims with the halves of a pair in the wrong order',
    'one',
    token(EDDSA, text('{"sub":"\\udd80\\ud83e"}')),
  ],
  ['MALFORMED', 'claims with a number that no double holds', 'one', token(EDDSA, text('{"exp":1e999}'))],
  ['MALFORMED', 'claims with such a number, of many digits', 'one', token(EDDSA, text(`{"n":[-${'9'.repeat(310)}]}`))],
  [
    'MALFORMED',
    'claims with such a number, of many digits and a small exponent',
    'one',
    token(EDDSA, text(`{"exp":${'9'.repeat(250)}E+60}`)),
  ],
  [
    'MALFORMED',
    'a header with half a surrogate pair, escaped',
    'one',
    token(text('{"alg":"EdDSA","kid":"a","x":"\\ud800"}')),
  ],
  [
    'MALFORMED',
    'a header with a number that no double holds',
    'one',
    token(text('{"alg":"EdDSA","kid":"a","x":1e999}')),
  ],
  ['MALFORMED', 'claims in UTF-16', 'one', token(EDDSA, Buffer.from('{}', 'utf16le'))],
  ['MALFORMED', 'a byte order mark before the claims', 'one', token(EDDSA, text('\ufeff{}'))],
  ['ALGORITHM', 'none, without a signature', 'one', changed(2, () => '', token({ alg: 'none', kid: 'a' }))],
  ['ALGORITHM', 'none, with a signature', 'one', token({ alg: 'none', kid: 'a' })],
  ['ALGORITHM', 'HS256 by the public key', 'one', hmac()],
  ['ALGORITHM', 'eddsa', 'one', token({ alg: 'eddsa', kid: 'a' })],
  ['ALGORITHM', 'Ed448', 'one', token({ alg: 'Ed448', kid: 'a' })],
  ['ALGORITHM', 'ES256', 'one', token({ alg: 'ES256', kid: 'a' })],
  ['ALGORITHM', 'an alg that is empty', 'one', token({ alg: '', kid: 'a' })],
  ['ALGORITHM', 'alg twice, and the last is none', 'one', token(text('{"alg":"EdDSA","alg":"none","kid":"a"}'))],
  ['ALGORITHM', 'none and a crit', 'one', token({ alg: 'none', crit: ['exp'] })],
  ['CRITICAL', 'a crit of what is not known', 'one', token({ ...EDDSA, crit: ['later'], later: 1 })],
  ['CRITICAL', 'a crit of b64', 'one', token({ ...EDDSA, crit: ['b64'], b64: false })],
  ['CRITICAL', 'a crit that is empty', 'one', token({ ...EDDSA, crit: [] })],
  ['CRITICAL', 'a crit of null', 'one', token({ ...EDDSA, crit: null })],
  [
    'CRITICAL',
    'a crit and a kid that is not there',
    'one',
    token({ alg: 'EdDSA', kid: 'c', crit: ['later'], later: 1 }),
  ],
  ['NO_KEY', 'no keys', 'empty', token()],
  ['NO_KEY', 'another kid', 'two', token({ alg: 'EdDSA', kid: 'c' })],
  ['NO_KEY', 'the kid in capitals', 'two', token({ alg: 'EdDSA', kid: 'A' })],
  ['NO_KEY', 'a kid, and a key without one', 'one without a kid', token()],
  ['NO_KEY', 'a kid, and a key whose kid is the number', 'a kid that is a number', token({ alg: 'EdDSA', kid: '1' })],
  ['NO_KEY', 'without a kid, two keys', 'two', token({ alg: 'EdDSA' })],
  ['NO_KEY', 'without a kid, two keys without one', 'two without a kid', token({ alg: 'EdDSA' })],
  ['NO_KEY', 'two keys of the kid', 'two of one kid', token()],
  ['NO_KEY', 'a key for EdDSA, and Ed25519', 'for EdDSA', token({ alg: 'Ed25519', kid: 'a' })],
  ['NO_KEY', 'a key for Ed25519, and EdDSA', 'for Ed25519', token()],
  ['NO_KEY', 'a key to encrypt to', 'to encrypt', token()],
  ['NO_KEY', 'a key to sign with', 'to sign only', token()],
  ['NO_KEY', 'keys of other kinds', 'no Ed25519', token()],
  ['NO_KEY', 'x of 31 bytes', 'x of 31 bytes', token()],
  ['NO_KEY', 'x of 33 bytes', 'x of 33 bytes', token()],
  ['NO_KEY', 'x with padding', 'x with padding', token()],
  ['NO_KEY', 'x with stray bits', 'x with stray bits', token()],
  ['NO_KEY', 'x that is a number', 'x that is a number', token()],
  ['SIGNATURE_INVALID', 'x that is no point', 'x that is no point', token()],
  ['SIGNATURE_INVALID', 'by another key', 'two', token(EDDSA, CLAIMS, B)],
  ['SIGNATURE_INVALID', 'by a key that the token brings', 'two', token({ ...EDDSA, jwk: publicB }, CLAIMS, B)],
  ['SIGNATURE_INVALID', 'other claims', 'one', changed(1, () => encoded(bytesOf({ sub: 'alice', admin: true })))],
  ['SIGNATURE_INVALID', 'claims that are no JSON, and not signed', 'one', changed(1, () => encoded(text('{')))],
  ['SIGNATURE_INVALID', 'another header', 'one', changed(0, () => encoded(bytesOf({ alg: 'Ed25519', kid: 'a' })))],
  [
    'SIGNATURE_INVALID',
    'the same header, written otherwise',
    'one',
    changed(0, () => encoded(text('{"kid":"a","alg":"EdDSA"}'))),
  ],
  ['SIGNATURE_INVALID', 'no signature', 'one', forged(() => Buffer.alloc(0))],
  ['SIGNATURE_INVALID', 'a signature of 63 bytes', 'one', forged((right) => right.subarray(0, 63))],
  ['SIGNATURE_INVALID', 'a signature of 65 bytes', 'one', forged((right) => Buffer.concat([right, Buffer.alloc(1)]))],
  ['SIGNATURE_INVALID', 'a signature of zeros', 'one', forged(() => Buffer.alloc(64))],
  ['SIGNATURE_INVALID', 'a bit of R', 'one', forged((right) => right.map((byte, at) => (at === 0 ? byte ^ 1 : byte)))],
  ['SIGNATURE_INVALID', 'a bit of S', 'one', forged((right) => right.map((byte, at) => (at === 40 ? byte ^ 8 : byte)))],
  ['SIGNATURE_INVALID', 'S that is L too large', 'one', forged(withLargeS)],
];

/** The table, as it is in the file. */
export function tokenCases() {
  const accepted = ACCEPTED.map(([name, jwks, token, claims]) => ({ name, jwks, token, claims }));
  const refused = REFUSED.map(([code, name, jwks, token]) => ({ name, jwks, token, code }));
  return {
    about: [
      'What every language answers to a token and a key set: its claims, or why it is refused. Names are unique.',
      '`bad_key_sets` are an error of the call. All sets may be given parsed and as text.',
      'hosts/javascript/tests/token-cases.mjs writes this file.',
    ],
    key_sets: SETS,
    bad_key_sets: BAD_SETS,
    cases: [...accepted, ...refused],
  };
}

/** @returns {Buffer} what is signed: bytes as they are, anything else as JSON; text is JSON already */
function bytesOf(/** @type {unknown} */ part) {
  if (part instanceof Uint8Array) return Buffer.from(part);
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part));
}

function signature(/** @type {string} */ signed, key = A) {
  return crypto.sign(null, Buffer.from(signed), crypto.createPrivateKey({ key, format: 'jwk' }));
}

function encoded(/** @type {Uint8Array} */ bytes) {
  return Buffer.from(bytes).toString('base64url');
}

function decoded(/** @type {string} */ base64url) {
  return Buffer.from(base64url, 'base64url');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { format } = await import('prettier');
  const options = JSON.parse(readFileSync(new URL('../.prettierrc.json', import.meta.url), 'utf8'));
  writeFileSync(FILE, await format(JSON.stringify(tokenCases()), { ...options, parser: 'json' }));
}
