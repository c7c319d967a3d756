// ANCHOR: all
/**
 * Returns the function `upper(bytes)` for an instance of the module: the text in capitals, as a string.
 * Throws a TypeError if the bytes are not UTF-8. Whatever happens, nothing stays allocated.
 */
export function glue({ memory, malloc, free, upper }) {
  return bytes => {
    const ptr = malloc(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, ptr);
    const result = malloc(8);
    upper(ptr, bytes.length, result);
    const [textPtr, textLength] = new Uint32Array(memory.buffer, result, 2);
    return new TextDecoder().decode(new Uint8Array(memory.buffer, textPtr, textLength));
  };
}
// ANCHOR_END: all
