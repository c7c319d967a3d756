// Writes tar archives as npm has them: everything in the folder `package`, of nobody, and of npm's own date.

import { Buffer } from 'node:buffer';

const BLOCK = 512;

/**
 * @param {Map<string, string | Uint8Array>} files by their paths, of at most 92 letters
 * @returns {Buffer}
 */
export function tarOf(files) {
  const parts = [...files].flatMap(([name, contents]) => {
    const bytes = Buffer.from(contents);
    return [headOf(`package/${name}`, bytes.length), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/**
 * @param {string} name
 * @param {number} size in bytes
 */
function headOf(name, size) {
  const head = Buffer.alloc(BLOCK);
  const octal = (/** @type {number} */ value, /** @type {number} */ at, /** @type {number} */ digits) =>
    head.write(value.toString(8).padStart(digits, '0'), at);
  head.write(name, 0, 100);
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Date.UTC(1985, 9, 26, 8, 15) / 1000, 136, 11);
  head.write('        0', 148);
  head.write('ustar\0' + '00', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  octal(sum, 148, 6);
  head.write('\0 ', 154);
  return head;
}
