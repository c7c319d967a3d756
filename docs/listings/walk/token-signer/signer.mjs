// ANCHOR: all
/** Loads the module from a `Response`, and returns the function that signs a string. */
export async function loadSigner(response) {
  const { instance } = await WebAssembly.instantiateStreaming(response);
  const { memory, allocate_message, get_signing_key_ptr, get_signature_ptr, sign } =
    instance.exports;

  return function signText(text, keypair) {
    if (keypair.length !== 64) throw new RangeError('a keypair has 64 bytes');
    const message = new TextEncoder().encode(text);
    const message_ptr = allocate_message(message.length);
    // Make views only now: if that call grew memory, older views are empty.
    new Uint8Array(memory.buffer, message_ptr, message.length).set(message);
    new Uint8Array(memory.buffer, get_signing_key_ptr(), 64).set(keypair);

    sign();

    // A copy: the module writes the next signature to the same place.
    return new Uint8Array(memory.buffer, get_signature_ptr(), 64).slice();
  };
}
// ANCHOR_END: all
