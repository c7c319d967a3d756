// Signs a string with the signer's exports.

// ANCHOR: sign
export function signText(mod, keypair, text) {
  if (!text.isWellFormed()) throw new TypeError('half of a surrogate pair has no UTF-8');
  const bytes = new TextEncoder().encode(text);
  const pointer = mod.allocate_message(bytes.length) >>> 0;
  new Uint8Array(mod.memory.buffer, pointer, bytes.length).set(bytes);
  // ANCHOR_END: sign
  new Uint8Array(mod.memory.buffer, mod.get_signing_key_ptr(), 64).set(keypair);
  mod.sign();
  return new Uint8Array(mod.memory.buffer, mod.get_signature_ptr(), 64).slice();
}
