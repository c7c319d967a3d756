// EdDSA JSON Web Tokens (RFC 8037, RFC 9864), signed by a module.

import { kindOf, plain, PUBLIC_KEY_LENGTH, uint8Array } from './values.mjs';

/**
 * What {@link import('./signer.mjs').Signer.signToken} does, for whatever signs.
 *
 * @param {{ sign(message: string): Uint8Array }} signer
 * @param {Record<string, unknown>} claims the payload
 * @param {TokenOptions} [options]
 * @returns {string}
 * @throws {TypeError} if the claims are no object in JSON, or have what JSON.stringify would change: NaN, infinity, half a surrogate
 *   pair
 */
export function signToken(signer, claims, { alg = 'EdDSA', kid } = {}) {
  const payload = JSON.stringify(claims, plain);
  if (!payload?.startsWith('{')) throw new TypeError('the claims of a token must be an object');
  if (alg !== 'EdDSA' && alg !== 'Ed25519') throw new TypeError(`alg must be 'EdDSA' or 'Ed25519', not ${String(alg)}`);
  if (kid !== undefined && typeof kid !== 'string') throw new TypeError(`kid must be text, not ${kindOf(kid)}`);
  const header = JSON.stringify({ alg, typ: 'JWT', kid }, plain);
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
 * @typedef {object} TokenOptions
 * @property {'EdDSA' | 'Ed25519'} [alg] what the header calls the algorithm: RFC 8037's name for it, which every library
 *   knows, or RFC 9864's. The signature is the same
 * @property {string} [kid] which key of a set it is, for the header
 */
