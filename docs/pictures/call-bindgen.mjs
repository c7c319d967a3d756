// docs/src/pictures/call-bindgen.svg: the path of one signature through the wasm-bindgen interface.

import { printCall } from './lib/call.mjs';

printCall({
  title: 'One signature through the wasm-bindgen interface',
  host: 'your page and its glue',
  module: 'token_signer_bg.wasm',
  steps: [
    ['host', 'sign_message(m, key)', 'your call: two arrays, one back'],
    ['to', 'passArray8ToWasm0 → __wbindgen_malloc(len)', 'glue: a buffer for the message, then a copy into it'],
    ['to', 'passArray8ToWasm0 → __wbindgen_malloc(64)', 'glue: the same for the key'],
    ['to', 'wasm.sign_message(ptr0, len0, ptr1, len1)', 'glue: what crosses is four numbers'],
    ['module', 'your Rust', 'two &[u8], freed after'],
    ['from', 'pointer, length, error and a flag', 'glue: throws the error, or copies the signature'],
    ['to', '__wbindgen_free(ptr, len)', 'glue: frees the signature'],
  ],
  foot: [
    'The same traffic as in the raw interface. The glue is JavaScript; other',
    'languages call the raw interface.',
  ],
});
