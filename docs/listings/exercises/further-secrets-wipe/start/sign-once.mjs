// Signs one message with a key that is used only once.

export function signOnce(mod, keypair, message) {
  new Uint8Array(mod.memory.buffer, mod.get_signing_key_ptr(), 64).set(keypair);
  const status = mod.load_key();
  if (status !== 0) throw new Error(`the key was refused: ${status}`);
  const pointer = mod.allocate_message(message.length) >>> 0;
  if (pointer === 0) throw new Error('the message is too large');
  new Uint8Array(mod.memory.buffer, pointer, message.length).set(message);
  mod.sign_loaded();
  return new Uint8Array(mod.memory.buffer, mod.get_signature_ptr(), 64);
}
