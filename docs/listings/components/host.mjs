// Signs with the signer as a component, through the JavaScript that jco has written for it.

// ANCHOR: sign
import { ed25519, heldKey } from './signer.js';

const hello = new TextEncoder().encode('hello');
const seed = new Uint8Array(32).fill(7);
const keypair = Uint8Array.of(...seed, ...ed25519.derivePublicKey(seed));

const signer = new heldKey.Signer();
signer.loadKey(keypair);
console.log('signature:', Buffer.from(signer.sign(hello)).toString('hex'));

keypair[63] ^= 1;
try {
  signer.loadKey(keypair);
} catch (error) {
  console.log('refused:', error.payload); // a ComponentError
}

try {
  signer.signWith(keypair, hello);
} catch {
  try {
    signer.publicKey();
  } catch (error) {
    console.log('after a trap:', error.message);
  }
}
// ANCHOR_END: sign
