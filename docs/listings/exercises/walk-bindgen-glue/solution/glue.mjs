// ANCHOR: all
/**
 * Returns the function `upper(bytes)` for an instance of the module: the text in capitals, as a string.
 * Throws a TypeError if the bytes are not UTF-8. Whatever happens, nothing stays allocated.
 */
export function glue({ memory, malloc, free, upper }) {
  return bytes => {
    const ptr = malloc(bytes.length) >>> 0;
    const result = malloc(8) >>> 0;
    try {
      new Uint8Array(memory.buffer).set(bytes, ptr);
      if (!upper(ptr, bytes.length, result)) throw new TypeError('not UTF-8');
      const [textPtr, textLength] = new Uint32Array(memory.buffer, result, 2);
      const text = new Uint8Array(memory.buffer, textPtr, textLength).slice();
      free(textPtr, textLength);
      return new TextDecoder().decode(text);
    } finally {
      free(ptr, bytes.length);
      free(result, 8);
    }
  };
}
// ANCHOR_END: all
