// Signs a string with the signer's exports.

export function signText(mod, keypair, text) {
  const pointer = mod.allocate_message(text.length);
  new TextEncoder().encodeInto(text, new Uint8Array(mod.memory.buffer, pointer, text.length));
  new Uint8Array(mod.memory.buffer, mod.get_signing_key_ptr(), 64).set(keypair);
  mod.sign();
  return new Uint8Array(mod.memory.buffer, mod.get_signature_ptr(), 64).slice();
}
