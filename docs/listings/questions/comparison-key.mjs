// Whether each library signs with a key whose public half belongs to another seed.
import { createRequire } from 'node:module';
import path from 'node:path';

const nacl = createRequire(path.resolve('package.json'))('tweetnacl');
const key = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(1)).secretKey;
key.set(nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(2)).publicKey, 32);
try {
  console.log(nacl.sign.detached(new Uint8Array(5), key).length);
} catch (error) {
  console.log(error.name);
}
