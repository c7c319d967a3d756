// Prints which of three results outlives the growth of memory.

const memory = new WebAssembly.Memory({ initial: 1 });
const view = new Uint8Array(memory.buffer, 1024, 64).fill(7);
const results = {
  'view.subarray()': view.subarray(),
  'view.slice()': view.slice(),
  'new Uint8Array(view.buffer, 1024, 64)': new Uint8Array(view.buffer, 1024, 64),
};
memory.grow(1);
for (const [code, bytes] of Object.entries(results)) if (bytes[63] === 7) console.log(code);
