// docs/src/pictures/call-raw.svg: the path of one signature through the raw interface.

import { printCall } from './lib/call.mjs';

printCall({
  title: 'One signature through the raw interface',
  host: 'your program',
  module: 'signer-raw.wasm',
  steps: [
    ['host', 'encode the text', 'UTF-8; count bytes, not letters'],
    ['to', 'allocate_message(len) → pointer', 'numbers cross; memory may grow, old views die'],
    ['to', 'write len bytes at the pointer', 'no call: the host writes into linear memory'],
    ['to', 'get_signing_key_ptr() → pointer, write 64 bytes', 'a fixed buffer: the host has to check the length'],
    ['to', 'try_sign() → status', '0 is done; anything else says why not'],
    ['module', 'check pair, sign', 'the signature stays in memory'],
    ['from', 'get_signature_ptr() → pointer, copy 64 bytes', 'a copy, because a view dies with the next growth'],
  ],
  foot: ['Four calls, numbers only. Any language that can call an export', 'and reach linear memory can do this.'],
});
