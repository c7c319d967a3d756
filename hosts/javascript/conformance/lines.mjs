// Lines of a stream, up to 64 MiB each.

import { Buffer } from 'node:buffer';

import { MAX_LINE_LENGTH } from './bytes.mjs';

const NEWLINE = 0x0a;

/**
 * @param {AsyncIterable<Uint8Array>} stream
 * @param {number} [maxLength] in bytes
 * @returns {AsyncGenerator<string>}
 * @throws {Error} for a line that is longer, as soon as that is known
 */
export async function* readLines(stream, maxLength = MAX_LINE_LENGTH) {
  /** @type {Uint8Array[]} */
  let parts = [];
  let length = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      check(length + end - start, maxLength);
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
    }
    // Parts are only joined when the line is whole: a long line comes in a thousand of them.
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    check(length, maxLength);
  }
  if (length > 0) yield Buffer.concat(parts).toString('utf8');
}

function check(/** @type {number} */ length, /** @type {number} */ maxLength) {
  if (length > maxLength) throw new Error(`a line of over ${maxLength} bytes; that is the protocol's limit`);
}
