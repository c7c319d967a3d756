// Why a call was refused: the codes of every language, in words.

import { CODES } from './codes.mjs';

/** Why a call was refused. `code` is the same name in every language; the message is for people. */
export class SignerError extends Error {
  /**
   * @param {Code} code a stable name, such as `KEY_PAIR_MISMATCH`
   * @param {string} message
   * @param {unknown} [cause] what the host threw, where the module trapped
   */
  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SignerError';
    this.code = code;
  }
}

/**
 * A stable name of codes.mjs.
 *
 * @typedef {Exclude<keyof typeof CODES, 'OK'>} Code
 */

/**
 * The refusals that come from the module, in words.
 *
 * @type {Partial<Record<Code, string>>}
 */
const REFUSALS = {
  NO_MESSAGE: 'no message was allocated since the start or the last wipe',
  NO_KEY: 'no key is held; load one with loadKey',
  KEY_PAIR_MISMATCH: 'the public half of the keypair does not belong to its seed',
  MESSAGE_TOO_LARGE: 'the message is longer than the module takes',
  OUT_OF_MEMORY: 'linear memory could not grow enough for this call',
  BATCH_LAYOUT: 'the batch has too many messages, or its lengths do not add up',
  SELF_TEST_FAILED:
    'the module computed a known answer wrongly on this host and refuses to work here; use another module',
  KEY_LENGTH: 'the private key in the file has not 32 bytes',
  PUBLIC_KEY_LENGTH: 'the public key in the file has not 32 bytes',
  KEY_FORMAT: 'this is neither PEM nor DER nor a JWK with a key',
  KEY_PEM: 'the PEM is damaged: no END line belongs to its BEGIN line, or what is between them is not base64',
  KEY_DER:
    'the DER is damaged, or is not laid out as RFC 8410 says: PKCS#8 for a private key, SubjectPublicKeyInfo for a public one',
  KEY_JWK:
    'the JWK is not a JSON object, or one of kty, crv, x and d is missing, there twice, or not text as RFC 8037 says',
  KEY_ALGORITHM: 'the key is for another algorithm than Ed25519',
  KEY_ENCRYPTED: 'the private key is encrypted; decrypt it first, for example with openssl pkey',
  KEY_IS_PUBLIC: 'this is a public key; expected a private one',
  KEY_IS_PRIVATE: 'this is a private key; expected a public one. Do not hand it on',
  KEY_TOO_LARGE: 'the file is longer than the module takes',
};

export const closed = () => new SignerError('CLOSED', 'this object was closed; make a new one');

/** @param {number} status of an export */
export function expectOk(status) {
  if (status === CODES.OK) return;
  const code = /** @type {Code[]} */ (Object.keys(REFUSALS)).find((name) => CODES[name] === status);
  if (!code) throw new Error(`the module returned ${status}, which is no status of this ABI`);
  throw new SignerError(code, /** @type {string} */ (REFUSALS[code]));
}

/** @param {unknown} error */
export function isTrap(error) {
  return error instanceof SignerError && error.code === 'TRAPPED';
}

/**
 * Whether something failed because the stack was full, so that it can be tried again later. An export throws a
 * RangeError for nothing else; making an instance may also throw one because the host gives no more memory.
 *
 * @param {unknown} error
 */
export function isStackOverflow(error) {
  if (isTrap(error)) return isOfStack(/** @type {SignerError} */ (error).cause);
  if (!isOfStack(error)) return false;
  return !hasStack(1000);
}

/** @param {unknown} error Firefox calls it InternalError */
function isOfStack(error) {
  return error instanceof RangeError || (error instanceof Error && error.name === 'InternalError');
}

/**
 * @param {number} calls
 * @returns {boolean} whether the stack has room for so many more calls
 */
function hasStack(calls) {
  try {
    return calls === 0 || hasStack(calls - 1);
  } catch {
    return false;
  }
}
