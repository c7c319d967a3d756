// Flips a bit of the seed in a key file of version 1 or 2, and prints what keys.wasm and the signer say: node keys-flipped.mjs VERSION

import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { Keys } from '../../../hosts/javascript/signer/keys.mjs';
import { Signer } from '../../../hosts/javascript/signer/signer.mjs';

const version1 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]);
const key = createPublicKey(createPrivateKey({ key: version1, format: 'der', type: 'pkcs8' }));
const publicKey = key.export({ format: 'der', type: 'spki' }).subarray(12);
const version2 = Buffer.concat([version1, Buffer.from('812100', 'hex'), publicKey]);
version2[1] = version2.length - 2;
version2[4] = 1;

const file = process.argv[2] === '1' ? version1 : version2;
const module = (name) => readFile(`target/modules/${name}.wasm`);
const keys = await Keys.create(await module('keys'));
const sign = async () => {
  const signer = await Signer.fromPrivateKey(await module('signer-raw'), keys.readPrivateKey(file));
  return signer.sign('hello');
};
await sign(); // before the flip, the file is good
file[16] ^= 1; // the first byte of the seed
try {
  keys.readPrivateKey(file).close();
  await sign();
  console.log('nobody');
} catch (error) {
  console.log(error.code);
}
