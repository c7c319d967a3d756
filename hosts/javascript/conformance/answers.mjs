// What an error becomes in the protocol: a code, a trap, or the adapter's own failure. Neutral: every adapter in
// JavaScript shares it. hosts/CONTRACT.md is the contract.

/** @typedef {Record<string, any>} Json */

/** What the adapter itself answers with a code. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} [detail] for people; never judged
   */
  constructor(code, detail) {
    super(detail ?? code);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * @param {() => Json} work
 * @param {(error: unknown) => boolean} [isTrap] for work that does not go through a wrapper
 * @returns {Json} an answer of the protocol
 */
export function answer(work, isTrap) {
  try {
    return { ok: work() };
  } catch (error) {
    return answerOfError(error, isTrap);
  }
}

/**
 * A step of a session. An error without a code is the request's: it is the answer to all of it.
 *
 * @returns {Json}
 */
export function answerStep(/** @type {() => Json} */ work) {
  try {
    return { ok: work() };
  } catch (error) {
    const answered = answerOfError(error);
    if ('unsupported' in answered) throw error;
    return answered;
  }
}

/** @returns {Promise<Json>} */
export async function answerLater(/** @type {() => Json | Promise<Json>} */ work) {
  try {
    return { ok: await work() };
  } catch (error) {
    return answerOfError(error);
  }
}

/** @type {(error: unknown, isTrap?: (error: unknown) => boolean) => Json} */
function answerOfError(error, isTrap = () => false) {
  if (isTrap(error)) return trapOf(error);
  if (error instanceof Refusal) return { error: error.code, ...(error.detail && { detail: error.detail }) };
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'TRAPPED') return trapOf(/** @type {Error} */ (error).cause);
  return code ? { error: code } : { unsupported: `the adapter failed: ${error}` };
}

/**
 * @param {unknown} error that a call threw
 * @returns {{ trap: true, detail: string }}
 */
export function trapOf(error) {
  return { trap: true, detail: wordsOf(error) };
}

/** @param {unknown} error that a call or a start function threw */
export function wordsOf(error) {
  return isStackOverflow(error) ? `stack overflow: ${error}` : String(error);
}

/**
 * @returns {boolean} a RangeError, or Firefox's InternalError: a module without imports throws neither for another reason
 */
export function isStackOverflow(/** @type {unknown} */ error) {
  return error instanceof RangeError || (error instanceof Error && error.name === 'InternalError');
}
