// Signs every line of a string with one key.

// ANCHOR: lines
export function signLines(signer, keypair, text) {
  signer.loadKey(keypair);
  try {
    return signer.signMany(text.split('\n'));
  } finally {
    signer.wipe();
  }
}
// ANCHOR_END: lines
