// ANCHOR: all
import { KEY } from './key.mjs';
import { loadSigner } from './signer.mjs';

const input = document.querySelector('#message');
const output = document.querySelector('#signature');
const signText = await loadSigner(fetch('token_signer.wasm'));

function show() {
  const signature = signText(input.value, KEY);
  output.value = Array.from(signature, byte => byte.toString(16).padStart(2, '0')).join('');
}
input.addEventListener('input', show);
show();
// ANCHOR_END: all
