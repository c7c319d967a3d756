// Signs through the canonical ABI of the component's core module.

const SIGN = 'everyhost:signer/ed25519@0.1.0#sign';

function pass(core, bytes) {
  const at = core.cabi_realloc(0, 0, 1, bytes.length) >>> 0;
  new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
  return [at, bytes.length];
}

// ANCHOR: sign
export function sign(core, keypair, message) {
  const at = core[SIGN](...pass(core, keypair), ...pass(core, message)) >>> 0;
  try {
    const result = new DataView(core.memory.buffer, at, 12);
    if (result.getUint8(0) !== 0) throw new Error(`refused: ${result.getUint8(4)}`);
    return new Uint8Array(core.memory.buffer, result.getUint32(4, true), result.getUint32(8, true)).slice();
  } finally {
    core[`cabi_post_${SIGN}`](at);
  }
}
// ANCHOR_END: sign
