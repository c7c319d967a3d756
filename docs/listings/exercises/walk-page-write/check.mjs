import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

const { writeMessage } = await import(pathToFileURL(process.argv[2]));

// A module whose memory grows with each message.
const memory = new WebAssembly.Memory({ initial: 1 });
let allocated = 0;
const exports = {
  memory,
  allocate_message(length) {
    allocated = length;
    return memory.grow(1) * 65536;
  },
};
for (const text of ['hello', '', 'blåbær', '签名', '🔑']) {
  const { ptr, length } = writeMessage(exports, text);
  assert.equal(length, Buffer.byteLength(text), `the length of ${text}`);
  assert.equal(length, allocated, `the bytes allocated for ${text}`);
  assert.equal(Buffer.from(memory.buffer, ptr, length).toString(), text);
}
