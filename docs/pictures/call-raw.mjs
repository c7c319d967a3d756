// docs/src/pictures/call-raw.svg: the path of one signature through the raw face.

import { printCall } from './lib/call.mjs';

printCall({
  title: 'One signature through the raw face',
  host: 'your program',
  module: 'signer-raw.wasm',
  steps: [
    { way: 'host', call: 'encode the text', what: 'UTF-8; count bytes, not letters' },
    { way: 'to', call: 'allocate_message(len) → pointer', what: 'numbers cross; memory may grow, old views die' },
    { way: 'to', call: 'write len bytes at the pointer', what: 'no call: the host writes into linear memory' },
    {
      way: 'to',
      call: 'get_signing_key_ptr() → pointer, write 64 bytes',
      what: 'a fixed buffer: the host has to check the length',
    },
    { way: 'to', call: 'try_sign() → status', what: '0 is done; anything else says why not' },
    { way: 'module', call: 'check pair, sign', what: 'the signature stays in memory' },
    {
      way: 'from',
      call: 'get_signature_ptr() → pointer, copy 64 bytes',
      what: 'a copy, because a view dies with the next growth',
    },
  ],
  foot: ['Four calls, numbers only. Any language that can call an export', 'and reach linear memory can do this.'],
});
