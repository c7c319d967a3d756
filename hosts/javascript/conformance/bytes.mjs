// Bytes as the vectors write them: lower-case hex, or {"repeat": "61", "times": 1048576}.

/** The longest line of the protocol, its newline not counted. */
export const MAX_LINE_LENGTH = 64 * 1024 * 1024;
const DIGITS = '0123456789abcdef';
/** The two digits of each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => DIGITS[byte >> 4] + DIGITS[byte & 15]);

/** @returns {string} */
export function toHex(/** @type {Uint8Array} */ bytes) {
  let hex = '';
  for (const byte of bytes) hex += HEX[byte];
  return hex;
}

/**
 * @param {string} hex an even number of lower-case digits
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromHex(hex) {
  if (hex.length % 2 !== 0) throw new TypeError(`${hex.length} hex digits are half a byte too many or too few`);
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < hex.length; at += 1) {
    bytes[at >> 1] = (bytes[at >> 1] << 4) | digit(hex, at);
  }
  return bytes;
}

/** @returns {number} how many bytes that is, without making them */
export function byteLength(/** @type {string | { repeat: string, times: number }} */ written) {
  if (typeof written === 'string') return written.length / 2;
  const { repeat, times } = written ?? {};
  if (typeof repeat !== 'string' || !Number.isSafeInteger(times) || times < 0)
    throw new TypeError(`expected bytes in hex, or { repeat, times }, not ${JSON.stringify(written)}`);
  return (repeat.length / 2) * times;
}

/** @returns {Uint8Array<ArrayBuffer>} */
export function toBytes(/** @type {string | { repeat: string, times: number }} */ written) {
  if (typeof written === 'string') return fromHex(written);
  const length = byteLength(written);
  if (length > MAX_LINE_LENGTH)
    throw new RangeError(`${length} bytes are more than a line of the protocol can be: ${MAX_LINE_LENGTH}`);
  const bytes = new Uint8Array(length);
  const unit = fromHex(written.repeat);
  bytes.set(unit.subarray(0, bytes.length));
  // Doubling what is there takes a few steps even for megabytes.
  for (let done = unit.length; done > 0 && done < bytes.length; done *= 2) bytes.copyWithin(done, 0, done);
  return bytes;
}

function digit(/** @type {string} */ hex, /** @type {number} */ at) {
  const code = hex.charCodeAt(at);
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  throw new TypeError(`wrong hex digit ${JSON.stringify(hex[at])} at position ${at}; bytes are lower-case hex`);
}
