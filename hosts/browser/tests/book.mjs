// What the book gives: its signature, and a key like its own.

/** The signature of `hello` by the key of the book, as the book prints it. */
export const SIGNATURE_OF_HELLO = [
  95, 215, 84, 162, 41, 169, 4, 227, 39, 241, 140, 48, 65, 236, 149, 58, 146, 109, 35, 77, 1, 85, 7, 44, 186, 226, 174,
  250, 173, 210, 216, 163, 216, 35, 100, 178, 130, 13, 37, 8, 70, 150, 212, 194, 137, 40, 247, 7, 208, 108, 178, 192,
  86, 219, 53, 104, 166, 51, 186, 100, 27, 15, 3, 3,
];

/** The same as hex. */
export const SIGNATURE_HEX = Buffer.from(SIGNATURE_OF_HELLO).toString('hex');

/** A key whose halves do not belong together, as hex. */
export const MISMATCHED_KEY =
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
  '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9e';
