// Signs every line of a string with one key.

export function signLines(signer, keypair, text) {
  return text.split('\n').map((line) => signer.signWith(keypair, line));
}
