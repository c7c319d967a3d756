// The keypair that the book prints, and its signature. They are published: good for tests, and for nothing else.

import { fromHex } from './bytes.mjs';

export const PUBLISHED_KEY = fromHex(
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
    '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f',
);

/** Of `hello`, as the book prints it. */
export const SIGNATURE_OF_HELLO = fromHex(
  '5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3' +
    'd82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303',
);
