// ANCHOR: all
// Published in a book: good for tests, and for nothing else.
export const KEY = new Uint8Array([
  254, 114, 130, 212, 33, 69, 193, 93, 12, 15, 108, 76, 19, 198, 118, 148,
  193, 62, 78, 4, 9, 157, 188, 191, 132, 137, 188, 31, 54, 103, 246, 191,
  62, 57, 59, 247, 76, 246, 60, 248, 227, 133, 30, 160, 254, 106, 146, 229,
  101, 149, 245, 6, 148, 125, 124, 102, 49, 14, 108, 234, 201, 122, 62, 159,
]);

export const SIGNATURE_OF_HELLO =
  '5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3' +
  'd82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303';
// ANCHOR_END: all
