// EdDSA JSON Web Tokens (RFC 8037), signed by a module.

import { PUBLIC_KEY_LENGTH, uint8Array } from './values.mjs';

/**
 * Makes a signed token of the compact form: header.payload.signature, each in base64url.
 *
 * @param {{ sign(message: string): Uint8Array }} signer a {@link import('./signer.mjs').Signer}
 * @param {Record<string, unknown>} claims the payload
 * @returns {string}
 * @throws {TypeError} if the claims are no object in JSON
 */
export function signToken(signer, claims) {
  const payload = JSON.stringify(claims);
  if (!payload?.startsWith('{')) throw new TypeError('the claims of a token must be an object');
  const header = JSON.stringify({ alg: 'EdDSA', typ: 'JWT' });
  const text = new TextEncoder();
  const signed = [header, payload].map((part) => base64url(text.encode(part))).join('.');
  return `${signed}.${base64url(signer.sign(signed))}`;
}

/**
 * A public key in the form that JWT libraries read.
 *
 * @param {Uint8Array} publicKey 32 bytes
 * @throws {TypeError} for anything else
 */
export function publicJwk(publicKey) {
  const { length } = uint8Array(publicKey, 'a public key');
  if (length !== PUBLIC_KEY_LENGTH) throw new TypeError(`a public key has 32 bytes; this one has ${length}`);
  return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', x: base64url(publicKey) };
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} without padding
 */
export function base64url(bytes) {
  const binary = Array.from(uint8Array(bytes, 'what is encoded'), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * @param {string} text
 * @returns {Uint8Array | undefined} undefined if it is not exactly what {@link base64url} makes of some bytes
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
