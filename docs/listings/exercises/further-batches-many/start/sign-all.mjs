// Signs every line of a text with one key.

export function signLines(signer, keypair, text) {
  return text.split('\n').map((line) => signer.signWith(keypair, line));
}
