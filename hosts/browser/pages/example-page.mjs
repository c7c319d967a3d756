import { toHex } from '../../javascript/conformance/bytes.mjs';
import { Signer } from '../../javascript/signer/signer.mjs';
import { publicJwk } from '../../javascript/signer/token.mjs';
import { importJWK, jwtVerify } from '/vendor/jose/index.js';

import { element, onSign, say } from './ui.mjs';

// ANCHOR: load
const module = await WebAssembly.compileStreaming(fetch('/modules/signer-raw.wasm'));
// ANCHOR_END: load

onSign(async (message, key) => {
  for (const id of ['public-key', 'signature', 'token', 'verified']) element(id).textContent = '';
  // ANCHOR: sign
  const signer = await Signer.create(module, key);
  try {
    const signature = signer.sign(message);
    // ANCHOR_END: sign
    const token = signer.signToken({ message });
    const verified = await jwtVerify(token, await importJWK(publicJwk(signer.publicKey)));
    if (verified.payload.message !== message) throw new Error('jose read other claims than were signed');
    element('public-key').textContent = toHex(signer.publicKey);
    element('signature').textContent = toHex(signature);
    element('token').textContent = token;
    element('verified').textContent = `verified, ${verified.protectedHeader.alg}`;
    say('good', 'Signed, and verified by jose.');
    // ANCHOR: close
  } finally {
    signer.close();
  }
  // ANCHOR_END: close
});
