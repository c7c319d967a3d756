// Signs as the book's first listing does, and notes each call. One thing is different: the length that is passed is that
// of the UTF-8 bytes, not the listing's count of UTF-16 units, which cuts every text short that is not plain ASCII.

import { element, onSign, say, saySigned, showBytes } from './ui.mjs';

const { module } = await WebAssembly.instantiateStreaming(fetch('/modules/signer-raw.wasm'), {});

onSign((message, key) => {
  showBytes('signature', undefined);
  if (key.length !== 64) return say('bad', `A keypair has 64 bytes; this one has ${key.length}.`);
  // A new instance each time: one that trapped must not be called again.
  const mod = /** @type {any} */ (new WebAssembly.Instance(module, {}).exports);
  /** @type {string[]} */
  const calls = [];
  const call = (/** @type {string} */ name, /** @type {number[]} */ ...args) => {
    calls.push(`${name}(${args.join(', ')})`);
    const result = mod[name](...args);
    if (result !== undefined) calls[calls.length - 1] += ` → ${result >>> 0}`;
    return result >>> 0;
  };
  const note = (/** @type {string} */ text) => calls.push(`  ${text}`);
  try {
    const bytes = new TextEncoder().encode(message);
    const messagePointer = call('allocate_message', bytes.length);
    if (messagePointer === 0) return say('bad', 'The message is over 16 MiB.');
    new Uint8Array(mod.memory.buffer, messagePointer, bytes.length).set(bytes);
    note(`the message is written there: ${bytes.length} bytes (${message.length} UTF-16 units)`);
    new Uint8Array(mod.memory.buffer, call('get_signing_key_ptr'), 64).set(key);
    note('the keypair is written there: 64 bytes');
    call('sign');
    const signature = new Uint8Array(mod.memory.buffer, call('get_signature_ptr'), 64).slice();
    note('the signature is read there: 64 bytes');
    note(`linear memory has ${mod.memory.buffer.byteLength / 65536} pages of 64 KiB`);
    showBytes('signature', signature);
    saySigned(message, key, signature);
  } catch (error) {
    note(`trapped: ${error}`);
    say('bad', 'The module trapped: the public half of the key does not belong to its seed.');
  } finally {
    element('calls').textContent = calls.join('\n');
  }
});
