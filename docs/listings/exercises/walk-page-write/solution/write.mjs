// ANCHOR: all
/**
 * Writes a text into the memory of a module that exports `memory` and `allocate_message`.
 * Returns where it is, and how many bytes it has there.
 */
export function writeMessage({ memory, allocate_message }, text) {
  const bytes = new TextEncoder().encode(text);
  const ptr = allocate_message(bytes.length) >>> 0;
  new Uint8Array(memory.buffer, ptr, bytes.length).set(bytes);
  return { ptr, length: bytes.length };
}
// ANCHOR_END: all
