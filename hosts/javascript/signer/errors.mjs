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
};

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
