// ANCHOR: all
/**
 * Writes a text into the memory of a module that exports `memory` and `allocate_message`.
 * Returns where it is, and how many bytes it has there.
 */
export function writeMessage({ memory, allocate_message }, text) {
  const view = new Uint8Array(memory.buffer);
  const ptr = allocate_message(text.length);
  const { written } = new TextEncoder().encodeInto(text, view.subarray(ptr, ptr + text.length));
  return { ptr, length: written };
}
// ANCHOR_END: all
