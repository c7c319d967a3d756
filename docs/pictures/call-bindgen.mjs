// docs/src/pictures/call-bindgen.svg: the path of one signature through the wasm-bindgen face.

import { printCall } from './lib/call.mjs';

printCall({
  title: 'One signature through the wasm-bindgen face',
  host: 'your page and its glue',
  module: 'token_signer_bg.wasm',
  steps: [
    { way: 'host', call: 'sign_message(m, key)', what: 'your call: two arrays, one back' },
    {
      way: 'to',
      call: 'passArray8ToWasm0 → __wbindgen_malloc(len)',
      what: 'glue: room for the message, then a copy into it',
    },
    { way: 'to', call: 'passArray8ToWasm0 → __wbindgen_malloc(64)', what: 'glue: the same for the key' },
    { way: 'to', call: 'wasm.sign_message(ptr0, len0, ptr1, len1)', what: 'glue: what crosses is four numbers' },
    { way: 'module', call: 'your Rust', what: 'two &[u8], freed after' },
    { way: 'from', call: 'pointer, length, error and a flag', what: 'glue: throws the error, or copies the signature' },
    { way: 'to', call: '__wbindgen_free(ptr, len)', what: 'glue: gives the room of the signature back' },
  ],
  foot: ['The same traffic as in the raw face. The glue is JavaScript; other', 'languages call the raw face.'],
});
